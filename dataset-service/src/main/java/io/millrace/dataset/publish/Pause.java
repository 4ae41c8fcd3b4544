// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import java.time.Duration;

/**
 * How long to wait before trainers are asked again how far they are, when as much is published as may be: short while
 * they drain the backlog quickly, long while it lasts. Asking costs the broker and, on one machine, the trainer. Not
 * thread-safe.
 */
final class Pause {
    private static final Duration SHORTEST = Duration.ofMillis(50);
    private static final Duration LONGEST = Duration.ofSeconds(1);
    /** The part of a backlog that may be drained within a pause. */
    private static final int PART = 8;

    private Duration length = SHORTEST;

    Duration length() {
        return length;
    }

    /**
     * What a pause of this length did.
     *
     * @param before batches that waited at its begin
     * @param after batches that waited at its end
     */
    void saw(long before, long after) {
        boolean much = (before - after) * PART > before;
        Duration next = much ? length.dividedBy(2) : length.multipliedBy(2);
        length = next.compareTo(SHORTEST) < 0 ? SHORTEST : next.compareTo(LONGEST) > 0 ? LONGEST : next;
    }
}
