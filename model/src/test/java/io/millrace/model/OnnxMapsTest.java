// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.model.graph.Graph;
import io.millrace.model.graph.LiveTaps;
import io.millrace.model.graph.LiveTaps.Form;
import io.millrace.model.network.Convolution;
import io.millrace.model.network.Description;
import io.millrace.model.network.Window;
import io.millrace.model.onnx.NodeWriter;
import io.millrace.model.onnx.NodeWriter.Maps;
import io.millrace.model.onnx.OnnxFile;
import io.millrace.model.onnx.OnnxFile.Output;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The forms of a small map's convolution against the plain one, under ONNX Runtime. */
class OnnxMapsTest {
    private static final int IMAGES = 2;
    private static final int INPUTS = 3;
    private static final int OUTPUTS = 4;
    private static final int LARGEST_MAP = 9;

    static Stream<Window> windows() {
        return SmallMapsTest.windows();
    }

    @ParameterizedTest
    @MethodSource("windows")
    void everyFormComputesTheSameAsThePlainConvolution(Window window) {
        for (int height = 1; height <= LARGEST_MAP; height++) {
            int other = 1 + (height * 4 + window.kernel()) % LARGEST_MAP;
            for (int width : height == other ? new int[] {height} : new int[] {height, other}) {
                if (Math.min(height, width) + 2 * window.padding() >= window.kernel()) {
                    compare(window, height, width);
                }
            }
        }
    }

    private static void compare(Window window, int height, int width) {
        Graph plain = Graph.of(
                Description.of(
                        INPUTS, image -> image.then(new Convolution("c", INPUTS, OUTPUTS, window, true), OUTPUTS)),
                height,
                width);
        List<List<Float>> outputs = new ArrayList<>();
        for (Graph graph : List.of(plain, LiveTaps.all(plain, Form.CONVOLUTION), LiveTaps.all(plain, Form.PRODUCT))) {
            NodeWriter out = new NodeWriter(name -> weight(name, window));
            Maps maps = graph.write(out).get(0);
            assertThat(List.of(maps.channels(), maps.height(), maps.width()))
                    .isEqualTo(List.of(OUTPUTS, window.places(height), window.places(width)));
            OnnxFile file = OnnxFile.of(
                    out, new Maps(Graph.INPUT, INPUTS, height, width, false), List.of(new Output("y", maps)));
            try (OnnxSession session = OnnxSession.load(file, 1)) {
                ByteBuffer image = floats(7, IMAGES * INPUTS * height * width);
                ByteBuffer direct =
                        ScriptModule.direct(image.remaining()).put(image).flip();
                outputs.add(values(
                        session.run(direct, IMAGES, INPUTS, height, width).get(0)));
            }
        }

        for (List<Float> found : outputs.subList(1, outputs.size())) {
            assertThat(found).hasSameSizeAs(outputs.get(0));
            for (int k = 0; k < found.size(); k++) {
                assertThat(found.get(k)).isCloseTo(outputs.get(0).get(k), within(2e-5f));
            }
        }
    }

    private static ByteBuffer weight(String name, Window window) {
        int taps = window.kernel() * window.kernel();
        return floats(name.length(), name.endsWith("bias") ? OUTPUTS : OUTPUTS * INPUTS * taps);
    }

    private static ByteBuffer floats(int stream, int count) {
        ByteBuffer floats = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : Given.formula(stream, count)) {
            floats.putFloat((float) value);
        }
        return floats.flip();
    }

    private static List<Float> values(ByteBuffer floats) {
        List<Float> values = new ArrayList<>();
        while (floats.hasRemaining()) {
            values.add(floats.getFloat());
        }
        return values;
    }
}
