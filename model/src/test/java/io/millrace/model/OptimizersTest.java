// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.model.ScriptModule.Call;
import io.millrace.model.ScriptModule.Tensors;
import io.millrace.model.network.Weight;
import io.millrace.model.optimizer.Optimizer;
import io.millrace.model.optimizer.Optimizer.Order;
import io.millrace.model.optimizer.Settings;
import io.millrace.model.optimizer.UpdateRule;
import io.millrace.model.script.ModuleTensor;
import io.millrace.model.script.TorchScriptArchive;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fifty steps of given gradients, with what recipes choose, against torch's optimizers: {@code optimizers.json} was written by {@code optimizers.py}. */
class OptimizersTest {
    private static final int[] SIZES = {12, 5};
    private static final List<String> NAMES = List.of("first", "second");

    private static final String METHODS = """
              def update(self: __torch__.Net,
                scalars: Tensor,
                gradients: List[Tensor],
                parameters: List[Tensor]%s) -> Tensor:
                torch.set_grad_enabled(False)
            %s    return scalars
              def copies(self: __torch__.Net,
                tensors: List[Tensor]) -> List[Tensor]:
                copies = annotate(List[Tensor], [])
                for i in range(torch.len(tensors)):
                  _0 = torch.append(copies, torch.clone(torch.detach(tensors[i])))
                return copies
            """;

    private static JsonNode fixture;

    @BeforeAll
    static void read() throws IOException {
        try (InputStream in = OptimizersTest.class.getResourceAsStream("optimizers.json")) {
            fixture = new ObjectMapper().readTree(in);
        }
    }

    private static UpdateRule rule(String name) {
        String norm = ", \"clipNorm\": " + fixture.path("norm");
        String averaging = ", \"averaging\": {\"decay\": " + fixture.path("ema") + "}";
        String moments = ", \"beta2\": 0.99";
        return switch (name) {
            case "sgd" -> rule("sgd", ", \"nesterov\": false", "");
            case "nesterov" -> rule("sgd", ", \"nesterov\": true", "");
            case "adam" -> rule("adam", moments, "");
            case "adamw" -> rule("adamw", moments, "");
            case "nesterov clipped" -> rule("sgd", ", \"nesterov\": true", norm);
            case "adamw averaged" -> rule("adamw", moments, averaging);
            case "sgd clipped averaged" -> rule("sgd", ", \"nesterov\": false", norm + averaging);
            default -> throw new AssertionError(name);
        };
    }

