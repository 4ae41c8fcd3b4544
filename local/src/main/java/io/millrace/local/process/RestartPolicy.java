// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.process;

import java.time.Duration;

/**
 * How long to wait before the next start, and when to give up.
 *
 * @param first delay after the first failure in a row; it doubles with each further one
 * @param longest bound of the delay
 * @param limit failures in a row after which there is no further start
 * @param steady how long a process must have done its work for its end to be the first failure of a new row
 */
public record RestartPolicy(Duration first, Duration longest, int limit, Duration steady) {
    /** Half a second, doubling up to ten; given up after five failures in a row, forgotten after a minute of work. */
    public static final RestartPolicy DEFAULT =
            new RestartPolicy(Duration.ofMillis(500), Duration.ofSeconds(10), 5, Duration.ofMinutes(1));

    /** The delay after so many failures in a row, from 1. */
    Duration delay(int failures) {
        Duration delay = first.multipliedBy(1L << Math.min(failures - 1, 30));
        return delay.compareTo(longest) < 0 ? delay : longest;
    }
}
