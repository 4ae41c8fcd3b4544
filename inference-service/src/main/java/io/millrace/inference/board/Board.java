// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.board;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.inference.board.Change.Kind;
import io.millrace.kafka.EventTable;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The latest of runs, their curves, scores and promotions, as events tell it, bounded. Listeners are called by one thread. */
final class Board {
    private static final int MOST_RUNS = 100;
    private static final int MOST_EVALUATIONS = 1_000;
    private static final int MOST_CURVES = 12;
    private static final int MOST_POINTS = 1_000;

    private final ChangeLog log;
    private final Curves curves;
    private final Map<String, RunSpec> runs = new LinkedHashMap<>();
    private final Deque<String> evaluations = new ArrayDeque<>();

    Board(ChangeLog log) {
        this.log = log;
        this.curves = new Curves(log, MOST_CURVES, MOST_POINTS);
    }

    /** A run, with the name of its incarnation, by which its points and checkpoints are known. */
    record Run(RunSpec spec, String incarnation, long steps) {}

    /** What is drawn of a point. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Point(
            String runId,
            String incarnation,
            long step,
            Double loss,
            Double accuracy,
            double learningRate,
            double imagesPerSecond,
            Double validationLoss,
            Double validationAccuracy) {}

    /** A checkpoint's place on the leaderboard; its confusion is the evaluator's to tell. */
    record Score(
            String checkpointId,
            String runId,
            String incarnation,
            String model,
            long step,
            int epoch,
            double accuracy,
            double loss,
            boolean averaged,
            Instant evaluatedAt) {}

    /** What a model's name stands for. */
    record Promotion(
            String model,
            String checkpointId,
            String runId,
            double accuracy,
            ModelPromoted.Cause cause,
            boolean pinned,
            Instant promotedAt) {}

    EventTable.Listener<RunSpec> runs() {
        return listener(
                (id, run) -> {
                    if (run.removed()) {
                        gone(id);
                        return;
                    }
                    runs.put(id, run);
                    put(Kind.RUN, id, new Run(run, run.incarnation(), run.steps()));
                    if (runs.size() > MOST_RUNS) {
                        gone(runs.keySet().iterator().next());
                    }
                },
                this::gone,
                () -> Set.copyOf(runs.keySet()).forEach(this::gone));
    }

    private void gone(String runId) {
        runs.remove(runId);
        for (Kind kind : new Kind[] {Kind.RUN, Kind.STATUS}) {
            log.remove(kind, runId);
        }
    }

    EventTable.Listener<RunStatus> statuses() {
        return listener(
                (id, status) -> put(Kind.STATUS, id, status),
                id -> log.remove(Kind.STATUS, id),
                () -> log.removeAll(Kind.STATUS, id -> true));
    }

    EventTable.Listener<MetricPoint> points() {
        return listener(
                (key, point) -> curves.add(
                        point,
                        json(new Point(
                                point.runId(),
                                point.incarnation(),
                                point.step(),
                                point.loss(),
                                point.accuracy(),
                                point.learningRate(),
                                point.imagesPerSecond(),
                                point.validationLoss(),
                                point.validationAccuracy()))),
                curves::remove,
                curves::clear);
    }

    EventTable.Listener<EvaluationCompleted> evaluations() {
        return listener((key, score) -> evaluated(score), key -> {}, () -> {
            evaluations.clear();
            log.removeAll(Kind.EVALUATION, id -> true);
        });
    }

    private void evaluated(EvaluationCompleted score) {
        CheckpointRef checkpoint = score.checkpoint();
        String id = checkpoint.checkpointId();
        evaluations.remove(id);
        evaluations.add(id);
        put(
                Kind.EVALUATION,
                id,
                new Score(
                        id,
                        checkpoint.runId(),
                        checkpoint.incarnation(),
                        score.model(),
                        score.step(),
                        score.epoch(),
                        score.accuracy(),
                        score.loss(),
                        checkpoint.averaged(),
                        score.evaluatedAt()));
        if (evaluations.size() > MOST_EVALUATIONS) {
            log.forget(Kind.EVALUATION, evaluations.remove());
        }
    }

    EventTable.Listener<ModelPromoted> promotions() {
        return listener(
                (model, promotion) -> put(
                        Kind.PROMOTION,
                        model,
                        new Promotion(
                                model,
                                promotion.checkpoint().checkpointId(),
                                promotion.checkpoint().runId(),
                                promotion.evaluation().accuracy(),
                                promotion.cause(),
                                promotion.pinned(),
                                promotion.promotedAt())),
                model -> log.remove(Kind.PROMOTION, model),
                () -> log.removeAll(Kind.PROMOTION, model -> true));
    }

    private void put(Kind kind, String id, Object value) {
        log.put(kind, id, json(value));
    }

    private static String json(Object value) {
        return new String(EventCodec.encode(value), StandardCharsets.UTF_8);
    }

    private interface Told<T> {
        void tell(String key, T value);
    }

    private static <T> EventTable.Listener<T> listener(Told<T> told, Consumer<String> deleted, Runnable cleared) {
        return new EventTable.Listener<>() {
            @Override
            public void event(String key, T value, long offset) {
                if (value == null) {
                    deleted.accept(key);
                } else {
                    told.tell(key, value);
                }
            }

            @Override
            public void cleared() {
                cleared.run();
            }
        };
    }
}
