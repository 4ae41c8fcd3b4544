// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import java.util.Optional;

/**
 * How a run ended.
 *
 * @param failure why it failed; empty when it did not
 */
public record Outcome(Optional<String> failure) {
    static Outcome success() {
        return new Outcome(Optional.empty());
    }

    static Outcome failed(String reason) {
        return new Outcome(Optional.of(reason));
    }

    public boolean succeeded() {
        return failure.isEmpty();
    }
}
