// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.promote;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.model.checkpoint.CorruptCheckpointException;
import java.io.IOException;

/** Whether a checkpoint's file can be served. */
@FunctionalInterface
public interface CheckpointCheck {
    /**
     * Passes when the file is there and whole.
     *
     * @throws CorruptCheckpointException saying what is wrong with it
     * @throws IOException when that cannot be told now
     */
    void check(CheckpointRef checkpoint) throws IOException;
}
