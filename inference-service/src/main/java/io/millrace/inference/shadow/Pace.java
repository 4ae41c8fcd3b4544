// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.shadow;

import java.time.Duration;

/** Finds out that a shadow takes too long again and again. Not thread-safe. */
final class Pace {
    /** Of a call with one image: half of the time that a request has by default. */
    static final Duration SLOW = Duration.ofSeconds(1);

    /** Calls in a row: one may have met a machine that was busy. */
    static final int MOST_SLOW = 3;

    private String shadow = "";
    private int inARow;

    /** Takes the time of a call; whether it was the one that is too much. */
    boolean tooSlow(String version, long nanos) {
        if (nanos <= SLOW.toNanos() || !shadow.equals(version)) {
            inARow = 0;
        }
        shadow = version;
        if (nanos > SLOW.toNanos()) {
            inARow++;
        }
        return inARow == MOST_SLOW;
    }
}
