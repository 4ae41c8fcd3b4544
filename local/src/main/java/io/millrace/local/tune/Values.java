// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.Recipes;
import java.util.Optional;

/**
 * What was drawn for a trial.
 *
 * @param learningRate of the schedule
 * @param weightDecay of the optimizer
 * @param augmentation factor on how much the recipe's own augmentation changes an image; empty: it stays as it is
 */
public record Values(double learningRate, double weightDecay, Optional<Double> augmentation) {
    /** A recipe as people write one, with these values. */
    public ObjectNode in(ObjectNode sparse) {
        ObjectNode recipe = sparse.deepCopy();
        recipe.withObject("/schedule").put("learningRate", learningRate);
        recipe.withObject("/optimizer").put("weightDecay", weightDecay);
        augmentation.ifPresent(factor ->
                new Strength(factor).of(Recipes.of(sparse).augmentation(), recipe.withObject("/augmentation")));
        return recipe;
    }
}
