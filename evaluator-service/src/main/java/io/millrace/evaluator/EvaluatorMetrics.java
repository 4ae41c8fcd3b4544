// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.evaluator.leaderboard.Leaderboard;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.function.ToDoubleFunction;

/** The meters of this service. The constants are Micrometer's names; Prometheus has {@code _} for each dot. */
@Singleton
public class EvaluatorMetrics {
    /** Gauge: accuracy of the latest evaluation, 0 to 1. */
    public static final String ACCURACY = "millrace.evaluator.accuracy.ratio";
    /** Gauge: mean cross entropy of the latest evaluation, in nats. */
    public static final String LOSS = "millrace.evaluator.loss";
    /** Gauge with {@link #CLASS}: recall of the latest evaluation, 0 to 1. */
    public static final String CLASS_RECALL = "millrace.evaluator.class.recall.ratio";
    /** Gauge: best accuracy of the latest evaluation's model on the same data set, 0 to 1. */
    public static final String BEST_ACCURACY = "millrace.evaluator.best.accuracy.ratio";
    /** Counter with {@link #OUTCOME}: checkpoints that were evaluated, or could not be. */
    public static final String EVALUATIONS = "millrace.evaluator.evaluations";
    /** Timer, a histogram: scoring of one checkpoint. */
    public static final String DURATION = "millrace.evaluator.duration";

    public static final String CLASS = "class";
    public static final String OUTCOME = "outcome";
    public static final String SUCCESS = "success";
    public static final String FAILURE = "failure";

    private final Counter successes;
    private final Counter failures;
    private final Timer duration;
    private final MultiGauge recall;
    private volatile EvaluationCompleted latest;
    private volatile double best = Double.NaN;

    EvaluatorMetrics(MeterRegistry registry) {
        successes = registry.counter(EVALUATIONS, OUTCOME, SUCCESS);
        failures = registry.counter(EVALUATIONS, OUTCOME, FAILURE);
        duration = Timer.builder(DURATION)
                .serviceLevelObjectives(
                        Duration.ofMillis(100),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(30),
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(5))
                .register(registry);
        recall = MultiGauge.builder(CLASS_RECALL).register(registry);
        Gauge.builder(ACCURACY, () -> ofLatest(EvaluationCompleted::accuracy)).register(registry);
        Gauge.builder(LOSS, () -> ofLatest(EvaluationCompleted::loss)).register(registry);
        Gauge.builder(BEST_ACCURACY, () -> best).register(registry);
    }

    private double ofLatest(ToDoubleFunction<EvaluationCompleted> figure) {
        EvaluationCompleted evaluation = latest;
        return evaluation == null ? Double.NaN : figure.applyAsDouble(evaluation);
    }

    /** Counts an evaluation that is published. */
    void succeeded(EvaluationCompleted evaluation) {
        successes.increment();
        duration.record(Duration.ofNanos((long) (evaluation.durationSeconds() * 1e9)));
    }

    /** Counts a checkpoint that could not be evaluated. */
    void failed() {
        failures.increment();
    }

    /** Shows the evaluation that was published last, by whomever, and the best accuracy to compare it with. */
    synchronized void show(Leaderboard leaderboard) {
        EvaluationCompleted newest = leaderboard.latest().orElse(null);
        if (newest == null || newest == latest) {
            return;
        }
        best = leaderboard.bestFirst().stream()
                .filter(other -> other.model().equals(newest.model())
                        && other.datasetDigest().equals(newest.datasetDigest()))
                .mapToDouble(EvaluationCompleted::accuracy)
                .findFirst()
                .orElse(newest.accuracy());
        latest = newest;
        recall.register(
                newest.classes().stream()
                        .map(score -> MultiGauge.Row.of(Tags.of(CLASS, score.label()), score.recall()))
                        .toList(),
                true);
    }
}
