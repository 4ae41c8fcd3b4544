// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

/**
 * What the endpoints of a process say about it.
 *
 * @param ready whether it does its work
 * @param live whether it answers at all, and as alive
 * @param reason why it is not ready, as it says itself; may be empty
 */
public record Condition(boolean ready, boolean live, String reason) {
    static final Condition READY = new Condition(true, true, "");
    static final Condition SILENT = new Condition(false, false, "");

    /** It answers, but does not do its work. */
    static Condition notReady(String reason) {
        return new Condition(false, true, reason);
    }
}
