// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.schedule;

import io.millrace.contracts.event.Schedule;
import io.millrace.contracts.event.Schedule.Anneal;
import io.millrace.contracts.event.Schedule.Cosine;
import io.millrace.contracts.event.Schedule.Exponential;
import io.millrace.contracts.event.Schedule.Linear;
import io.millrace.contracts.event.Schedule.MultiStep;
import io.millrace.contracts.event.Schedule.OneCycle;
import io.millrace.contracts.event.Schedule.Step;
import io.millrace.contracts.event.Schedule.Triangle;

/** Learning rate by step. */
@FunctionalInterface
interface Shape {
    double at(long step);

    static Shape of(Schedule schedule, long steps, long stepsPerEpoch) {
        if (schedule instanceof OneCycle cycle) {
            return oneCycle(cycle, steps);
        }
        if (schedule instanceof Linear linear) {
            return step -> linear.learningRate()
                    * (linear.startFactor()
                            + (linear.endFactor() - linear.startFactor())
                                    * Math.min(step, linear.steps())
                                    / linear.steps());
        }
        return warmedUp(schedule, steps, afterWarmUp(schedule, steps, stepsPerEpoch));
    }

    private static Shape warmedUp(Schedule schedule, long steps, Shape shape) {
        long warmUp = schedule.warmupSteps(steps);
        return step -> step < warmUp ? shape.at(step) * (step + 1) / (warmUp + 1) : shape.at(step);
    }

    private static Shape afterWarmUp(Schedule schedule, long steps, long stepsPerEpoch) {
        double peak = schedule.learningRate();
        long begin = schedule.warmupSteps(steps);
        if (schedule instanceof Cosine cosine) {
            double low = cosine.minimum();
            return step -> low + (peak - low) * (1 + Math.cos(Math.PI * progress(begin, step, steps))) / 2;
        }
        if (schedule instanceof Triangle) {
            return step -> peak * (1 - progress(begin, step, steps));
        }
        if (schedule instanceof Step falling) {
            long every = falling.everySteps() == null ? falling.everyEpochs() * stepsPerEpoch : falling.everySteps();
            return step -> peak * Math.pow(falling.factor(), step / every);
        }
        if (schedule instanceof MultiStep falling) {
            return step -> peak
                    * Math.pow(
                            falling.factor(),
                            falling.atEpochs().stream()
                                    .filter(epoch -> epoch * stepsPerEpoch <= step)
                                    .count());
        }
        if (schedule instanceof Exponential falling) {
            return step -> peak * Math.pow(falling.factor(), step / stepsPerEpoch);
        }
        return step -> peak;
    }

    private static double progress(long begin, long step, long end) {
        return step < begin ? 0 : (double) (step - begin) / (end - begin);
    }

    /**
     * As <a href="https://github.com/pytorch/pytorch/blob/v2.3.1/torch/optim/lr_scheduler.py">torch's OneCycleLR</a> does it:
     * phases end between steps.
     */
    private static Shape oneCycle(OneCycle cycle, long steps) {
        double first = cycle.learningRate() / cycle.divFactor();
        double last = first / cycle.finalDivFactor();
        double rise = cycle.pctStart() * steps - 1;
        double fall = cycle.threePhase() ? 2 * cycle.pctStart() * steps - 2 : steps - 1;
        double end = steps - 1;
        double peak = cycle.learningRate();
        double low = cycle.threePhase() ? first : last;
        return step -> step <= rise
                ? anneal(cycle.anneal(), first, peak, part(0, step, rise))
                : step <= fall || fall == end
                        ? anneal(cycle.anneal(), peak, low, part(rise, step, fall))
                        : anneal(cycle.anneal(), first, last, part(fall, step, end));
    }

    /** A phase without length, on which torch fails, is at its end. */
    private static double part(double from, double at, double to) {
        return from == to ? 1 : (at - from) / (to - from);
    }

    private static double anneal(Anneal anneal, double from, double to, double part) {
        return anneal == Anneal.LINEAR
                ? (to - from) * part + from
                : to + (from - to) / 2 * (Math.cos(Math.PI * part) + 1);
    }
}
