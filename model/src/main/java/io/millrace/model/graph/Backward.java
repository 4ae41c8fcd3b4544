// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.model.graph.OwnGradient.Gradients;
import io.millrace.model.network.Description;
import io.millrace.model.network.Weight;
import io.millrace.model.script.StatementWriter;
import io.millrace.model.script.StatementWriter.Operand;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * A network from its input to the gradients of its parameters, as TorchScript. Autograd takes them back through all layers
 * but those that have an {@link OwnGradient}: such a layer cuts the graph. What was computed before it and is read behind it
 * begins anew, as leaves; on the way back, autograd goes from the loss to the leaves of the last cut, the layer takes the
 * gradient of its output further, autograd goes from there to the cut before, and so on.
 */
public final class Backward {
    private static final String INDENT = "    ";

    private final Graph graph;
    private final Predicate<Weight> trained;
    private final StatementWriter out;
    private final List<String> values = new ArrayList<>();
    /** Of the nodes so far: whether a gradient is to go back to what is before. */
    private final List<Boolean> tracked = new ArrayList<>();

    private final Set<Integer> leaves = new TreeSet<>();
    private final List<Cut> cuts = new ArrayList<>();

    /**
     * Where the graph is cut.
     *
     * @param node index of the layer
     * @param x what it reads, cut off
     * @param read what it reads, as autograd knows it
     * @param before what else is read later, as autograd knows it from before the cut
     * @param behind the leaves in the places of these; the output of the layer comes first
     */
    private record Cut(
            int node,
            OwnGradient layer,
            String x,
            String kernel,
            String read,
            List<String> before,
            List<String> behind) {}

    private Backward(Graph graph, Predicate<Weight> trained, boolean bf16) {
        this.graph = graph;
        this.trained = trained;
        this.out = new StatementWriter(bf16);
    }

    /**
     * Both directions.
     *
     * @param forward statements from {@link Graph#INPUT} to the logits
     * @param backward statements from the scalar {@code loss} and the list {@code parameters}, of all that is trained in the
     *     order of the graph, to the list {@code gradients}
     */
    public record Script(String forward, String logits, String backward) {}

    /**
     * Writes them.
     *
     * @param trained which weights of the graph have a gradient
     * @param bf16 whether convolutions and products compute in bfloat16
     */
    public static Script of(Graph graph, Predicate<Weight> trained, boolean bf16) {
        Backward both = new Backward(graph, trained, bf16);
        both.forward();
        String forward = both.out.statements();
        String backward = both.backward();
        return new Script(forward, both.values.get(both.values.size() - 1), backward);
    }

    private void forward() {
        for (int index = 0; index < graph.nodes().size(); index++) {
            Node node = graph.nodes().get(index);
            boolean behindTrained = node.inputs().stream().anyMatch(this::isTracked);
            boolean learns = node.layer().weights().stream().anyMatch(trained);
            tracked.add(behindTrained || learns);
            if (node.layer() instanceof OwnGradient layer && behindTrained && learns) {
                values.add(cut(index, node, layer));
            } else {
                List<Operand> operands =
                        node.inputs().stream().map(this::operand).toList();
                values.add(node.layer().write(out, operands));
            }
        }
    }

    private boolean isTracked(int node) {
        return node != Description.IMAGE && tracked.get(node);
    }

    private Operand operand(int input) {
        Operand plain = graph.operand(input, values);
        return new Operand(plain.name(), plain.overwritable() && !leaves.contains(input));
    }

    private String cut(int index, Node node, OwnGradient layer) {
        String read = values.get(node.inputs().get(0));
        String x = out.value("torch.detach(%s)", read);
        String kernel = layer.kernel(out);
        List<String> before = new ArrayList<>();
        List<String> behind = new ArrayList<>();
        behind.add(leaf(layer.output(out, x, kernel)));
        for (int live : readBehind(index)) {
            before.add(values.get(live));
            behind.add(leaf(values.get(live)));
            values.set(live, behind.get(behind.size() - 1));
            leaves.add(live);
        }
        leaves.add(index);
        cuts.add(new Cut(index, layer, x, kernel, read, before, behind));
        return behind.get(0);
    }

    private Set<Integer> readBehind(int index) {
        Set<Integer> live = new TreeSet<>();
        for (Node node : graph.nodes().subList(index + 1, graph.nodes().size())) {
            node.inputs().stream()
                    .filter(input -> input < index && isTracked(input))
                    .forEach(live::add);
        }
        return live;
    }

    private String leaf(String value) {
        return out.value("torch.requires_grad_(torch.detach(%s), True)", value);
    }

    private String backward() {
        int forward = out.statements().length();
        List<String> parts = new ArrayList<>();
        String outputs = "[loss]";
        String gradients = "None";
        int end = graph.nodes().size();
        for (int k = cuts.size() - 1; k >= 0; k--) {
            Cut cut = cuts.get(k);
            String found = found(outputs, gradients, cut.behind(), cut.node() + 1, end);
            parts.add(0, appended(found, cut.behind().size(), parametersIn(cut.node() + 1, end)));
            Gradients own = cut.layer().gradients(out, cut.x(), cut.kernel(), tensor(found, 0));
            parts.add(0, INDENT + "_0 = torch.append(gradients, " + own.kernel() + ")\n");
            List<String> before = new ArrayList<>(List.of(cut.read()));
            List<String> taken = new ArrayList<>(List.of(own.input()));
            for (int live = 0; live < cut.before().size(); live++) {
                before.add(cut.before().get(live));
                taken.add(tensor(found, live + 1));
            }
            outputs = before.toString();
            gradients = "annotate(List[Optional[Tensor]], " + taken + ")";
            end = cut.node();
        }
        String found = found(outputs, gradients, List.of(), 0, end);
        parts.add(0, appended(found, 0, parametersIn(0, end)));
        parts.add(0, INDENT + "gradients = annotate(List[Tensor], [])\n");
        return out.statements().substring(forward) + String.join("", parts);
    }

    /** Gradients of leaves and of the parameters of some nodes, in this order. */
    private String found(String outputs, String gradients, List<String> leaves, int from, int to) {
        int first = parametersIn(0, from);
        String parameters = "torch.slice(parameters, " + first + ", " + (first + parametersIn(from, to)) + ", 1)";
        return out.value(
                "torch.grad(%s, %s, %s, None, False, False)",
                outputs, leaves.isEmpty() ? parameters : "torch.add(" + leaves + ", " + parameters + ")", gradients);
    }

    private static String tensor(String found, Object index) {
        return "unchecked_cast(Tensor, " + found + "[" + index + "])";
    }

    private static String appended(String found, int first, int count) {
        return INDENT + "for i in range(" + count + "):\n" + INDENT + "  _0 = torch.append(gradients, "
                + tensor(found, "torch.add(i, " + first + ")") + ")\n";
    }

    private int parametersIn(int from, int to) {
        return (int) graph.nodes().subList(from, to).stream()
                .flatMap(node -> node.layer().weights().stream())
                .filter(trained)
                .count();
    }
}
