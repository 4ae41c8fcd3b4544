// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import io.millrace.contracts.event.CheckpointPublished;

/** Tells the world of a checkpoint. */
@FunctionalInterface
public interface Announcer {
    /**
     * Announces a checkpoint, and returns when that is safe. Announcing one again is harmless.
     *
     * @throws RuntimeException when it could not be announced
     */
    void announce(CheckpointPublished checkpoint);
}
