// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.promote;

import io.millrace.contracts.event.CheckpointRef;
import java.io.IOException;

/** Whether a checkpoint's file can be served. */
@FunctionalInterface
public interface CheckpointCheck {
    /**
     * Passes when the file is there and whole.
     *
     * @throws IOException saying what is wrong with it
     */
    void check(CheckpointRef checkpoint) throws IOException;
}