    private static UpdateRule rule(String kind, String members, String options) {
        return UpdateRule.of(Given.recipe("""
                {"optimizer": {"kind": "%s", "weightDecay": %s%s}, "schedule": {"learningRate": 0.02},
                 "groups": [{"pattern": "second", "rateFactor": %s, "weightDecay": %s}]%s}
                """.formatted(
                        kind,
                        fixture.path("decays").get(0),
                        members,
                        fixture.path("factor"),
                        fixture.path("decays").get(1),
                        options)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
    void theyTakeParametersWhereTorchTakesThem(int index) {
        theyTakeParametersWhereTorchTakesThem(index, Order.ONE_BY_ONE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
    void asTheyDoAllAtOnce(int index) {
        theyTakeParametersWhereTorchTakesThem(index, Order.TOGETHER);
    }

    private static void theyTakeParametersWhereTorchTakesThem(int index, Order order) {
        JsonNode expected = fixture.path("cases").get(index);
        UpdateRule rule = rule(expected.path("name").asText());
        Optimizer optimizer = rule.optimizer();
        try (ScriptModule module = module(rule, order)) {
            Tensors parameters = module.parameters(NAMES);
            List<Tensors> buffers = new ArrayList<>();
            optimizer.buffers().forEach(buffer -> buffers.add(tensors(module, new float[12], new float[5])));

            for (int step = 0; step < fixture.path("steps").asInt(); step++) {
                try (Tensors gradients = tensors(module, gradient(step, 0), gradient(step, 1));
                        Call call = module.call("update", true)) {
                    call.scalars(optimizer.scalars(0.02 / (1 + step), step))
                            .list(gradients)
                            .list(parameters);
                    buffers.forEach(call::list);
                    call.run();
                }
            }

            assertClose("parameters", copies(module, parameters), expected.path("parameters"));
            for (int k = 0; k < buffers.size(); k++) {
                String name = optimizer.buffers().get(k);
                assertClose(
                        name,
                        copies(module, buffers.get(k)),
                        expected.path("buffers").path(name));
            }
        }
    }

    /** A gradient of zero, from buffers of zero: what the host computes without a device is what the device computes. */
    @ParameterizedTest
    @ValueSource(strings = {"sgd", "nesterov", "adamw", "nesterov clipped", "adamw averaged", "sgd clipped averaged"})
    void withoutAGradientTheyAreLinear(String name) {
        UpdateRule rule = rule(name);
        Optimizer optimizer = rule.optimizer();
        Settings settings = settings(rule).get(1);
        double[][] product = identity(1 + optimizer.buffers().size());
        try (ScriptModule module = module(rule, Order.ONE_BY_ONE)) {
            Tensors parameters = module.parameters(NAMES);
            List<Tensors> buffers = new ArrayList<>();
            optimizer.buffers().forEach(buffer -> buffers.add(tensors(module, new float[12], new float[5])));
            for (int step = 0; step < 20; step++) {
                double[] scalars = optimizer.scalars(0.5, step);
                try (Tensors gradients = tensors(module, new float[12], new float[5]);
                        Call call = module.call("update", true)) {
                    call.scalars(scalars).list(gradients).list(parameters);
                    buffers.forEach(call::list);
                    call.run();
                }
                product = times(optimizer.withoutGradient(settings, scalars), product);
            }

            assertMultiple(copies(module, parameters).get(1), product[0][0]);
            for (int k = 0; k < buffers.size(); k++) {
                assertMultiple(copies(module, buffers.get(k)).get(1), product[k + 1][0]);
            }
        }
    }

    private static void assertMultiple(float[] found, double factor) {
        double[] first = Given.formula(1, SIZES[1]);
        for (int k = 0; k < found.length; k++) {
            double expected = factor * (float) first[k];
            assertThat((double) found[k]).isCloseTo(expected, within(1e-5 * Math.abs(expected)));
        }
    }

    private static double[][] identity(int size) {
        double[][] identity = new double[size][size];
        for (int k = 0; k < size; k++) {
            identity[k][k] = 1;
        }
        return identity;
    }

    private static double[][] times(double[][] left, double[][] right) {
        double[][] product = new double[left.length][left.length];
        for (int i = 0; i < left.length; i++) {
            for (int j = 0; j < left.length; j++) {
                for (int k = 0; k < left.length; k++) {
                    product[i][j] += left[i][k] * right[k][j];
                }
            }
        }
        return product;
    }

    private static List<Settings> settings(UpdateRule rule) {
        List<Weight> weights = new ArrayList<>();
        for (int k = 0; k < SIZES.length; k++) {
            weights.add(new Weight(NAMES.get(k), List.of((long) SIZES[k]), true, new Weight.Initial.Constant(0)));
        }
        return List.copyOf(rule.settings(weights).values());
    }

    private static ScriptModule module(UpdateRule rule, Order order) {
        StringBuilder buffers = new StringBuilder();
        rule.optimizer()
                .buffers()
                .forEach(buffer -> buffers.append(",\n    ").append(buffer).append(": List[Tensor]"));
        List<ModuleTensor> tensors = new ArrayList<>();
        for (int k = 0; k < SIZES.length; k++) {
            tensors.add(new ModuleTensor(
                    NAMES.get(k),
                    List.of((long) SIZES[k]),
                    true,
                    false,
                    buffer(floats(Given.formula(k, SIZES[k]), 1))));
        }
        String methods = METHODS.formatted(buffers, rule.optimizer().update(settings(rule), order));
        return ScriptModule.load(new TorchScriptArchive(methods, tensors), true);
    }

    private static float[] gradient(int step, int parameter) {
        return floats(Given.formula(100 + 10 * step + parameter, SIZES[parameter]), 1 + step % 3);
    }

    private static float[] floats(double[] values, double factor) {
        float[] floats = new float[values.length];
        for (int k = 0; k < floats.length; k++) {
            floats[k] = (float) (values[k] * factor);
        }
        return floats;
    }

    private static Tensors tensors(ScriptModule module, float[]... values) {
        return Tensors.of(Stream.of(values)
                .map(each -> module.floats(buffer(each), List.of((long) each.length)))
                .toList());
    }

    private static List<float[]> copies(ScriptModule module, Tensors tensors) {
        try (Call call = module.call("copies", true)) {
            return call.list(tensors).read().stream()
                    .map(bytes -> {
                        float[] values = new float[bytes.remaining() / Float.BYTES];
                        bytes.asFloatBuffer().get(values);
                        return values;
                    })
                    .toList();
        }
    }

    private static ByteBuffer buffer(float[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return buffer;
    }

    /** Relative to the largest of a tensor: single elements pass near zero. */
    private static void assertClose(String what, List<float[]> found, JsonNode expected) {
        for (int t = 0; t < found.size(); t++) {
            double largest = 0;
            for (JsonNode value : expected.get(t)) {
                largest = Math.max(largest, Math.abs(value.asDouble()));
            }
            for (int k = 0; k < found.get(t).length; k++) {
                assertThat((double) found.get(t)[k])
                        .as("%s %d, element %d", what, t, k)
                        .isCloseTo(expected.get(t).get(k).asDouble(), within(1e-5 * largest));
            }
        }
    }
}
