// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.schedule;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Schedule;
import java.util.NavigableMap;
import java.util.TreeMap;

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
     * The schedule of a run. One that {@linkplain Schedule#restarts spans} what was asked for begins again, warm-up and all,
     * with each extension; the others go on, and what they count from the number of steps, a warm-up, from those that were
     * ordered at first. So the rate of a step depends neither on when a run was extended, nor on what is added after it. Where
     * the recipe scales it, it is that rate times the number of shards.
     */
    static LearningRateSchedule of(RunSpec run) {
        Schedule schedule = run.recipe().schedule();
        long perEpoch = run.batchesPerEpoch();
        NavigableMap<Long, Shape> spans = new TreeMap<>();
        long begin = 0;
        for (int epochs : run.spans()) {
            if (begin == 0 || schedule.restarts()) {
                spans.put(begin, Shape.of(schedule, epochs * perEpoch, perEpoch));
            }
            begin += epochs * perEpoch;
        }
        int factor = run.recipe().rateFactor(run.shards());
        return within(begin, step -> {
            long from = spans.floorKey(step);
            return factor * spans.get(from).at(step - from);
        });
    }

    /**
     * A recipe's schedule over a run. A warm-up is the first {@code W = round(warmupFraction * steps)} steps, in which the
     * rate of the shape is taken times {@code (step + 1) / (W + 1)}, so that step W has all of it. Cosine and triangle begin
     * then, and arrive at what would be step {@code steps}; the others count from the beginning of the run. A plateau's
     * reductions are not in it, see {@link PlateauState}.
     *
     * @param steps of the whole run
     * @param stepsPerEpoch of one epoch
     * @throws IllegalArgumentException where there are no steps
     */
    static LearningRateSchedule of(Schedule schedule, long steps, long stepsPerEpoch) {
        if (steps < 1 || stepsPerEpoch < 1) {
            throw new IllegalArgumentException(
                    "a run has at least 1 step, got " + steps + ", " + stepsPerEpoch + " of them in an epoch");
        }
        return within(steps, Shape.of(schedule, steps, stepsPerEpoch));
    }

    private static LearningRateSchedule within(long steps, Shape shape) {
        return step -> {
            if (step < 0 || step >= steps) {
                throw new IllegalArgumentException("step " + step + " is outside a run of " + steps + " steps");
            }
            return shape.at(step);
        };
    }
}
