// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.schedule;

import io.millrace.contracts.event.Recipe;

/** All schedules that a recipe knows. */
final class WarmUpThenDecay implements LearningRateSchedule {
    private final Recipe.Schedule.Kind kind;
    private final double peak;
    private final long warmUp;
    private final long steps;

    WarmUpThenDecay(Recipe.Schedule schedule, long steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("a run has at least 1 step, got " + steps);
        }
        if (!(schedule.learningRate() > 0) || Double.isInfinite(schedule.learningRate())) {
            throw new IllegalArgumentException(
                    "schedule.learningRate must be positive and finite, got " + schedule.learningRate());
        }
        if (!(schedule.warmupFraction() >= 0 && schedule.warmupFraction() < 1)) {
            throw new IllegalArgumentException(
                    "schedule.warmupFraction must be from 0 to less than 1, got " + schedule.warmupFraction());
        }
        this.kind = schedule.kind();
        this.peak = schedule.learningRate();
        this.steps = steps;
        this.warmUp = Math.min(steps - 1, Math.round(schedule.warmupFraction() * steps));
    }

    @Override
    public double at(long step) {
        if (step < 0 || step >= steps) {
            throw new IllegalArgumentException("step " + step + " is outside a run of " + steps + " steps");
        }
        if (step < warmUp) {
            return peak * (step + 1) / (warmUp + 1);
        }
        double progress = (double) (step - warmUp) / (steps - warmUp);
        return switch (kind) {
            case CONSTANT -> peak;
            case COSINE -> peak * (1 + Math.cos(Math.PI * progress)) / 2;
            case ONE_CYCLE -> peak * (1 - progress);
        };
    }
}
