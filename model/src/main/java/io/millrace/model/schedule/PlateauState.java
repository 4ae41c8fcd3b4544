// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.schedule;

import io.millrace.contracts.event.Schedule.Plateau;
import io.millrace.contracts.event.Schedule.ThresholdMode;

/**
 * Where a plateau schedule stands after some validations, as <a
 * href="https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html">ReduceLROnPlateau</a>
 * decides. Immutable: the same losses lead to the same rate again.
 *
 * @param best the lowest loss that was an improvement; infinite before there is one
 * @param bad validations in a row without one
 * @param cooldown validations that do not count yet
 * @param learningRate that holds from here on, before any warm-up
 */
public record PlateauState(double best, int bad, int cooldown, double learningRate) {
    /** Before the first validation. */
    public static PlateauState first(Plateau plateau) {
        return new PlateauState(Double.POSITIVE_INFINITY, 0, 0, plateau.learningRate());
    }

    /** After one more validation with this mean loss. */
    public PlateauState after(double loss, Plateau plateau) {
        boolean better = loss < bound(plateau);
        int stillCooling = Math.max(0, cooldown - 1);
        int worse = better || cooldown > 0 ? 0 : bad + 1;
        double newBest = better ? loss : best;
        if (worse <= plateau.patience()) {
            return new PlateauState(newBest, worse, stillCooling, learningRate);
        }
        double reduced = Math.max(learningRate * plateau.factor(), plateau.minimum());
        return new PlateauState(
                newBest, 0, plateau.cooldown(), learningRate - reduced > plateau.epsilon() ? reduced : learningRate);
    }

    private double bound(Plateau plateau) {
        return plateau.thresholdMode() == ThresholdMode.REL
                ? best * (1 - plateau.threshold())
                : best - plateau.threshold();
    }
}
