// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

/** Says what is known of a run that a record belongs to, other than the one that is being trained. Thread-safe. */
@FunctionalInterface
public interface OtherRuns {
    /** How such a run stands to the one that is being trained. */
    enum Standing {
        /** Nobody ever announced it. */
        UNKNOWN,
        /** It ended, or it comes earlier in the log of runs. */
        PAST,
        /** Its turn comes later. */
        LATER
    }

    Standing of(String runId);
}
