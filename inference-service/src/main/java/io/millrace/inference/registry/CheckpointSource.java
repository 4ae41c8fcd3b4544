// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.model.checkpoint.Checkpoint;
import java.io.IOException;

/** Where weights to serve are read: the store, or one file. */
@FunctionalInterface
interface CheckpointSource {
    /** Reads weights, whole. */
    Checkpoint read(CheckpointRef ref) throws IOException;
}
