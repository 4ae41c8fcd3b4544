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
import io.millrace.model.script.TorchScriptArchive;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A TorchScript module on the device, its tensors, and the way to call its methods. Apart from the start of the engine,
 * the only place that knows DJL.
 */
final class ScriptModule implements AutoCloseable {
    private final Model model;
    private final PtSymbolBlock block;
    private final Map<String, NDArray> parameters = new HashMap<>();

    private ScriptModule(Model model) {
        this.model = model;
        this.block = (PtSymbolBlock) model.getBlock();
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

    static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The parameters themselves, not copies. */
    Tensors parameters(List<String> attributes) {
        NDList arrays = new NDList();
        for (String attribute : attributes) {
            NDArray array = parameters.get(attribute);
            if (array == null) {
                throw new IllegalStateException("PyTorch knows no parameter " + attribute);
            }
            arrays.add(array);
        }
        return new Tensors(arrays);
    }

    /** A float32 tensor on the device, with values of its own. */
    Tensors floats(ByteBuffer values, List<Long> shape) {
        ByteBuffer copy = direct(values.remaining()).put(values.duplicate()).flip();
        return new Tensors(new NDList(model.getNDManager().create(copy, shape(shape), DataType.FLOAT32)));
    }

    /** A vector of zeros on the device, of float64 where that has it, else of float32. */
    Tensors zeros(int count) {
        NDManager manager = model.getNDManager();
        boolean float64 = Devices.hasFloat64(Devices.kind(manager.getDevice()));
        return new Tensors(new NDList(manager.zeros(new Shape(count), float64 ? DataType.FLOAT64 : DataType.FLOAT32)));
    }

    private static Shape shape(List<Long> sizes) {
        return new Shape(sizes.stream().mapToLong(Long::longValue).toArray());
    }

    /** Native arrays that are held. */
    int nativeArrays() {
        return model.getNDManager().getManagedArrays().size();
    }

    /** Begins a call of a method. What is made for it goes when it is closed. */
    Call call(String method, boolean training) {
        return new Call(method, training);
    }

    @Override
    public void close() {
        block.close();
        model.close();
    }

    /** Tensors on the device that live from call to call, until they or their module are closed. */
    static final class Tensors implements AutoCloseable {
        private final NDList arrays;

        private Tensors(NDList arrays) {
            this.arrays = arrays;
        }

        /** Sizes of each, outermost first. */
        List<List<Long>> shapes() {
            return arrays.stream()
                    .map(array ->
                            Arrays.stream(array.getShape().getShape()).boxed().toList())
                    .toList();
        }

        /** All of some lists, in one. They are still the others'. */
        static Tensors of(List<Tensors> lists) {
            NDList all = new NDList();
            lists.forEach(list -> all.addAll(list.arrays));
            return new Tensors(all);
        }

        @Override
        public void close() {
            arrays.close();
        }
    }

    /** A call of a method: its arguments in their order, then how it is run. For one thread. */
    final class Call implements AutoCloseable {
        private final NDManager scope = model.getNDManager().newSubManager();
        private final NDManager host = scope.newSubManager(Device.cpu());
        private final NDList arguments = new NDList();
        private final String method;
        private final boolean training;

        private Call(String method, boolean training) {
            this.method = method;
            this.training = training;
        }

        /** A list of tensors. */
        Call list(Tensors tensors) {
            // Arrays in a row whose names are equal and end in brackets become one list.
            String name = "list" + arguments.size() + "[]";
            tensors.arrays.forEach(array -> array.setName(name));
            arguments.addAll(tensors.arrays);
            return this;
        }

        /** Each of some tensors as an argument of its own. */
        Call each(Tensors tensors) {
            tensors.arrays.forEach(array -> array.setName(""));
            arguments.addAll(tensors.arrays);
            return this;
        }

        /** Bytes of a direct buffer from its begin, not copied where the device is the processor. */
        Call bytes(ByteBuffer values, long... shape) {
            arguments.add(scope.create(values, new Shape(shape), DataType.UINT8));
            return this;
        }

        /** Float32 values of a direct buffer from its begin, likewise. */
        Call floats(ByteBuffer values, long... shape) {
            arguments.add(scope.create(values, new Shape(shape), DataType.FLOAT32));
            return this;
        }

        Call longs(long[] values) {
            arguments.add(scope.create(values));
            return this;
        }

        /** A float64 vector that stays on the host, so that reading it waits for no device. */
        Call scalars(double... values) {
            arguments.add(host.create(values));
            return this;
        }

        /** Runs it and forgets what it returns. */
        void run() {
            forward().close();
        }

        /** Runs it; its results live as long as the module. */
        Tensors keep() {
            NDList results = forward();
            results.attach(model.getNDManager());
            return new Tensors(results);
        }

        /** Runs it; returns copies of its results, which lie on the host already, row-major and little-endian. */
        List<ByteBuffer> read() {
            NDList results = forward();
            List<ByteBuffer> copies = new ArrayList<>();
            results.forEach(result -> copies.add(result.toByteBuffer(false).order(ByteOrder.LITTLE_ENDIAN)));
            results.close();
            return copies;
        }

        private NDList forward() {
            // Both are properties of the calling thread. Without the optimizer, the first steps of a process compute
            // exactly what later ones do, so that a resumed run is bit-identical to one that was not interrupted.
            JniUtils.setGraphExecutorOptimize(false);
            JniUtils.setGradMode(training);
            // The method's name travels as the name of an array. Never read: on the host, so that nothing is copied.
            NDArray marker = host.create(0f);
            marker.setName("module_method:" + method);
            NDList all = new NDList(arguments);
            all.add(marker);
            return IValueUtils.forward(block, all, training);
        }

        @Override
        public void close() {
            scope.close();
        }
    }
}
