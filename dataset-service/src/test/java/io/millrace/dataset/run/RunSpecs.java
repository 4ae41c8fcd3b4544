// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;

/** Runs for tests. */
public final class RunSpecs {
    private RunSpecs() {}

    /** Two epochs. */
    public static RunSpec of(Dataset data, int batchSize, int shards) {
        return of("run", data, batchSize, shards);
    }

    /** Two epochs. */
    public static RunSpec of(String runId, Dataset data, int batchSize, int shards) {
        String body = "{\"epochs\":2,\"batchSize\":%d,\"shards\":%d}".formatted(batchSize, shards);
        RunOrder order = RunOrderReader.read(body.getBytes());
        return RunRules.spec(runId, order, RunRules.check(order), data, Encoding.UINT8);
    }
}
