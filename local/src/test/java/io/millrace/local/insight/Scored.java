// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.insight;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EvaluationCompleted.ClassScore;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.RunSpec;
import io.millrace.local.watch.Samples;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;

/** A run that was scored, as the topics hold it. */
public final class Scored {
    /** A class that would be markup if it were not escaped. */
    public static final String MARKUP = "<b>\"dog\" & 'co'</b>";

    private Scored() {}

    /** An evaluation of the run of {@link Samples} after a step. */
    public static EvaluationCompleted evaluation(long step, double accuracy) {
        return evaluation(Samples.RUN, step, accuracy);
    }

    /** An evaluation of a run on a test split of ten, in two classes. */
    public static EvaluationCompleted evaluation(RunSpec run, long step, double accuracy) {
        String id = CheckpointRef.id(run.incarnation(), step);
        int right = (int) Math.round(10 * accuracy) - 5;
        return new EvaluationCompleted(
                new CheckpointRef(
                        id, run.runId(), run.incarnation() + "/step-" + step + "-0123456789ab.safetensors", "ab", 100),
                run.model(),
                run.dataset().digest(),
                "test-digest",
                null,
                step,
                1,
                true,
                10,
                accuracy,
                0.25,
                0.05,
                List.of(new ClassScore("cat", 1, 1, 1, 5), new ClassScore(MARKUP, 1, accuracy, 1, 5)),
                List.of(List.of(5, 0), List.of(5 - right, right)),
                0.1,
                null,
                Instant.EPOCH);
    }

    /** A point of each curve; at the end of an epoch with what the validation split said. */
    public static MetricPoint point(RunSpec run, long step, int epoch, boolean validated) {
        return new MetricPoint(
                run.runId(),
                run.incarnation(),
                step,
                epoch,
                step * 64,
                1.0 / step,
                0.5,
                0.01,
                700,
                0,
                1,
                0,
                validated ? 0.5 : null,
                validated ? 0.75 : null,
                Instant.EPOCH.plusSeconds(step));
    }

    /** The run of {@link Samples} with curves, and with these evaluations. */
    public static RunRecord record(EvaluationCompleted... evaluations) {
        return new RunRecord(
                Samples.RUN,
                Samples.STATUS,
                LongStream.rangeClosed(1, 5)
                        .mapToObj(step -> point(Samples.RUN, step, 1, step == 5))
                        .toList(),
                List.of(evaluations),
                "strokes");
    }
}
