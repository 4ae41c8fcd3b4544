// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.trainer.checkpoint.Announcer;
import io.millrace.trainer.checkpoint.CheckpointObserver;
import io.millrace.trainer.consume.ConsumeObserver;
import java.util.concurrent.CountDownLatch;

/**
 * What every run is trained with.
 *
 * @param settings how
 * @param queue which runs there are
 * @param store where checkpoints go
 * @param announcer where they are announced
 * @param statuses where statuses go
 * @param consumeObserver is told of records
 * @param checkpointObserver is told of checkpoints
 * @param trainingObserver is told of steps
 * @param stopping falls when the process is to end
 */
public record Workshop(
        TrainerSettings settings,
        RunQueue queue,
        CheckpointStore store,
        Announcer announcer,
        StatusSink statuses,
        ConsumeObserver consumeObserver,
        CheckpointObserver checkpointObserver,
        TrainingObserver trainingObserver,
        CountDownLatch stopping) {
    Patience patience() {
        return new Patience(settings.retry(), stopping);
    }
}
