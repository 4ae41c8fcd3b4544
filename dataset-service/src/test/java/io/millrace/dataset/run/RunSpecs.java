// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import java.time.Instant;

/** Runs for tests. */
public final class RunSpecs {
    private static final Instant NOON = Instant.parse("2026-05-01T12:00:00Z");

    private RunSpecs() {}

    /** Two epochs. */
    public static RunSpec of(Dataset data, int batchSize, int shards) {
        return of("run", data, batchSize, shards);
    }

    /** Two epochs. */
    public static RunSpec of(String runId, Dataset data, int batchSize, int shards) {
        return ordered(
                runId,
                NOON,
                "{\"recipe\":{\"epochs\":2,\"batchSize\":%d},\"shards\":%d}".formatted(batchSize, shards),
                data);
    }

    /** As ordered. */
    public static RunSpec ordered(String runId, Instant createdAt, String body, Dataset data) {
        RunOrder order = RunOrder.read(body);
        return RunRules.spec(runId, createdAt, order, RunRules.check(order), data, Encoding.UINT8);
    }

    /** With checkpoints as near as limits need them. */
    public static RunSpec fitting(RunSpec run, LogLimits limits) {
        return limits.nearerCheckpoints(run)
                .map(steps -> new RunSpec(
                        run.runId(),
                        run.createdAt(),
                        run.model(),
                        run.dataset(),
                        run.network(),
                        run.recipe().withCheckpointEverySteps(steps),
                        run.shards(),
                        run.seed(),
                        run.batchesPerEpoch(),
                        run.encoding(),
                        run.priority()))
                .orElse(run);
    }
}
