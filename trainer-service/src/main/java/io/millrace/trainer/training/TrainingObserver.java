// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

/** Is told what the training thread does. Called from it. */
public interface TrainingObserver {
    /** A batch was waited for, so long. */
    void waited(long nanos);

    /** A step was done. */
    void stepped(Progress progress, int samples, long nanos);

    /** It was told how a run ended. */
    void ended(Outcome outcome);
}
