// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.trainer.training.RunQueue.Item;
import java.time.Instant;
import java.util.Optional;

/** The last status of runs that ended before this process trained a step of them. */
final class Endings {
    private Endings() {}

    /** Of a run that must not be trained. */
    static RunStatus refused(Item item, Optional<RunStatus> before) {
        String reason = item.refusal().orElseThrow();
        // Its numbers cannot be relied on: it may be malformed.
        return before.map(known -> failed(known, reason)).orElseGet(() -> failed(item.runId(), 0, 0, reason));
    }

    /** Of a run that could not begin or go on. */
    static RunStatus failed(RunSpec run, Optional<RunStatus> before, String reason) {
        return before.map(known -> failed(known, reason))
                .orElseGet(() -> failed(run.runId(), run.steps(), run.recipe().epochs(), reason));
    }

    private static RunStatus failed(String runId, long steps, int epochs, String reason) {
        return new RunStatus(
                runId, State.FAILED, reason, 0, steps, 0, epochs, 0, 0, 0, 0, 0, null, null, Instant.now());
    }

    private static RunStatus failed(RunStatus known, String reason) {
        return new RunStatus(
                known.runId(),
                State.FAILED,
                reason,
                known.step(),
                known.steps(),
                known.epoch(),
                known.epochs(),
                known.samples(),
                known.checkpoints(),
                known.trainSeconds(),
                known.imagesPerSecond(),
                known.waitRatio(),
                known.loss(),
                known.precision(),
                Instant.now());
    }
}
