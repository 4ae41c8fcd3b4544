// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.process;

import java.time.Duration;

/**
 * How long to wait before the next start, and when to give up.
 *
 * @param first delay after the first failure in a row; it doubles with each further one
 * @param longest bound of the delay
 * @param limit failures in a row after which there is no further start
 */
public record Backoff(Duration first, Duration longest, int limit) {
    /** Half a second, doubling up to ten; given up after five failures in a row. */
    public static final Backoff DEFAULT = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10), 5);

    /** The delay after so many failures in a row, from 1. */
    Duration delay(int failures) {
        Duration delay = first.multipliedBy(1L << Math.min(failures - 1, 30));
        return delay.compareTo(longest) < 0 ? delay : longest;
    }
}
