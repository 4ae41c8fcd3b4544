// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import java.time.Duration;

/**
 * How patient loading is.
 *
 * @param attempts that may fail before anybody is alarmed
 * @param first pause after the first failed attempt; it doubles
 * @param longest pause
 */
public record Backoff(int attempts, Duration first, Duration longest) {
    /** The pause after so many failed attempts. */
    Duration pauseAfter(int failures) {
        Duration doubled = first.multipliedBy(1L << Math.min(failures - 1, 30));
        return doubled.compareTo(longest) < 0 ? doubled : longest;
    }
}
