// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tensorboard;

import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.local.insight.RunRecord;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * The events of one run. What is written once is not written again, so that it can be written as the run goes on; but
 * points that are other than before are, since a run that was resumed from an earlier step has gone that way anew: readers
 * take the later point of a step. Not thread-safe.
 */
public final class RunEvents implements Closeable {
    private final EventFile file;
    private final Set<String> evaluated = new HashSet<>();
    /** By step. */
    private final Map<Long, MetricPoint> written = new HashMap<>();

    private int epoch;
    private boolean ended;

    private RunEvents(EventFile file) {
        this.file = file;
    }

    /**
     * Begins a file, in place of those that are there.
     *
     * @param folder of the run
     * @param now when
     */
    public static RunEvents anew(Path folder, RunSpec run, Instant now) throws IOException {
        RunEvents events = new RunEvents(EventFile.anew(folder, now));
        events.file.hyperParameters(run.runId(), run.createdAt(), HyperParameters.of(run));
        return events;
    }

    /** Points of curves that were written so far. */
    public int points() {
        return written.size();
    }

    /** Evaluations that were written so far. */
    public int evaluations() {
        return evaluated.size();
    }

    /** Adds the network's graph, in lines as {@link GraphNode#of} reads them. */
    public void graph(String lines, Instant at) throws IOException {
        file.graph(GraphNode.of(lines), at);
    }

    /** Adds a picture, PNG, and lets readers see it. */
    public void picture(String tag, long atStep, Instant at, byte[] png) throws IOException {
        file.image(tag, atStep, at, png);
        file.flush();
    }

    /** Adds how a checkpoint's weights are spread. */
    public void weights(EvaluationCompleted evaluation, Weights weights) throws IOException {
        weights.eachHistogram((name, histogram) ->
                file.histogram("weights/" + name, evaluation.step(), evaluation.evaluatedAt(), histogram));
    }

    /** Adds what is new of the run, and lets readers see it. */
    public void write(RunRecord record) throws IOException {
        for (MetricPoint point : record.points()) {
            if (!point.equals(written.put(point.step(), point))) {
                write(point);
            }
        }
        for (EvaluationCompleted evaluation : record.evaluations()) {
            if (evaluated.add(evaluation.checkpoint().checkpointId())) {
                write(evaluation, record.run());
            }
        }
        boolean over = record.status() != null && record.status().ended(record.run());
        epochs(record, over);
        if (over && !ended) {
            ended = true;
            boolean well = record.status().state() == RunStatus.State.FINISHED;
            file.ended(well, record.status().updatedAt());
        }
        file.flush();
    }

    private void write(MetricPoint point) throws IOException {
        Instant at = Objects.requireNonNullElse(point.at(), Instant.EPOCH);
        scalar("loss/training", point.step(), at, point.loss());
        scalar("accuracy/training", point.step(), at, point.accuracy());
        scalar("loss/validation", point.step(), at, point.validationLoss());
        scalar("accuracy/validation", point.step(), at, point.validationAccuracy());
        scalar("learning rate", point.step(), at, point.learningRate());
        scalar("speed/images a second", point.step(), at, point.imagesPerSecond());
        scalar("speed/part of the time waiting for data", point.step(), at, point.waitRatio());
    }

    private void write(EvaluationCompleted evaluation, RunSpec run) throws IOException {
        String split = evaluation.checkpoint().averaged() ? "test, averaged weights" : "test";
        Instant at = evaluation.evaluatedAt();
        scalar("loss/" + split, evaluation.step(), at, evaluation.loss());
        scalar("accuracy/" + split, evaluation.step(), at, evaluation.accuracy());
        scalar("calibration error/" + split, evaluation.step(), at, evaluation.calibrationError());
        if (evaluation.step() % run.batchesPerEpoch() == 0) {
            scalar("by epoch/accuracy, " + split, evaluation.epoch(), at, evaluation.accuracy());
            scalar("by epoch/loss, " + split, evaluation.epoch(), at, evaluation.loss());
        }
    }

    /** Means over the points of each epoch that is over. */
    private void epochs(RunRecord record, boolean over) throws IOException {
        int last = record.points().stream().mapToInt(MetricPoint::epoch).max().orElse(0);
        for (int next = epoch + 1; next < last || over && next <= last; next++) {
            int number = next;
            List<MetricPoint> own = new ArrayList<>(record.points());
            own.removeIf(point -> point.epoch() != number);
            if (!own.isEmpty()) {
                Instant at = Objects.requireNonNullElse(own.get(own.size() - 1).at(), Instant.EPOCH);
                scalar("by epoch/loss, training", number, at, mean(own, MetricPoint::loss));
                scalar("by epoch/accuracy, training", number, at, mean(own, MetricPoint::accuracy));
            }
            epoch = next;
        }
    }

    private static Double mean(List<MetricPoint> points, Function<MetricPoint, Double> figure) {
        List<Double> known =
                points.stream().map(figure).filter(Objects::nonNull).toList();
        return known.isEmpty()
                ? null
                : known.stream().mapToDouble(Double::doubleValue).sum() / known.size();
    }

    private void scalar(String tag, long atStep, Instant at, Double value) throws IOException {
        if (value != null) {
            file.scalar(tag, atStep, at, value);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
