// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.Pair;
import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.network.Graph;
import io.millrace.model.network.Weight;
import io.millrace.model.torchscript.ModuleTensor;
import io.millrace.model.torchscript.TorchScriptArchive;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A TorchScript module on the device, and the way to call its methods. The only place that knows how DJL does it. */
final class ScriptModule implements AutoCloseable {
    private final Model model;
    private final PtSymbolBlock block;
    private final Map<String, NDArray> parameters = new HashMap<>();

    private ScriptModule(Model model) {
        this.model = model;
        this.block = (PtSymbolBlock) model.getBlock();
    }

    /** An archive of a graph, its methods and the values of its weights, in the order of the graph. */
    static TorchScriptArchive archive(Graph graph, String methods, Collection<Tensor> values, boolean channelsLast) {
        Map<String, ByteBuffer> byName = new HashMap<>();
        values.forEach(tensor -> byName.put(tensor.name(), tensor.data()));
        List<ModuleTensor> tensors = new ArrayList<>();
        for (Weight weight : graph.weights()) {
            tensors.add(new ModuleTensor(
                    weight.attribute(), weight.shape(), weight.trainable(), channelsLast, byName.get(weight.name())));
        }
        return new TorchScriptArchive(methods, tensors);
    }

    /** Loads an archive onto the device; one to be trained stays in training mode for good. */
    static ScriptModule load(TorchScriptArchive archive, boolean training) {
        Device device = Torch.device();
        Path folder = null;
        Model model = Model.newInstance("net", device, "PyTorch");
        try {
            folder = Files.createTempDirectory("millrace-torchscript");
            try (OutputStream out = Files.newOutputStream(folder.resolve("net.pt"))) {
                archive.writeTo(out);
            }
            model.load(folder, "net", Map.of("trainParam", Boolean.toString(training)));
            ScriptModule module = new ScriptModule(model);
            if (training) {
                // A module loaded from a file is in evaluation mode until told otherwise.
                JniUtils.enableTrainingMode(module.block);
                for (Pair<String, Parameter> parameter : module.block.getParameters()) {
                    module.parameters.put(
                            parameter.getValue().getName(), parameter.getValue().getArray());
                }
            }
            return module;
        } catch (IOException e) {
            model.close();
            throw new UncheckedIOException("cannot hand the network over to PyTorch by way of a temporary file", e);
        } catch (MalformedModelException e) {
            model.close();
            throw new IllegalStateException("PyTorch does not accept the network that was written for it", e);
        } finally {
            delete(folder);
        }
    }

    private static void delete(Path folder) {
        if (folder == null) {
            return;
        }
        try {
            Files.deleteIfExists(folder.resolve("net.pt"));
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + folder, e);
        }
    }

    NDManager manager() {
        return model.getNDManager();
    }

    /** The parameter itself, not a copy. */
    NDArray parameter(Weight weight) {
        NDArray array = parameters.get(weight.attribute());
        if (array == null) {
            throw new IllegalStateException("PyTorch knows no parameter " + weight.attribute());
        }
        return array;
    }

    /**
     * Calls a method; its name travels as the name of an array.
     *
     * @param scope of this call, for what is made in passing
     * @return results that belong to the manager of the first argument, to that of the scope where there is none: one
     *     whose arguments live on has to be closed
     */
    NDList call(NDManager scope, String method, NDList arguments, boolean training) {
        // Both are properties of the calling thread. Without the optimizer, the first steps of a process compute
        // exactly what later ones do, so that a resumed run is bit-identical to one that was not interrupted.
        JniUtils.setGraphExecutorOptimize(false);
        JniUtils.setGradMode(training);
        // Never read: on the host, so that nothing is copied to a GPU for it.
        NDArray marker = scope.newSubManager(Device.cpu()).create(0f);
        marker.setName("module_method:" + method);
        NDList all = new NDList(arguments);
        all.add(marker);
        return IValueUtils.forward(block, all, training);
    }

    /** Images as they travelled, with the scale and the zero point that make them the network's input. */
    static NDList images(NDManager scope, ImageBatch batch) {
        NDList input = new NDList(pixels(scope, List.of(batch)));
        input.addAll(affine(scope, batch.normalization(), batch.encoding()));
        return input;
    }

    /** Images as they travelled, all of one form. */
    static NDArray pixels(NDManager scope, List<ImageBatch> batches) {
        ImageBatch first = batches.get(0);
        int size = batches.stream().mapToInt(ImageBatch::size).sum();
        ByteBuffer bytes = direct(
                batches.stream().mapToInt(batch -> batch.images().remaining()).sum());
        batches.forEach(batch -> bytes.put(batch.images()));
        return scope.create(
                bytes.flip(),
                new Shape(size, first.channels(), first.height(), first.width()),
                first.encoding() == Encoding.FLOAT32 ? DataType.FLOAT32 : DataType.UINT8);
    }

    /** Scale and zero point per channel. */
    static NDList affine(NDManager scope, Normalization normalization, Encoding encoding) {
        int channels = normalization.channels();
        float[] scale = new float[channels];
        float[] zeroPoint = new float[channels];
        for (int channel = 0; channel < channels; channel++) {
            // Floats are normalized already; (x - 0) * 1 is x to the bit.
            boolean bytes = encoding == Encoding.UINT8;
            scale[channel] = bytes ? normalization.scale().get(channel) : 1;
            zeroPoint[channel] = bytes ? normalization.zeroPoint().get(channel) : 0;
        }
        Shape perChannel = new Shape(1, channels, 1, 1);
        return new NDList(scope.create(scale, perChannel), scope.create(zeroPoint, perChannel));
    }

    static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Float32 values on the host, row-major. */
    static Tensor tensor(String name, NDArray array) {
        List<Long> shape = new ArrayList<>();
        for (long size : array.getShape().getShape()) {
            shape.add(size);
        }
        // A copy on the heap already.
        return new Tensor(name, DType.F32, shape, array.toByteBuffer(false).order(ByteOrder.LITTLE_ENDIAN));
    }

    @Override
    public void close() {
        block.close();
        model.close();
    }
}
