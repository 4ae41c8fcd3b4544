// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import java.util.List;
import java.util.Optional;

/**
 * How far a trial has come.
 *
 * @param figures what the validation split said of it at each rung that it reached
 * @param failure why it reaches no further one; empty while it may
 */
public record Course(List<Figure> figures, Optional<String> failure) {
    /**
     * What the validation split said at the end of an epoch.
     *
     * @param accuracy part of right answers, 0 to 1
     * @param loss mean cross entropy in nats
     */
    public record Figure(double accuracy, double loss) {}

    public Course {
        figures = List.copyOf(figures);
    }

    /** Whether it was compared at a rung, or can be. */
    boolean has(int rung) {
        return figures.size() > rung;
    }

    /** Whether nothing more is to be waited for at a rung. */
    boolean isOver(int rung) {
        return has(rung) || failure.isPresent();
    }

    double accuracy(int rung) {
        return has(rung) ? figures.get(rung).accuracy() : -1;
    }

    /** At the last rung that it reached; below 0 when it reached none. */
    double lastAccuracy() {
        return figures.isEmpty() ? -1 : accuracy(figures.size() - 1);
    }

    double loss(int rung) {
        return has(rung) ? figures.get(rung).loss() : Double.POSITIVE_INFINITY;
    }
}
