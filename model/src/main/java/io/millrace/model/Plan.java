// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.graph.FrozenNorms;
import io.millrace.model.graph.Graph;
import io.millrace.model.graph.LiveTaps;
import io.millrace.model.graph.PoolBeforeRelu;
import io.millrace.model.graph.TrainingMemory;
import io.millrace.model.network.Held;
import io.millrace.model.network.Networks;
import io.millrace.model.network.Weight;
import io.millrace.model.optimizer.Frozen;
import io.millrace.model.optimizer.Optimizer;
import io.millrace.model.optimizer.Settings;
import io.millrace.model.optimizer.UpdateRule;
import io.millrace.model.script.TorchScriptArchive;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** What of a network is trained, and how, for images of one size. Immutable. */
final class Plan {
    private final Graph graph;
    private final List<Held> held;
    private final List<Held> trainable;
    private final Optimizer optimizer;
    private final Optimizer.Order order;
    private final Frozen frozen;
    private final Map<String, Settings> settings;
    private final Recipe recipe;
    private final Compute compute;

    /**
     * @param thawed whether what the recipe freezes at first is trained
     * @throws RefusedRequestException when a group of parameters makes no sense, or what is frozen
     */
    Plan(StepRules rules, UpdateRule update, Recipe recipe, Compute compute, boolean thawed) {
        this.optimizer = update.optimizer();
        this.order = Optimizer.Order.on(compute.device());
        this.recipe = recipe;
        this.compute = compute;
        Graph described =
                PoolBeforeRelu.of(Graph.of(Networks.describe(rules.network()), rules.height(), rules.width()));
        this.frozen = refusing("recipe.freeze", () -> Frozen.of(recipe, described.weights(), thawed));
        Map<String, Settings> grouped = refusing("recipe.groups", () -> update.settings(described.weights()));
        this.settings = refusing("recipe.freeze", () -> frozen.in(grouped));
        boolean linear = settings.values().stream().allMatch(each -> each.frozen() || optimizer.linear(each));
        Graph settled = FrozenNorms.of(described, frozen::holds);
        // Forms that spare a processor work are more operations, and to start one is what a GPU waits for
        // (docs/adr/0001).
        boolean processor = compute.device().equals(Devices.CPU);
        this.graph = linear && processor ? LiveTaps.forTraining(settled, bf16()) : settled;
        this.held = graph.held();
        this.trainable = held.stream().filter(part -> isTrained(part.weight())).toList();
    }

    private static <T> T refusing(String member, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (IllegalArgumentException e) {
            throw new RefusedRequestException(member + ": " + e.getMessage());
        }
    }

    private boolean bf16() {
        return compute.precision() == Precision.BF16;
    }

    /** In how many slices a step's batch is trained on. */
    int slices() {
        return recipe.accumulate();
    }

    Optimizer optimizer() {
        return optimizer;
    }

    /** Parameters that were frozen before, and that a state of the optimizer from then says nothing of. */
    Set<String> newlyTrained() {
        return frozen.newlyTrained();
    }

    /** All weights as the device holds them. */
    List<Held> held() {
        return held;
    }

    /** Those that are trained. */
    List<Held> trainable() {
        return trainable;
    }

    private boolean isTrained(Weight weight) {
        return weight.trainable() && !settings.get(weight.name()).frozen();
    }

    /** Whether it is a parameter that stays as it is. */
    boolean isFrozen(String name) {
        return settings.containsKey(name) && settings.get(name).frozen();
    }

    /** What holds for each of some parameters. */
    List<Settings> settings(List<Held> parameters) {
        return parameters.stream()
                .map(part -> settings.get(part.weight().name()))
                .toList();
    }

    /** What training takes with so many images at once. */
    TrainingMemory memory(int images) {
        // Gradients of several slices are added up beside those of the one at hand.
        int buffers = optimizer.buffers().size() + (slices() > 1 ? 1 : 0);
        return TrainingMemory.of(graph, images, bf16(), buffers, this::isTrained);
    }

    /** The archive that trains, with whole weights in the order of {@link #held()}. */
    TorchScriptArchive archive(List<Tensor> weights) {
        String methods = TrainingMethods.forLearning(
                graph,
                this::isTrained,
                optimizer,
                settings(trainable),
                order,
                recipe,
                compute.channelsLast(),
                bf16(),
                Devices.hasFloat64(compute.device()));
        return Archives.of(held, this::isTrained, methods, weights, compute.channelsLast());
    }
}
