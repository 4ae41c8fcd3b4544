// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import io.millrace.http.system.DiskPlace;
import io.millrace.store.StoreAddress.InDirectory;
import io.millrace.store.StoreConfig;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;

/** Checkpoints are what grows here, unless they lie in a bucket. */
final class CheckpointDisk {
    private CheckpointDisk() {}

    @Produces
    @Singleton
    static DiskPlace checkpoints(StoreConfig config) {
        return new DiskPlace(
                "checkpoints",
                config.uri() instanceof InDirectory directory ? Optional.of(directory.path()) : Optional.empty());
    }
}
