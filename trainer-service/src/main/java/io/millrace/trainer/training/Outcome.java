// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

/** How a run ended, as it is counted. */
public enum Outcome {
    /** All steps were done. */
    FINISHED,
    /** It could not go on: too many of its batches are lost, the model refuses it, or training died again and again. */
    FAILED,
    /** Its loss or its weights were not finite any more, or far beyond what guessing costs. */
    DIVERGED,
    /** It must not be trained: malformed. */
    REFUSED,
    /** Somebody wanted it so; it goes on when it is resumed. */
    STOPPED
}
