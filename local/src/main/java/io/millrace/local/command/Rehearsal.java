// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

/** {@code ./millrace} asks whether a command would start, before it builds the services for it. */
final class Rehearsal {
    /** The answer: everything that can be checked was checked. */
    static final int WOULD_START = 100;

    private Rehearsal() {}

    /** Whether this is one. */
    static boolean on() {
        return Boolean.getBoolean("millrace.rehearsal");
    }
}
