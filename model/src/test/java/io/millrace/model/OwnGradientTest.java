// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.contracts.event.Network;
import io.millrace.model.ScriptModule.Call;
import io.millrace.model.graph.Backward;
import io.millrace.model.graph.Graph;
import io.millrace.model.graph.LiveTaps;
import io.millrace.model.graph.LiveTaps.Form;
import io.millrace.model.network.Convolution;
import io.millrace.model.network.Description;
import io.millrace.model.network.Held;
import io.millrace.model.network.Networks;
import io.millrace.model.network.Value;
import io.millrace.model.network.Weight;
import io.millrace.model.network.Window;
import io.millrace.model.script.ModuleTensor;
import io.millrace.model.script.TorchScriptArchive;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Gradients of a small residual network whose convolutions go back as they say themselves, against autograd's: two of them
 * in a row, one beside which a shortcut passes, and a value that passes both.
 */
class OwnGradientTest {
    private static final int IMAGES = 2;
    private static final int CHANNELS = 3;

    private static final String METHOD = """
              def %s(self: __torch__.Net,
                image: Tensor,
                parameters: List[Tensor]) -> List[Tensor]:
                torch.set_grad_enabled(True)
            %s    loss = torch.sum(torch.mul(%s, %3$s))
            %s    torch.set_grad_enabled(False)
                found = annotate(List[Tensor], [torch.detach(loss)])
                for k in range(torch.len(gradients)):
                  _1 = torch.append(found, torch.contiguous(gradients[k], memory_format=0))
                return found
            """;

    static Stream<Window> windows() {
        return IntStream.of(1, 2, 3, 5).boxed().flatMap(kernel -> IntStream.rangeClosed(1, 3)
                .boxed()
                .flatMap(stride ->
                        IntStream.rangeClosed(0, kernel / 2).mapToObj(padding -> new Window(kernel, stride, padding))));
    }

    private record Case(String name, Graph graph, Predicate<Weight> trained) {
        private String method() {
            Backward.Script script = Backward.of(graph, trained, false);
            return METHOD.formatted(name, script.forward(), script.logits(), script.backward());
        }

        private List<String> attributes() {
            return graph.held().stream()
                    .filter(held -> trained.test(held.weight()))
                    .map(held -> held.weight().attribute())
                    .toList();
        }
    }

    private static Value network(Value image, Window window) {
        Value first = convolution(image, "first", Window.centred(1, 1)).relu();
        Value middle = convolution(convolution(first, "one", window).relu(), "two", Window.centred(3, 1));
        boolean kept = window.equals(Window.centred(window.kernel(), 1)) && window.kernel() % 2 == 1;
        Value sum = kept ? middle.plus(first).relu() : middle.relu();
        return convolution(sum, "last", Window.centred(1, 1));
    }

    private static Value convolution(Value x, String name, Window window) {
        return x.then(new Convolution(name, CHANNELS, CHANNELS, window, false), CHANNELS);
    }

    @ParameterizedTest
    @MethodSource("windows")
    void theyAreThoseOfAutograd(Window window) {
        for (int side = Math.max(1, window.kernel() - 2 * window.padding()); side <= 6; side++) {
            for (int other : new int[] {side, 6}) {
                theyAreThoseOfAutograd(window, side, other, Weight::trainable);
            }
        }
        theyAreThoseOfAutograd(window, 6, 6, weight -> !weight.name().startsWith("first"));
        theyAreThoseOfAutograd(window, 6, 6, weight -> !weight.name().startsWith("one"));
        theyAreThoseOfAutograd(window, 6, 6, weight -> weight.name().startsWith("last"));
    }

    private static void theyAreThoseOfAutograd(Window window, int height, int width, Predicate<Weight> trained) {
        Graph plain = Graph.of(Description.of(CHANNELS, image -> network(image, window)), height, width);
        List<Case> cases = List.of(
                new Case("plain", plain, trained),
                new Case("tapwise", LiveTaps.all(plain, Form.TAPWISE), trained),
                new Case("rows", LiveTaps.all(plain, Form.ROWS), trained));
        if (cases.get(1).graph().held().stream().anyMatch(Held::partial)) {
            return; // where taps are dead, it takes no other form
        }
        String methods = String.join("", cases.stream().map(Case::method).toList());
        List<ModuleTensor> tensors = new ArrayList<>();
        for (Held held : plain.held()) {
            Weight weight = held.weight();
            ByteBuffer values = floats(tensors.size(), (int) weight.elements());
            tensors.add(new ModuleTensor(weight.attribute(), weight.shape(), trained.test(weight), true, values));
        }
        try (ScriptModule module = ScriptModule.load(new TorchScriptArchive(methods, tensors), true)) {
            List<List<ByteBuffer>> found = cases.stream()
                    .map(each -> computed(module, each, height, width))
                    .toList();
            assertThat(found.get(0)).hasSize(1 + cases.get(0).attributes().size());
            for (int k = 1; k < found.size(); k++) {
                String what = cases.get(k).name() + " " + window + " " + height + "x" + width + " ";
                for (int j = 0; j < found.get(0).size(); j++) {
                    assertClose(what + j, found.get(k).get(j), found.get(0).get(j));
                }
            }
        }
    }

    /** Layer 4 of a cifar stem: maps of 4x4 and from 256 channels on. */
    @Test
    void theRuleIsOfBfloat16AndOfSmallMapsWithManyChannels() {
        Network cifar = new Network("resnet18", Network.Stem.CIFAR, 3, 10);

        assertThat(script(cifar, 32, true).backward()).contains("torch.matmul(torch.t(");
        assertThat(cuts(script(cifar, 32, true))).isEqualTo(4);
        assertThat(script(cifar, 32, true).forward().split("as_strided").length - 1)
                .isEqualTo(3 * 3);
        assertThat(cuts(script(cifar, 32, false))).isZero();
        assertThat(cuts(script(cifar, 128, true))).isZero();
    }

    private static Backward.Script script(Network network, int side, boolean bf16) {
        Graph graph = LiveTaps.forTraining(Graph.of(Networks.describe(network), side, side), bf16);
        return Backward.of(graph, Weight::trainable, bf16);
    }

    private static int cuts(Backward.Script script) {
        return script.backward().split("torch\\.grad\\(").length - 2;
    }

    private static List<ByteBuffer> computed(ScriptModule module, Case given, int height, int width) {
        ByteBuffer pixels = floats(9, IMAGES * CHANNELS * height * width);
        ByteBuffer images = ScriptModule.direct(pixels.remaining()).put(pixels).flip();
        try (Call call = module.call(given.name(), true)) {
            return call.floats(images, IMAGES, CHANNELS, height, width)
                    .list(module.parameters(given.attributes()))
                    .read();
        }
    }

    private static void assertClose(String what, ByteBuffer found, ByteBuffer expected) {
        assertThat(found.remaining()).as(what).isEqualTo(expected.remaining()).isPositive();
        for (int at = 0; at < expected.limit(); at += Float.BYTES) {
            float value = expected.getFloat(at);
            assertThat(found.getFloat(at)).as(what).isCloseTo(value, within(2e-5f * (1 + Math.abs(value))));
        }
    }

    private static ByteBuffer floats(int stream, int count) {
        ByteBuffer buffer = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : Given.formula(stream, count)) {
            buffer.putFloat((float) value);
        }
        return buffer.flip();
    }
}
