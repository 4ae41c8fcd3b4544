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
import ai.djl.training.ParameterStore;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.millrace.model.onnx.OnnxFile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A network that ONNX Runtime holds. Several threads may run it at once; close it when none does any more. */
final class OnnxSession implements AutoCloseable {
    private final Model model;
    private final ParameterStore nothing;

    private OnnxSession(Model model) {
        this.model = model;
        this.nothing = new ParameterStore(model.getNDManager(), false);
    }

    /**
     * Loads a network.
     *
     * @param threads within an operation
     */
    static OnnxSession load(OnnxFile file, int threads) {
        OnnxRuntime.start();
        Path folder = null;
        Model model = Model.newInstance("net", Device.cpu(), OnnxRuntime.ENGINE);
        // By way of a file, since DJL leaves a folder behind for each stream that it loads.
        try (SessionOptions options = new SessionOptions()) {
            folder = Files.createTempDirectory("millrace-onnx");
            try (OutputStream out = Files.newOutputStream(folder.resolve("net.onnx"))) {
                file.writeTo(out);
            }
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            if ("passive".equalsIgnoreCase(System.getenv("OMP_WAIT_POLICY"))) {
                // As OpenMP's threads, which this variable is made for: idle ones sleep, for whoever shares the
                // processors.
                options.addConfigEntry("session.intra_op.allow_spinning", "0");
            }
            model.load(folder, "net", Map.of("sessionOptions", options));
            return new OnnxSession(model);
        } catch (IOException e) {
            model.close();
            throw new UncheckedIOException(
                    "cannot hand the network over to ONNX Runtime by way of a temporary file; it needs as much room in "
                            + System.getProperty("java.io.tmpdir") + " as its weights take",
                    e);
        } catch (MalformedModelException | OrtException e) {
            model.close();
            throw new IllegalStateException("ONNX Runtime does not accept the network that was written for it", e);
        } finally {
            delete(folder);
        }
    }

    private static void delete(Path folder) {
        if (folder == null) {
            return;
        }
        try {
            Files.deleteIfExists(folder.resolve("net.onnx"));
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + folder, e);
        }
    }

    /**
     * Runs it.
     *
     * @param images float32 of a direct buffer, from its begin, in the order of memory; not copied
     * @return the outputs, float32, row-major, in the order of memory
     */
    List<ByteBuffer> run(ByteBuffer images, long... shape) {
        return run(List.of(images), List.of(shape));
    }

    /** As {@link #run(ByteBuffer, long...)}, with several inputs. */
    List<ByteBuffer> run(List<ByteBuffer> inputs, List<long[]> shapes) {
        try (NDManager scope = model.getNDManager().newSubManager()) {
            NDList arrays = new NDList();
            for (int k = 0; k < inputs.size(); k++) {
                arrays.add(scope.create(inputs.get(k), new Shape(shapes.get(k)), DataType.FLOAT32));
            }
            List<ByteBuffer> outputs = new ArrayList<>();
            for (NDArray output : model.getBlock().forward(nothing, arrays, false)) {
                outputs.add(output.toByteBuffer(false).order(ByteOrder.nativeOrder()));
            }
            return outputs;
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
