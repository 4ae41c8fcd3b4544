// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.script;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A module whose class is {@code __torch__.Net}: its source and its tensors.
 *
 * @param methods the methods of the class, indented by two blanks, as they stand in {@code code/__torch__.py}
 * @param tensors its attributes
 * @param training whether it is in training mode; Python leaves a module that is loaded in the mode that it was written in
 */
public record TorchScriptArchive(String methods, List<ModuleTensor> tensors, boolean training) {
    private static final String ROOT = "net/";
    /** The archive format of PyTorch 1.6 and later: {@code caffe2::serialize::kProducedFileFormatVersion}. */
    private static final String VERSION = "10\n";

    public TorchScriptArchive {
        tensors = List.copyOf(tensors);
    }

    /** One in training mode. */
    public TorchScriptArchive(String methods, List<ModuleTensor> tensors) {
        this(methods, tensors, true);
    }

    /** Writes the archive; the stream is left open. */
    public void writeTo(OutputStream out) throws IOException {
        ZipOutputStream zip = new ZipOutputStream(out);
        entry(zip, "data.pkl", module());
        entry(zip, "code/__torch__.py", source().getBytes(UTF_8));
        entry(zip, "constants.pkl", new Pickle().emptyTuple().stop());
        entry(zip, "version", VERSION.getBytes(UTF_8));
        for (int k = 0; k < tensors.size(); k++) {
            entry(zip, "data/" + k, storage(tensors.get(k)));
        }
        zip.finish();
    }

    /** The class as TorchScript source. */
    public String source() {
        StringBuilder source = new StringBuilder("class Net(Module):\n");
        source.append("  __parameters__ = [").append(names(true)).append("]\n");
        source.append("  __buffers__ = [").append(names(false)).append("]\n");
        source.append("  training : bool\n");
        tensors.forEach(tensor -> source.append("  ").append(tensor.attribute()).append(" : Tensor\n"));
        return source.append(methods).toString();
    }

    private String names(boolean trainable) {
        StringBuilder names = new StringBuilder();
        tensors.stream()
                .filter(tensor -> tensor.trainable() == trainable)
                .forEach(tensor -> names.append('"').append(tensor.attribute()).append("\", "));
        return names.toString();
    }

    private byte[] module() {
        Pickle pickle = new Pickle();
        pickle.global("__torch__", "Net").emptyTuple().newObject().emptyDict().mark();
        pickle.string("training").bool(training);
        for (int k = 0; k < tensors.size(); k++) {
            pickle.string(tensors.get(k).attribute());
            tensor(pickle, k, tensors.get(k));
        }
        return pickle.setItems().build().stop();
    }

    private static void tensor(Pickle pickle, int key, ModuleTensor tensor) {
        pickle.global("torch._utils", "_rebuild_tensor_v2").mark();
        pickle.mark().string("storage").global("torch", "FloatStorage");
        pickle.string(Integer.toString(key)).string("cpu").integer(tensor.elements());
        pickle.tuple().persistentId().integer(0);
        pickle.mark();
        tensor.shape().forEach(pickle::integer);
        pickle.tuple().mark();
        for (long stride : tensor.strides()) {
            pickle.integer(stride);
        }
        pickle.tuple().bool(tensor.trainable());
        pickle.global("collections", "OrderedDict").emptyTuple().reduce();
        pickle.tuple().reduce();
    }

    /** The values in the order of memory. */
    private static byte[] storage(ModuleTensor tensor) {
        ByteBuffer values =
                tensor.values().duplicate().order(ByteOrder.LITTLE_ENDIAN).rewind();
        byte[] storage = new byte[Math.toIntExact(tensor.elements() * Float.BYTES)];
        if (!tensor.channelsLast()) {
            values.get(storage);
            return storage;
        }
        ByteBuffer out = ByteBuffer.wrap(storage).order(ByteOrder.LITTLE_ENDIAN);
        int channels = tensor.shape().get(1).intValue();
        int pixels = (int) (tensor.shape().get(2) * tensor.shape().get(3));
        for (int n = 0; n < tensor.shape().get(0); n++) {
            for (int pixel = 0; pixel < pixels; pixel++) {
                for (int channel = 0; channel < channels; channel++) {
                    out.putFloat(values.getFloat(4 * ((n * channels + channel) * pixels + pixel)));
                }
            }
        }
        return storage;
    }

    private static void entry(ZipOutputStream zip, String name, byte[] data) throws IOException {
        // Stored, not deflated: PyTorch reads tensors in place.
        ZipEntry entry = new ZipEntry(ROOT + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(data.length);
        entry.setTime(0);
        CRC32 crc = new CRC32();
        crc.update(data);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(data);
        zip.closeEntry();
    }
}
