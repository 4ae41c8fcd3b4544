// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.batch;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.MalformedSafetensorsException;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Batches to and from safetensors: {@code images} U8 or F32 {@code [N,C,H,W]}, {@code labels} U8 or I64 {@code [N]}, and
 * everything else as strings in {@code __metadata__}; where there are any, {@code soft_labels} F32 {@code [N,K]} and {@code
 * weights} F32 {@code [N]}, which readers of before they were there pass over: the recipe of such a run is refused by these.
 * Stateless.
 */
public final class BatchCodec {
    /** The version of the layout; another one is refused. */
    public static final String FORMAT_VERSION = "1";

    private BatchCodec() {}

    /** The record's value. Labels above 255 make them I64. */
    public static byte[] encode(ImageBatch batch) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format_version", FORMAT_VERSION);
        metadata.put("run", batch.id().owner());
        metadata.put("split", batch.id().split().text());
        metadata.put("epoch", Integer.toString(batch.id().epoch()));
        metadata.put("index", Integer.toString(batch.id().index()));
        metadata.put("shard", Integer.toString(batch.id().shard()));
        metadata.put("part", Integer.toString(batch.id().part()));
        metadata.put("parts", Integer.toString(batch.id().parts()));
        metadata.put("batches_per_epoch", Integer.toString(batch.batchesPerEpoch()));
        metadata.put("samples_digest", batch.samplesDigest());
        metadata.put("encoding", batch.encoding().name().toLowerCase(Locale.ROOT));
        metadata.put("scale", join(batch.normalization().scale()));
        metadata.put("zero_point", join(batch.normalization().zeroPoint()));
        long n = batch.size();
        Tensor images = new Tensor(
                "images",
                batch.encoding() == Encoding.UINT8 ? DType.U8 : DType.F32,
                List.of(n, (long) batch.channels(), (long) batch.height(), (long) batch.width()),
                batch.images());
        // Floats first, so that they are aligned in what was aligned.
        List<Tensor> tensors = new ArrayList<>(LossTensors.of(batch));
        tensors.addAll(List.of(images, labels(batch.labels())));
        return Safetensors.of(metadata, tensors).toBytes();
    }

    private static Tensor labels(int[] labels) {
        boolean narrow = Arrays.stream(labels).allMatch(label -> label < 256);
        DType dtype = narrow ? DType.U8 : DType.I64;
        ByteBuffer data = ByteBuffer.allocate(labels.length * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int label : labels) {
            if (narrow) {
                data.put((byte) label);
            } else {
                data.putLong(label);
            }
        }
        return new Tensor("labels", dtype, List.of((long) labels.length), data.flip());
    }

    /**
     * Reads a record's value. The images are a view into it.
     *
     * @throws MalformedBatchException saying what is wrong
     */
    public static ImageBatch decode(ByteBuffer value) throws MalformedBatchException {
        try {
            Safetensors file = Safetensors.parse(value);
            Map<String, String> metadata = file.metadata();
            String version = required(metadata, "format_version");
            if (!version.equals(FORMAT_VERSION)) {
                throw new MalformedBatchException(
                        "unknown format_version " + version + "; this reader knows " + FORMAT_VERSION);
            }
            Encoding encoding = encoding(required(metadata, "encoding"));
            Tensor images = file.tensor("images");
            Tensor labels = file.tensor("labels");
            DType expected = encoding == Encoding.UINT8 ? DType.U8 : DType.F32;
            if (images.dtype() != expected || images.shape().size() != 4) {
                throw new MalformedBatchException("images should be " + expected + " [N,C,H,W], they are "
                        + images.dtype() + " " + images.shape());
            }
            if (!labels.shape().equals(images.shape().subList(0, 1))) {
                throw new MalformedBatchException(
                        "labels of shape " + labels.shape() + " do not fit images of shape " + images.shape());
            }
            BatchId id = new BatchId(
                    required(metadata, "run"),
                    split(required(metadata, "split")),
                    number(metadata, "epoch"),
                    number(metadata, "index"),
                    number(metadata, "shard"),
                    numberOr(metadata, "part", 0),
                    numberOr(metadata, "parts", 1));
            return new ImageBatch(
                    id,
                    number(metadata, "batches_per_epoch"),
                    encoding,
                    new Normalization(floats(metadata, "scale"), floats(metadata, "zero_point")),
                    Math.toIntExact(images.shape().get(0)),
                    Math.toIntExact(images.shape().get(1)),
                    Math.toIntExact(images.shape().get(2)),
                    Math.toIntExact(images.shape().get(3)),
                    images.data(),
                    labels(labels),
                    required(metadata, "samples_digest"),
                    LossTensors.softLabels(file, labels.elements()),
                    LossTensors.weights(file, labels.elements()));
        } catch (MalformedSafetensorsException | IllegalArgumentException | ArithmeticException e) {
            throw new MalformedBatchException(e.getMessage(), e);
        }
    }

    private static Encoding encoding(String text) throws MalformedBatchException {
        return switch (text) {
            case "uint8" -> Encoding.UINT8;
            case "float32" -> Encoding.FLOAT32;
            default -> throw new MalformedBatchException("unknown encoding \"" + text + "\"; uint8 or float32");
        };
    }

    private static Split split(String text) throws MalformedBatchException {
        return switch (text) {
            case "train" -> Split.TRAIN;
            case "test" -> Split.TEST;
            default -> throw new MalformedBatchException("unknown split \"" + text + "\"; train or test");
        };
    }

    private static int[] labels(Tensor tensor) throws MalformedBatchException {
        ByteBuffer data = tensor.data();
        int[] labels = new int[Math.toIntExact(tensor.elements())];
        for (int k = 0; k < labels.length; k++) {
            labels[k] = switch (tensor.dtype()) {
                case U8 -> data.get() & 0xff;
                case I64 -> Math.toIntExact(data.getLong());
                default -> throw new MalformedBatchException("labels should be U8 or I64, they are " + tensor.dtype());
            };
        }
        return labels;
    }

    private static String required(Map<String, String> metadata, String key) throws MalformedBatchException {
        String value = metadata.get(key);
        if (value == null) {
            throw new MalformedBatchException("the metadata \"" + key + "\" is missing");
        }
        return value;
    }

    private static int number(Map<String, String> metadata, String key) throws MalformedBatchException {
        String text = required(metadata, key);
        try {
            int number = Integer.parseInt(text);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below, as for a negative number
        }
        throw new MalformedBatchException("the metadata \"" + key + "\" is no number from 0: \"" + text + "\"");
    }

    /** Of a field that came later than the first release. */
    private static int numberOr(Map<String, String> metadata, String key, int otherwise)
            throws MalformedBatchException {
        return metadata.containsKey(key) ? number(metadata, key) : otherwise;
    }

    private static List<Float> floats(Map<String, String> metadata, String key) throws MalformedBatchException {
        return Arrays.stream(required(metadata, key).split(","))
                .map(Float::valueOf)
                .toList();
    }

    private static String join(List<Float> values) {
        return values.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
