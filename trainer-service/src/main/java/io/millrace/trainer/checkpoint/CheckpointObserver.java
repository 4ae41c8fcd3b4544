// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import java.time.Duration;

/** Is told what becomes of checkpoints. Called from the writing thread. */
public interface CheckpointObserver {
    /** One was written and announced; the attempt took so long. */
    void written(Duration took);

    /** An attempt failed; there will be another. */
    void failed();

    /** A newer one took its place before it could be written. */
    void superseded();
}
