// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.optimizer;

import io.millrace.contracts.event.Optimizer.AdamW;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipe.Group;
import io.millrace.model.network.ParameterPattern;
import io.millrace.model.network.Weight;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How a network's parameters are updated.
 *
 * @param optimizer for all of them
 * @param weightDecay of those whose group says nothing else
 * @param decayVectors whether it holds for BatchNorm and biases, too, as torch has it unless told otherwise
 * @param groups that are trained in a way of their own; the first that matches counts
 */
public record UpdateRule(Optimizer optimizer, double weightDecay, boolean decayVectors, List<Group> groups) {
    public UpdateRule {
        groups = List.copyOf(groups);
    }

    /** What a recipe says. */
    public static UpdateRule of(Recipe recipe) {
        Optimizer optimizer = optimizer(recipe.optimizer());
        if (recipe.clipNorm() != null) {
            optimizer = new Clipped(optimizer, recipe.clipNorm());
        }
        if (recipe.averaging() != null) {
            optimizer = new Averaged(optimizer, recipe.averaging().decay());
        }
        return new UpdateRule(
                optimizer, recipe.optimizer().weightDecay(), recipe.optimizer().decayNormAndBias(), recipe.groups());
    }

    private static Optimizer optimizer(io.millrace.contracts.event.Optimizer chosen) {
        if (chosen instanceof io.millrace.contracts.event.Optimizer.Sgd sgd) {
            return new Sgd(sgd.momentum(), sgd.nesterov());
        }
        if (chosen instanceof io.millrace.contracts.event.Optimizer.Adam adam) {
            return new Adam(adam.beta1(), adam.beta2(), adam.epsilon(), false);
        }
        AdamW adamw = (AdamW) chosen;
        return new Adam(adamw.beta1(), adamw.beta2(), adamw.epsilon(), true);
    }

    /**
     * What holds for each parameter of a network, by its name.
     *
     * @throws IllegalArgumentException when a group matches nothing, or everything is frozen
     */
    public Map<String, Settings> settings(List<Weight> weights) {
        List<Predicate<String>> patterns = groups.stream()
                .map(group -> ParameterPattern.of(group.pattern(), weights))
                .toList();
        List<Group> unused = new ArrayList<>(groups);
        Map<String, Settings> settings = new LinkedHashMap<>();
        for (Weight weight : weights) {
            if (weight.trainable()) {
                Optional<Group> group = first(patterns, weight.name());
                group.ifPresent(unused::remove);
                settings.put(weight.name(), settings(weight, group));
            }
        }
        if (!unused.isEmpty()) {
            throw new IllegalArgumentException("no parameter is left for the pattern \""
                    + unused.get(0).pattern() + "\"; the first names are "
                    + settings.keySet().stream().limit(5).toList());
        }
        if (settings.values().stream().allMatch(Settings::frozen)) {
            throw new IllegalArgumentException("all parameters are frozen, there is nothing to train");
        }
        return settings;
    }

    private Optional<Group> first(List<Predicate<String>> patterns, String name) {
        for (int k = 0; k < patterns.size(); k++) {
            if (patterns.get(k).test(name)) {
                return Optional.of(groups.get(k));
            }
        }
        return Optional.empty();
    }

    private Settings settings(Weight weight, Optional<Group> group) {
        boolean vector = weight.shape().size() == 1;
        double decay = vector && !decayVectors ? 0 : weightDecay;
        return new Settings(
                group.map(Group::rateFactor).orElse(1.0),
                group.map(Group::weightDecay).orElse(decay),
                group.map(Group::frozen).orElse(false));
    }
}
