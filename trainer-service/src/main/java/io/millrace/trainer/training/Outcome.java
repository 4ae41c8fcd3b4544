// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

/** How a run ended, as it is counted. */
public enum Outcome {
    /** All steps were done. */
    FINISHED,
    /** It could not go on: a gap in its batches, records that are gone, a checkpoint that cannot be written. */
    FAILED,
    /** Its loss or its weights were not finite any more. */
    DIVERGED,
    /** It must not be trained, or no longer: malformed, or deleted. */
    REFUSED
}
