// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.insight;

/** What cannot be told, for tests elsewhere. */
public final class Unavailable {
    private Unavailable() {}

    public static InsightUnavailableException passing(String message) {
        return InsightUnavailableException.passing(message, null);
    }

    public static InsightUnavailableException unequipped(String message, String remedy) {
        return InsightUnavailableException.unequipped(message, remedy, null);
    }

    public static InsightUnavailableException gone(String message) {
        return InsightUnavailableException.gone(message, null);
    }
}
