// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.event.Recipe;
import io.millrace.model.graph.Backward;
import io.millrace.model.graph.Graph;
import io.millrace.model.network.Weight;
import io.millrace.model.optimizer.Optimizer;
import io.millrace.model.optimizer.Settings;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** The methods of the modules, as TorchScript. Constants of a recipe are written into the source. */
final class TrainingMethods {
    /** Normalizes, and brings the image into the layout and the number format of the convolutions. */
    private static final String NORMALIZED = """
                normalized = torch.mul(torch.sub(torch.to(x, 6), zero_point, alpha=1), scale)
                ordered = torch.contiguous(normalized, memory_format=%d)
                %s = torch.to(ordered, %d)
            """;

    private static final String FORWARD = """
              def forward(self: __torch__.Net,
                x: Tensor,
                scale: Tensor,
                zero_point: Tensor) -> Tensor:
            %s%s    return %s
            """;

    /**
     * Gradients of the mean loss of a batch; loss and right answers are added to the sums. The parameters have to come in as
     * an argument: a list of them that is built from {@code self} inside a method is not updated.
     */
    private static final String GRADIENTS = """
              def gradients(self: __torch__.Net,
                x: Tensor,
                scale: Tensor,
                zero_point: Tensor,
                y: Tensor,
            %7$s    sums: Tensor,
                parameters: List[Tensor]) -> List[Tensor]:
                torch.set_grad_enabled(True)
            %1$s%2$s    logits = %3$s
            %4$s%5$s    torch.set_grad_enabled(False)
                right = torch.sum(torch.eq(torch.argmax(logits, 1, False), y), dtype=%6$d)
                total = torch.mul(torch.to(torch.detach(loss), %6$d), torch.size(x, 0))
                _1 = torch.add_(sums, torch.stack([total, right], 0), alpha=1)
                return gradients
            """;

    /** The update, gradients of one call at once or of several that were added up before. */
    private static final String UPDATES = """
              def train_step(self: __torch__.Net,
                x: Tensor,
                scale: Tensor,
                zero_point: Tensor,
                y: Tensor,
            %3$s    scalars: Tensor,
                sums: Tensor,
                parameters: List[Tensor]%1$s) -> Tensor:
                gradients = self.gradients(x, scale, zero_point, y, %4$ssums, parameters)
            %2$s    return sums
              def accumulate(self: __torch__.Net,
                x: Tensor,
                scale: Tensor,
                zero_point: Tensor,
                y: Tensor,
            %3$s    scalars: Tensor,
                sums: Tensor,
                parameters: List[Tensor],
                added: List[Tensor]) -> Tensor:
                gradients = self.gradients(x, scale, zero_point, y, %4$ssums, parameters)
                torch._foreach_add_(added, gradients, alpha=float(torch.select(scalars, 0, 0)))
                return sums
              def update(self: __torch__.Net,
                scalars: Tensor,
                gradients: List[Tensor],
                sums: Tensor,
                parameters: List[Tensor]%1$s) -> Tensor:
                torch.set_grad_enabled(False)
            %2$s    torch._foreach_zero_(gradients)
                return sums
            """;

    /** Copies on the host, row-major whatever the layout. */
    private static final String SNAPSHOT = """
              def snapshot(self: __torch__.Net,
                tensors: List[Tensor]) -> List[Tensor]:
                copies = annotate(List[Tensor], [])
                for i in range(torch.len(tensors)):
                  _0 = torch.append(copies, torch.contiguous(torch.cpu(torch.detach(tensors[i])), memory_format=0))
                return copies
            """;

    /** The given values in the memory layout of others. */
    private static final String LAID_OUT = """
              def laid_out(self: __torch__.Net,
                like: List[Tensor],
                values: List[Tensor]) -> List[Tensor]:
                copies = annotate(List[Tensor], [])
                for i in range(torch.len(like)):
                  copy = torch.empty_like(torch.detach(like[i]))
                  _0 = torch.append(copies, torch.copy_(copy, values[i], False))
                return copies
            """;

    /** Changes tensors in place. */
    private static final String PUT = """
              def put(self: __torch__.Net,
                into: List[Tensor],
                values: List[Tensor]) -> List[Tensor]:
                torch.set_grad_enabled(False)
                for i in range(torch.len(into)):
                  _0 = torch.copy_(into[i], values[i], False)
                return into
              def cleared(self: __torch__.Net,
                tensors: List[Tensor]) -> List[Tensor]:
                torch.set_grad_enabled(False)
                torch._foreach_zero_(tensors)
                return tensors
            """;

    private static final int FLOAT32 = 6;
    private static final int FLOAT64 = 7;
    private static final int BFLOAT16 = 15;
    private static final int CONTIGUOUS = 0;
    private static final int CHANNELS_LAST = 2;

    private TrainingMethods() {}

    /**
     * The methods.
     *
     * @param trained which weights are
     * @param settings of each of them
     * @param order in which they are updated
     * @param float64 whether the device has such numbers
     */
    static String forLearning(
            Graph graph,
            Predicate<Weight> trained,
            Optimizer optimizer,
            List<Settings> settings,
            Optimizer.Order order,
            Recipe recipe,
            boolean channelsLast,
            boolean bf16,
            boolean float64) {
        StringBuilder buffers = new StringBuilder();
        optimizer
                .buffers()
                .forEach(buffer -> buffers.append(",\n    ").append(buffer).append(": List[Tensor]"));
        BatchLoss loss = BatchLoss.of(recipe);
        Backward.Script both = Backward.of(graph, trained, bf16);
        String gradients = String.format(
                Locale.ROOT,
                GRADIENTS,
                normalized(channelsLast, bf16),
                both.forward(),
                both.logits(),
                loss.statements(),
                both.backward(),
                float64 ? FLOAT64 : FLOAT32,
                loss.declared());
        String updates = String.format(
                Locale.ROOT, UPDATES, buffers, optimizer.update(settings, order), loss.declared(), loss.passed());
        return forward(graph, channelsLast, bf16) + gradients + updates + SNAPSHOT + LAID_OUT + PUT + running(graph);
    }

    static String forScoring(Graph graph) {
        return forward(graph, true, false);
    }

    private static String forward(Graph graph, boolean channelsLast, boolean bf16) {
        Graph.Script script = graph.script(bf16);
        return String.format(
                Locale.ROOT, FORWARD, normalized(channelsLast, bf16), script.statements(), script.logits());
    }

    private static String normalized(boolean channelsLast, boolean bf16) {
        // Some locales have digits that TorchScript does not read.
        return String.format(
                Locale.ROOT,
                NORMALIZED,
                channelsLast ? CHANNELS_LAST : CONTIGUOUS,
                Graph.INPUT,
                bf16 ? BFLOAT16 : FLOAT32);
    }

    /** BatchNorm's statistics are buffers, which DJL does not list. */
    private static String running(Graph graph) {
        StringBuilder list = new StringBuilder();
        graph.weights().stream().filter(weight -> !weight.trainable()).forEach(weight -> list.append("self.")
                .append(weight.attribute())
                .append(", "));
        return """
                 def running(self: __torch__.Net) -> List[Tensor]:
                   return [%s]
               """.formatted(list);
    }
}
