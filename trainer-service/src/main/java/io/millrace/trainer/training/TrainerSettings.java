// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.trainer.checkpoint.Retry;
import io.millrace.trainer.consume.ReaderSettings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How runs are trained, beside what their recipes say.
 *
 * @param reader how batches are read
 * @param store the directory of the checkpoint store
 * @param statsEverySteps steps between two readings of the loss
 * @param statusEvery time between two statuses
 * @param retry times between attempts to reach a broker or a store
 * @param shutdownTimeout how long a termination may take to write a checkpoint
 * @param shutdownCheckpointSteps fewer steps are not worth a checkpoint then
 */
public record TrainerSettings(
        ReaderSettings reader,
        Path store,
        int statsEverySteps,
        Duration statusEvery,
        Retry retry,
        Duration shutdownTimeout,
        int shutdownCheckpointSteps) {}
