// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/** Any ONNX file under the same ONNX Runtime and with the same options, called directly: what a user would do. */
final class OnnxContestant implements AutoCloseable {
    private final OrtSession session;
    private final String input;

    private OnnxContestant(OrtSession session) {
        this.session = session;
        this.input = session.getInputNames().iterator().next();
    }

    static OnnxContestant of(byte[] file, int threads) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            return new OnnxContestant(OrtEnvironment.getEnvironment().createSession(file, options));
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime does not load the network to compare with", e);
        }
    }

    /** Logits of random images. */
    float[][] run(int images, int side) {
        ByteBuffer values =
                ByteBuffer.allocateDirect(images * side * side * Float.BYTES).order(ByteOrder.nativeOrder());
        try (OnnxTensor tensor = OnnxTensor.createTensor(
                        OrtEnvironment.getEnvironment(), values.asFloatBuffer(), new long[] {images, 1, side, side});
                OrtSession.Result result = session.run(Map.of(input, tensor))) {
            return (float[][]) result.get(0).getValue();
        } catch (OrtException e) {
            throw new IllegalStateException("the network to compare with does not run on " + images + " images", e);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("the network to compare with cannot be closed", e);
        }
    }
}
