// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import io.millrace.kafka.feedback.LiveScore;

/** How versions do, as far as people say. */
@FunctionalInterface
public interface LiveScores {
    /** A version's score. */
    LiveScore of(String version);
}
