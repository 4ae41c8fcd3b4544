// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EvaluationCompleted.ClassScore;
import io.millrace.evaluator.leaderboard.Leaderboard;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The meters of this service. The constants are Micrometer's names; Prometheus has {@code _} for each dot. */
@Singleton
public class EvaluatorMetrics {
    /** Gauge: accuracy of the latest evaluation, 0 to 1; of weights as they are, as what the trainer measures. */
    public static final String ACCURACY = "millrace.evaluator.accuracy.ratio";
    /** Gauge: the same of averaged weights; not a number where no run keeps an average. */
    public static final String AVERAGE_ACCURACY = "millrace.evaluator.average.accuracy.ratio";
    /** Gauge: mean cross entropy of the latest evaluation, in nats. */
    public static final String LOSS = "millrace.evaluator.loss";
    /** Gauge with {@link #CLASS}: recall of the latest evaluation, 0 to 1. */
    public static final String CLASS_RECALL = "millrace.evaluator.class.recall.ratio";
    /** Gauge: best accuracy of the latest evaluation's model on the same test split, averages included, 0 to 1. */
    public static final String BEST_ACCURACY = "millrace.evaluator.best.accuracy.ratio";
    /** Counter with {@link #OUTCOME}: checkpoints and averages that were evaluated, or could not be: each counts. */
    public static final String EVALUATIONS = "millrace.evaluator.evaluations";
    /** Timer, a histogram: scoring of one checkpoint. */
    public static final String DURATION = "millrace.evaluator.duration";

    /** Counter: rollbacks since people say that what was promoted is worse than what was before. */
    public static final String ROLLBACKS = "millrace.evaluator.feedback.rollbacks";

    public static final String CLASS = "class";
    public static final String OUTCOME = "outcome";
    public static final String SUCCESS = "success";
    public static final String FAILURE = "failure";

    private final Counter successes;
    private final Counter failures;
    private final Counter rollbacks;
    private final Timer duration;
    private final MultiGauge recall;
    private final Leaderboard leaderboard;
    private List<String> classes = List.of();

    EvaluatorMetrics(MeterRegistry registry, Leaderboard leaderboard) {
        this.leaderboard = leaderboard;
        successes = registry.counter(EVALUATIONS, OUTCOME, SUCCESS);
        failures = registry.counter(EVALUATIONS, OUTCOME, FAILURE);
        rollbacks = registry.counter(ROLLBACKS);
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
        Gauge.builder(AVERAGE_ACCURACY, () -> ofLatest(true, EvaluationCompleted::accuracy))
                .register(registry);
        Gauge.builder(LOSS, () -> ofLatest(EvaluationCompleted::loss)).register(registry);
        Gauge.builder(BEST_ACCURACY, () -> ofLatest(this::best)).register(registry);
    }

    private double ofLatest(ToDoubleFunction<EvaluationCompleted> figure) {
        return ofLatest(false, figure);
    }

    private double ofLatest(boolean averaged, ToDoubleFunction<EvaluationCompleted> figure) {
        return leaderboard
                .latest(averaged)
                .map(evaluation -> figure.applyAsDouble(evaluation))
                .orElse(Double.NaN);
    }

    private double best(EvaluationCompleted evaluation) {
        return leaderboard.bestAccuracy(evaluation).orElse(Double.NaN);
    }

    private static double recall(EvaluationCompleted evaluation, String label) {
        return evaluation.classes().stream()
                .filter(score -> score.label().equals(label))
                .mapToDouble(ClassScore::recall)
                .findFirst()
                .orElse(Double.NaN);
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

    /** Counts a rollback that nobody asked for. */
    void rolledBack() {
        rollbacks.increment();
    }

    /** There is a meter for each class of the evaluation that was published last, by whomever. */
    synchronized void show(EvaluationCompleted evaluation) {
        List<String> labels =
                evaluation.classes().stream().map(ClassScore::label).toList();
        if (!labels.equals(classes)) {
            classes = labels;
            recall.register(
                    labels.stream()
                            .map(label ->
                                    MultiGauge.Row.of(Tags.of(CLASS, label), () -> ofLatest(e -> recall(e, label))))
                            .toList(),
                    true);
        }
    }
}
