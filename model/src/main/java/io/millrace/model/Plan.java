// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.graph.Graph;
import io.millrace.model.graph.LiveTaps;
import io.millrace.model.graph.PoolBeforeRelu;
import io.millrace.model.network.Held;
import io.millrace.model.network.Networks;
import io.millrace.model.network.Weight;
import io.millrace.model.optimizer.Optimizer;
import io.millrace.model.optimizer.Settings;
import io.millrace.model.optimizer.UpdateRule;
import io.millrace.model.script.TorchScriptArchive;
import java.util.List;
import java.util.Map;

/** What of a network is trained, and how, for images of one size. Immutable. */
final class Plan {
    private final Graph graph;
    private final List<Held> held;
    private final List<Held> trainable;
    private final Optimizer optimizer;
    private final Map<String, Settings> settings;
    private final Recipe recipe;
    private final Compute compute;

    /** @throws RefusedRequestException when a group of parameters makes no sense */
    Plan(StepRules rules, UpdateRule update, Recipe recipe, Compute compute) {
        this.optimizer = update.optimizer();
        this.recipe = recipe;
        this.compute = compute;
        Graph described =
                PoolBeforeRelu.of(Graph.of(Networks.describe(rules.network()), rules.height(), rules.width()));
        this.settings = settings(update, described);
        boolean linear = settings.values().stream().allMatch(each -> each.frozen() || optimizer.linear(each));
        this.graph = linear ? LiveTaps.forTraining(described, bf16()) : described;
        this.held = graph.held();
        this.trainable = held.stream().filter(part -> isTrained(part.weight())).toList();
    }

    private static Map<String, Settings> settings(UpdateRule update, Graph described) {
        try {
            return update.settings(described.weights());
        } catch (IllegalArgumentException e) {
            throw new RefusedRequestException("recipe.groups: " + e.getMessage());
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

    /** The archive that trains, with whole weights in the order of {@link #held()}. */
    TorchScriptArchive archive(List<Tensor> weights) {
        String methods = TrainingMethods.forLearning(
                graph, optimizer, settings(trainable), recipe, compute.channelsLast(), bf16());
        return Archives.of(held, this::isTrained, methods, weights, compute.channelsLast());
    }
}
