// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.schedule;

import io.millrace.contracts.event.Recipe;

/** The learning rate of every step of a run. Stateless: a resumed run asks for the step it goes on with. */
@FunctionalInterface
public interface LearningRateSchedule {
    /**
     * The learning rate of a step.
     *
     * @param step from 0 to the number of steps of the run, exclusive
     * @throws IllegalArgumentException outside that range
     */
    double at(long step);

    /**
     * A recipe's schedule over a run. It rises on a straight line for the first {@code W = round(warmupFraction * steps)}
     * steps, {@code peak * (step + 1) / (W + 1)}, so that step W has the peak, and then keeps to it (constant), or falls
     * to what would be 0 at step {@code steps}: as half a cosine, or on a straight line (one-cycle).
     *
     * @param steps of the whole run
     * @throws IllegalArgumentException naming the value that makes no sense
     */
    static LearningRateSchedule of(Recipe.Schedule schedule, long steps) {
        return new WarmUpThenDecay(schedule, steps);
    }
}
