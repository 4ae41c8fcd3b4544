// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import io.millrace.contracts.event.Recipe;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Which parameters of a network a recipe means. */
public final class ParameterPattern {
    private static final String WEIGHT = ".weight";

    private ParameterPattern() {}

    /**
     * Whether a parameter's name is meant.
     *
     * @param pattern {@link Recipe#HEAD}, {@link Recipe#BACKBONE}, or a name in which {@code *} stands for anything
     * @param weights of the network, in its order
     */
    public static Predicate<String> of(String pattern, List<Weight> weights) {
        return switch (pattern) {
            case Recipe.HEAD -> head(weights);
            case Recipe.BACKBONE -> head(weights).negate();
            default ->
                Pattern.compile("\\Q" + pattern.replace("*", "\\E.*\\Q") + "\\E")
                        .asMatchPredicate();
        };
    }

    /** The last linear layer's. */
    private static Predicate<String> head(List<Weight> weights) {
        return weights.stream()
                .filter(weight -> weight.trainable() && weight.shape().size() == 2)
                .map(Weight::name)
                .reduce((before, last) -> last)
                .map(name -> name.substring(0, name.length() - WEIGHT.length() + 1))
                .<Predicate<String>>map(prefix -> name -> name.startsWith(prefix))
                .orElse(name -> false);
    }
}
