// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.evaluator.leaderboard.Leaderboard;
import io.millrace.evaluator.promote.Promoter;
import io.millrace.evaluator.retention.KnownRuns;
import io.millrace.evaluator.retention.Retention;
import io.millrace.evaluator.score.CheckpointScoring;
import io.millrace.evaluator.score.CheckpointScoring.Scored;
import io.millrace.evaluator.score.IncompleteNetworkException;
import io.millrace.evaluator.score.MisclassifiedSamples;
import io.millrace.evaluator.score.PassingFaultException;
import io.millrace.evaluator.score.UnusableNetworkException;
import io.quarkus.logging.Log;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * What is done with an announced checkpoint: score, publish, promote, tidy. Each part is done when the log does not show
 * it yet, so an announcement may come any number of times, and may be interrupted anywhere. For one thread at a time.
 */
@Singleton
public class Evaluations {
    private final Journal journal;
    private final Leaderboard leaderboard;
    private final CheckpointScoring scoring;
    private final MisclassifiedSamples misclassified;
    private final Promoter promoter;
    private final Retention retention;
    private final KnownRuns runs;
    private final EvaluatorMetrics metrics;

    Evaluations(
            Journal journal,
            Leaderboard leaderboard,
            CheckpointScoring scoring,
            MisclassifiedSamples misclassified,
            Promoter promoter,
            Retention retention,
            KnownRuns runs,
            EvaluatorMetrics metrics) {
        this.journal = journal;
        this.leaderboard = leaderboard;
        this.scoring = scoring;
        this.misclassified = misclassified;
        this.promoter = promoter;
        this.retention = retention;
        this.runs = runs;
        this.metrics = metrics;
    }

    /**
     * Does what is outstanding; returns when the broker has confirmed all of it.
     *
     * @throws UnusableNetworkException when the checkpoint cannot be scored
     * @throws IncompleteNetworkException when its file is missing or not whole
     * @throws PassingFaultException when the store or this machine is not fit for it; calling again is right
     * @throws org.apache.kafka.common.KafkaException when the broker fails; calling again is right
     */
    void handle(CheckpointPublished checkpoint)
            throws UnusableNetworkException, IncompleteNetworkException, InterruptedException {
        journal.catchUp();
        String incarnation = checkpoint.checkpoint().incarnation();
        if (runs.isRemoved(incarnation)) {
            // From a trainer that was slow, or from before.
            promoter.exclusively(() -> retention.remove(incarnation));
            return;
        }
        Optional<EvaluationCompleted> known = leaderboard.find(checkpoint.checkpoint());
        EvaluationCompleted evaluation = known.isPresent() ? result(known.get(), checkpoint) : evaluate(checkpoint);
        try {
            promoter.consider(evaluation, known.isEmpty());
        } catch (UncheckedIOException e) {
            throw new PassingFaultException(e.getMessage(), e);
        }
        promoter.exclusively(retention::tidy);
    }

    /** What was scored before may turn out to be the result of its run when that has ended. */
    private EvaluationCompleted result(EvaluationCompleted known, CheckpointPublished checkpoint) {
        if (!checkpoint.isFinal() || known.isFinal()) {
            return known;
        }
        EvaluationCompleted result = known.asFinal();
        journal.append(result);
        Log.infof(
                "The result of its run. runId=%s step=%d checkpointId=%s",
                result.checkpoint().runId(), result.step(), result.checkpoint().checkpointId());
        return result;
    }

    private EvaluationCompleted evaluate(CheckpointPublished checkpoint)
            throws UnusableNetworkException, IncompleteNetworkException, InterruptedException {
        Scored scored = scoring.score(checkpoint);
        EvaluationCompleted evaluation = scored.evaluation();
        journal.append(evaluation);
        misclassified.put(evaluation.checkpoint().checkpointId(), scored.misclassified());
        metrics.succeeded(evaluation);
        Optional.ofNullable(evaluation.uncalibrated())
                .ifPresent(why -> Log.infof(
                        "Not calibrated. checkpointId=%s reason=\"%s\"",
                        evaluation.checkpoint().checkpointId(), why));
        Log.infof(
                "Evaluated. runId=%s epoch=%d step=%d checkpointId=%s accuracy=%.4f loss=%.4f durationSeconds=%.2f",
                evaluation.checkpoint().runId(),
                evaluation.epoch(),
                evaluation.step(),
                evaluation.checkpoint().checkpointId(),
                evaluation.accuracy(),
                evaluation.loss(),
                evaluation.durationSeconds());
        return evaluation;
    }
}
