// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.model.ScriptModule.Call;
import io.millrace.model.graph.Graph;
import io.millrace.model.graph.LiveTaps;
import io.millrace.model.graph.LiveTaps.Form;
import io.millrace.model.network.Convolution;
import io.millrace.model.network.Description;
import io.millrace.model.network.Held;
import io.millrace.model.network.Window;
import io.millrace.model.script.ModuleTensor;
import io.millrace.model.script.TorchScriptArchive;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Both forms of a small map's convolution against the plain one: values, gradients, and what has no gradient. */
class SmallMapsTest {
    private static final int IMAGES = 2;
    private static final int INPUTS = 3;
    private static final int OUTPUTS = 4;
    private static final int LARGEST_MAP = 9;
    /** A matrix of more blocks is nothing that one would compute with, and takes long to write down. */
    private static final int MOST_BLOCKS = 400;

    private static final String METHOD = """
              def %1$s(self: __torch__.Net,
                image: Tensor) -> List[Tensor]:
            %2$s    sum = torch.sum(torch.mul(%3$s, %3$s))
                found = torch.grad([sum], [self.%1$s__weight, self.%1$s__bias], None, None, False, False)
                weight = torch.contiguous(unchecked_cast(Tensor, found[0]))
                bias = torch.contiguous(unchecked_cast(Tensor, found[1]))
                return [torch.contiguous(torch.detach(%3$s), memory_format=0), weight, bias]
            """;

    static Stream<Window> windows() {
        return IntStream.of(1, 2, 3, 4, 5, 7).boxed().flatMap(kernel -> IntStream.rangeClosed(1, 3)
                .boxed()
                .flatMap(stride -> IntStream.rangeClosed(0, kernel / 2 + 1)
                        .mapToObj(padding -> new Window(kernel, stride, padding))));
    }

    /** A size of a map, with the same convolution in all of its forms. */
    private record Case(Graph plain, List<Graph> live) {
        private static Case of(Window window, int height, int width) {
            String name = "c" + height + "x" + width;
            int blocks = height * width * window.places(height) * window.places(width);
            Stream<Form> forms = blocks <= MOST_BLOCKS ? Stream.of(Form.values()) : Stream.of(Form.CONVOLUTION);
            return new Case(
                    graph(name, window, height, width),
                    forms.map(form -> LiveTaps.all(graph(name + form, window, height, width), form))
                            .toList());
        }

        private static Graph graph(String name, Window window, int height, int width) {
            Convolution convolution = new Convolution(name, INPUTS, OUTPUTS, window, true);
            return Graph.of(Description.of(INPUTS, image -> image.then(convolution, OUTPUTS)), height, width);
        }

        private Stream<Graph> graphs() {
            return Stream.concat(Stream.of(plain), live.stream());
        }
    }

    @ParameterizedTest
    @MethodSource("windows")
    void bothFormsComputeTheSameAsThePlainConvolution(Window window) {
        List<Case> cases = new ArrayList<>();
        for (int height = 1; height <= LARGEST_MAP; height++) {
            int other = 1 + (height * 4 + window.kernel()) % LARGEST_MAP;
            for (int width : height == other ? new int[] {height} : new int[] {height, other}) {
                if (Math.min(height, width) + 2 * window.padding() >= window.kernel()) {
                    cases.add(Case.of(window, height, width));
                }
            }
        }
        List<Graph> graphs = cases.stream().flatMap(Case::graphs).toList();
        try (ScriptModule module = ScriptModule.load(archive(graphs), true)) {
            cases.forEach(each -> compare(module, each));
        }
    }

    private static void compare(ScriptModule module, Case given) {
        List<float[]> expected = computed(module, given.plain());
        for (Graph live : given.live()) {
            Held kernel = live.held().get(0);
            List<float[]> found = computed(module, live);
            String what = live.nodes().get(0).layer().name();

            assertClose(what + ", values", found.get(0), expected.get(0));
            assertClose(what + ", gradient of the bias", found.get(2), expected.get(2));
            ByteBuffer gradient = buffer(new float[expected.get(1).length]);
            kernel.put(buffer(found.get(1)), gradient);
            assertClose(what + ", gradient of the kernel", floats(gradient), expected.get(1));
            for (int index : kernel.left()) {
                assertThat(expected.get(1)[index])
                        .as(what + ", dead tap " + index)
                        .isZero();
            }
        }
    }

    private static TorchScriptArchive archive(List<Graph> graphs) {
        StringBuilder methods = new StringBuilder();
        List<ModuleTensor> tensors = new ArrayList<>();
        for (Graph graph : graphs) {
            Graph.Script script = graph.script(false);
            String name = graph.nodes().get(0).layer().name();
            methods.append(METHOD.formatted(name, script.statements(), script.logits()));
            int stream = 0;
            for (Held held : graph.held()) {
                ByteBuffer values = buffer(values(stream++, (int) held.weight().elements()));
                tensors.add(new ModuleTensor(held.weight().attribute(), held.shape(), true, false, held.taken(values)));
            }
        }
        return new TorchScriptArchive(methods.toString(), tensors);
    }

    private static List<float[]> computed(ScriptModule module, Graph graph) {
        float[] pixels = values(9, IMAGES * (int) graph.image().elements());
        ByteBuffer images = ScriptModule.direct(pixels.length * Float.BYTES);
        images.asFloatBuffer().put(pixels);
        String method = graph.nodes().get(0).layer().name();
        try (Call call = module.call(method, true)) {
            call.floats(
                    images,
                    IMAGES,
                    INPUTS,
                    graph.image().height(),
                    graph.image().width());
            return call.read().stream().map(SmallMapsTest::floats).toList();
        }
    }

    private static void assertClose(String what, float[] found, float[] expected) {
        assertThat(found).as(what).hasSameSizeAs(expected);
        for (int k = 0; k < found.length; k++) {
            double tolerance = 1e-5 * (1 + Math.abs(expected[k]));
            assertThat((double) found[k]).as(what + "[" + k + "]").isCloseTo(expected[k], within(tolerance));
        }
    }

    private static float[] values(int stream, int count) {
        double[] formula = Given.formula(stream, count);
        float[] values = new float[count];
        for (int k = 0; k < count; k++) {
            values[k] = (float) formula[k];
        }
        return values;
    }

    private static ByteBuffer buffer(float[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return buffer;
    }

    private static float[] floats(ByteBuffer buffer) {
        float[] floats = new float[buffer.remaining() / Float.BYTES];
        buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
        return floats;
    }
}
