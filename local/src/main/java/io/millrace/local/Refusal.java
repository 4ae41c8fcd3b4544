// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

/** What the user asked for cannot be done. The message is for people: what is wrong, and what helps. */
public final class Refusal extends RuntimeException {
    public Refusal(String message) {
        super(message);
    }

    public Refusal(String message, Throwable cause) {
        super(message, cause);
    }
}
