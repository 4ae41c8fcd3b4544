// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.delta;

import io.millrace.contracts.delta.Delta.Batch;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Sync.Encoding;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.MalformedSafetensorsException;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Deltas to and from safetensors: {@code batches} I64 {@code [steps,3]} (first offset, next offset, samples), {@code dead}
 * F64, {@code statistics} F32, {@code parameters} F32 or BF16, {@code buffer.<k>} F32, all flat, and everything else as
 * strings in {@code __metadata__}: what is small comes first. Stateless.
 */
public final class DeltaCodec {
    /** The version of the layout; another one is refused. */
    public static final String FORMAT_VERSION = "1";

    private static final int COLUMNS = 3;
    private static final String BUFFER = "buffer.";

    private DeltaCodec() {}

    /**
     * The bytes of a delta, which travel in chunks.
     *
     * @param encoding of its parameters
     */
    public static byte[] encode(Delta delta, Encoding encoding) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format_version", FORMAT_VERSION);
        metadata.put("run", delta.run());
        metadata.put("from", Long.toString(delta.from()));
        metadata.put("to", Long.toString(delta.to()));
        metadata.put("replica", Integer.toString(delta.replica()));
        metadata.put("weights", delta.weights());
        metadata.put("loss", Double.toString(delta.loss()));
        metadata.put("accuracy", Double.toString(delta.accuracy()));
        metadata.put("samples", Long.toString(delta.samples()));
        metadata.put("updates", Long.toString(delta.updates()));
        List<Tensor> tensors = new ArrayList<>();
        tensors.add(batches(delta.batches()));
        ByteBuffer dead = bytes(delta.dead().length * Double.BYTES);
        dead.asDoubleBuffer().put(delta.dead());
        tensors.add(new Tensor("dead", DType.F64, List.of((long) delta.dead().length), dead));
        tensors.add(floats("statistics", delta.statistics()));
        tensors.add(
                encoding == Encoding.BF16
                        ? halves("parameters", delta.parameters())
                        : floats("parameters", delta.parameters()));
        for (int k = 0; k < delta.buffers().size(); k++) {
            tensors.add(floats(BUFFER + k, delta.buffers().get(k)));
        }
        return Safetensors.of(metadata, tensors).toBytes();
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static Tensor batches(List<Batch> batches) {
        ByteBuffer data = bytes(batches.size() * COLUMNS * Long.BYTES);
        for (Batch batch : batches) {
            data.putLong(batch.records().from()).putLong(batch.records().to()).putLong(batch.samples());
        }
        return new Tensor("batches", DType.I64, List.of((long) batches.size(), (long) COLUMNS), data.flip());
    }

    private static Tensor floats(String name, float[] values) {
        ByteBuffer data = bytes(values.length * Float.BYTES);
        data.asFloatBuffer().put(values);
        return new Tensor(name, DType.F32, List.of((long) values.length), data);
    }

    private static Tensor halves(String name, float[] values) {
        ByteBuffer data = bytes(values.length * Short.BYTES);
        for (float value : values) {
            data.putShort(Bfloat16.of(value));
        }
        return new Tensor(name, DType.BF16, List.of((long) values.length), data.flip());
    }

    /**
     * Reads what {@link #encode} wrote; parameters come back as float32 in either encoding.
     *
     * @throws MalformedDeltaException saying what is wrong
     */
    public static Delta decode(ByteBuffer bytes) throws MalformedDeltaException {
        try {
            Safetensors file = Safetensors.parse(bytes);
            Map<String, String> metadata = file.metadata();
            String version = required(metadata, "format_version");
            if (!version.equals(FORMAT_VERSION)) {
                throw new MalformedDeltaException(
                        "unknown format_version " + version + "; this reader knows " + FORMAT_VERSION);
            }
            List<float[]> buffers = new ArrayList<>();
            for (Tensor tensor : file.tensors()) {
                if (tensor.name().startsWith(BUFFER)) {
                    buffers.add(floats(file.tensor(BUFFER + buffers.size())));
                }
            }
            return new Delta(
                    required(metadata, "run"),
                    Long.parseLong(required(metadata, "from")),
                    Long.parseLong(required(metadata, "to")),
                    Integer.parseInt(required(metadata, "replica")),
                    required(metadata, "weights"),
                    Double.parseDouble(required(metadata, "loss")),
                    Double.parseDouble(required(metadata, "accuracy")),
                    Long.parseLong(required(metadata, "samples")),
                    Long.parseLong(required(metadata, "updates")),
                    batches(file.tensor("batches")),
                    floats(file.tensor("parameters")),
                    buffers,
                    floats(file.tensor("statistics")),
                    doubles(file.tensor("dead")));
        } catch (MalformedSafetensorsException | IllegalArgumentException | ArithmeticException e) {
            throw new MalformedDeltaException(e.getMessage(), e);
        }
    }

    private static List<Batch> batches(Tensor tensor) throws MalformedDeltaException {
        if (tensor.dtype() != DType.I64
                || tensor.shape().size() != 2
                || tensor.shape().get(1) != COLUMNS) {
            throw new MalformedDeltaException(
                    "batches should be I64 [steps," + COLUMNS + "], they are " + tensor.dtype() + " " + tensor.shape());
        }
        ByteBuffer data = tensor.data();
        List<Batch> batches = new ArrayList<>();
        while (data.hasRemaining()) {
            OffsetRange records = new OffsetRange(data.getLong(), data.getLong());
            batches.add(new Batch(records, Math.toIntExact(data.getLong())));
        }
        return batches;
    }

    private static float[] floats(Tensor tensor) throws MalformedDeltaException {
        float[] values = new float[Math.toIntExact(tensor.elements())];
        ByteBuffer data = tensor.data();
        switch (tensor.dtype()) {
            case F32 -> data.asFloatBuffer().get(values);
            case BF16 -> {
                for (int k = 0; k < values.length; k++) {
                    values[k] = Bfloat16.toFloat(data.getShort());
                }
            }
            default ->
                throw new MalformedDeltaException(tensor.name() + " should be F32 or BF16, it is " + tensor.dtype());
        }
        return values;
    }

    private static double[] doubles(Tensor tensor) throws MalformedDeltaException {
        if (tensor.dtype() != DType.F64) {
            throw new MalformedDeltaException(tensor.name() + " should be F64, it is " + tensor.dtype());
        }
        double[] values = new double[Math.toIntExact(tensor.elements())];
        tensor.data().asDoubleBuffer().get(values);
        return values;
    }

    private static String required(Map<String, String> metadata, String key) throws MalformedDeltaException {
        String value = metadata.get(key);
        if (value == null) {
            throw new MalformedDeltaException("the metadata \"" + key + "\" is missing");
        }
        return value;
    }
}
