// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.retention;

import io.millrace.contracts.event.CheckpointRef;
import java.io.IOException;

/** How a checkpoint's files are deleted. */
@FunctionalInterface
public interface CheckpointDeletion {
    /**
     * Deletes what is there of a checkpoint; nothing is as good.
     *
     * @throws IllegalArgumentException when its uri names nothing in the store
     */
    void delete(CheckpointRef checkpoint) throws IOException;
}
