// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.optimizer;

import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipe.Freeze;
import io.millrace.model.network.ParameterPattern;
import io.millrace.model.network.Weight;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The parameters that a recipe keeps from being trained, at first or at all.
 *
 * @param names of them
 * @param over whether that is over, and they are trained like the others
 */
public record Frozen(Set<String> names, boolean over) {
    public Frozen {
        names = Set.copyOf(names);
    }

    /** Whether what was frozen at first is trained, when so many epochs are done. */
    public static boolean isOver(Recipe recipe, int epochsDone) {
        Freeze freeze = recipe.freeze();
        return freeze != null && freeze.untilEpoch() != null && epochsDone >= freeze.untilEpoch();
    }

    /**
     * Those of a network.
     *
     * @throws IllegalArgumentException when a pattern matches no parameter
     */
    public static Frozen of(Recipe recipe, List<Weight> weights, boolean over) {
        Set<String> names = new LinkedHashSet<>();
        List<String> patterns =
                recipe.freeze() == null ? List.of() : recipe.freeze().what();
        List<String> parameters =
                weights.stream().filter(Weight::trainable).map(Weight::name).toList();
        for (String pattern : patterns) {
            Predicate<String> meant = ParameterPattern.of(pattern, weights);
            if (parameters.stream().noneMatch(meant)) {
                throw new IllegalArgumentException("no parameter is meant by the pattern \"" + pattern
                        + "\"; the first names are "
                        + parameters.subList(0, Math.min(5, parameters.size())));
            }
            parameters.stream().filter(meant).forEach(names::add);
        }
        return new Frozen(names, over);
    }

    /**
     * What holds for each parameter, these frozen unless that is over.
     *
     * @throws IllegalArgumentException when nothing is left to train
     */
    public Map<String, Settings> in(Map<String, Settings> settings) {
        Map<String, Settings> all = new LinkedHashMap<>(settings);
        if (!over) {
            names.forEach(name -> all.computeIfPresent(
                    name, (same, each) -> new Settings(each.rateFactor(), each.weightDecay(), true)));
        }
        if (all.values().stream().allMatch(Settings::frozen)) {
            throw new IllegalArgumentException("all parameters are frozen, there is nothing to train");
        }
        return all;
    }

    /** Whether a parameter stays as it is, and the statistics of its layer with it. */
    public boolean holds(String name) {
        return !over && names.contains(name);
    }

    /** Those that the optimizer has known nothing of yet. */
    public Set<String> newlyTrained() {
        return over ? names : Set.of();
    }
}
