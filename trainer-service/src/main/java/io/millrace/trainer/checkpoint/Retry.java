// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import java.time.Duration;

/**
 * Times between attempts.
 *
 * @param first after the first failure; doubled after each further one
 * @param longest the longest
 */
public record Retry(Duration first, Duration longest) {
    /** The time to wait after so many failures in a row, 1 for the first. */
    public Duration after(int failures) {
        Duration wait = first.multipliedBy(1L << Math.min(failures - 1, 20));
        return wait.compareTo(longest) < 0 ? wait : longest;
    }
}
