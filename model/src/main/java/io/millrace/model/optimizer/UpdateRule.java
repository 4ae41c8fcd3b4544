// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.optimizer;

import io.millrace.contracts.event.Recipe;
import io.millrace.model.network.Weight;
import java.util.List;
import java.util.Map;

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
        Recipe.Optimizer sgd = recipe.optimizer();
        return new UpdateRule(new Sgd(sgd.momentum(), sgd.nesterov()), sgd.weightDecay(), true, List.of());
    }

    /**
     * What holds for each parameter of a network, by its name.
     *
     * @throws IllegalArgumentException when a group matches nothing, or everything is frozen
     */
    public Map<String, Settings> settings(List<Weight> weights) {
        List<Weight> parameters = weights.stream().filter(Weight::trainable).toList();
        return Group.settings(
                parameters.stream().map(Weight::name).toList(),
                parameters.stream()
                        .filter(weight -> weight.shape().size() == 1)
                        .map(Weight::name)
                        .toList(),
                groups,
                weightDecay,
                decayVectors);
    }
}
