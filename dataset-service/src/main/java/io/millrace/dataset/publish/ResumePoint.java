// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.event.RunSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Where publishing goes on, from the log alone. Runs are published one after the other in the order of their topic. */
final class ResumePoint {
    private ResumePoint() {}

    /**
     * By run, the number of steps that are in the log or have been there.
     *
     * @param runs all runs in the order of their topic, deleted ones too
     * @param last the last batch of the log; empty when there is none
     * @param lastByRun the last batch of each run, asked for only when the last batch's run is forgotten
     */
    static Map<String, Long> steps(
            List<RunSpec> runs, Optional<BatchId> last, Supplier<Map<String, BatchId>> lastByRun) {
        Map<String, Long> steps = new HashMap<>();
        if (last.isEmpty()) {
            return steps;
        }
        boolean known =
                runs.stream().anyMatch(run -> run.runId().equals(last.get().owner()));
        if (!known) {
            // Deleted long ago and compacted away, so its place among the others is not known: each run for itself.
            Map<String, BatchId> each = lastByRun.get();
            runs.stream()
                    .filter(run -> each.containsKey(run.runId()))
                    .forEach(run -> steps.put(run.runId(), after(each.get(run.runId()), run)));
            return steps;
        }
        for (RunSpec run : runs) {
            if (run.runId().equals(last.get().owner())) {
                steps.put(run.runId(), after(last.get(), run));
                return steps;
            }
            steps.put(run.runId(), run.steps());
        }
        return steps;
    }

    private static long after(BatchId last, RunSpec run) {
        return last.step(run.batchesPerEpoch()) + 1;
    }
}
