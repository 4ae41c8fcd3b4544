// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.insight;

import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.local.Refusal;
import io.millrace.local.insight.EvaluatorClient.GoneException;
import io.millrace.local.insight.EvaluatorClient.Mistakes;
import java.util.List;

/**
 * What is reported of a run.
 *
 * @param record all that the topics hold of it
 * @param evaluation of the checkpoint that it is judged by
 * @param table of that checkpoint's classes, and what its confidence is worth: text
 * @param mistakes of that checkpoint, the worst first
 * @param withoutMistakes why there are none of these; null where there are
 */
public record Findings(
        RunRecord record, EvaluationCompleted evaluation, String table, Mistakes mistakes, String withoutMistakes) {
    /**
     * Gathers it.
     *
     * @param mistakes how many of the worst, at most
     * @throws Refusal when the run has nothing that was scored yet, or nobody answers
     */
    public static Findings of(RunRecord record, EvaluatorClient evaluator, int mistakes) throws InterruptedException {
        EvaluationCompleted best = record.best().orElseThrow(() -> new Refusal(unscored(record)));
        String id = best.checkpoint().checkpointId();
        String table;
        try {
            table = evaluator.report(id);
        } catch (GoneException e) {
            throw new Refusal("evaluator-service tells nothing of " + id + ": " + e.getMessage(), e);
        }
        try {
            return new Findings(record, best, table, evaluator.mistakes(id, mistakes), null);
        } catch (GoneException e) {
            return new Findings(record, best, table, new Mistakes(0, List.of()), e.getMessage());
        }
    }

    private static String unscored(RunRecord record) {
        return "run " + record.run().runId() + " has no checkpoint that was scored yet: it is " + record.state()
                + (record.status() == null
                        ? ""
                        : ", step " + record.status().step() + " of "
                                + record.run().steps())
                + ". ./millrace runs says how runs stand; the evaluator scores each checkpoint some seconds after it was"
                + " written";
    }

    /** The id of the checkpoint. */
    public String checkpointId() {
        return evaluation.checkpoint().checkpointId();
    }
}
