// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.millrace.contracts.event.Validated;
import io.millrace.trainer.training.Outcome;
import io.millrace.trainer.training.Progress;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * What the trainer measures. The names are Micrometer's; Prometheus adds {@code _total} and {@code _seconds}.
 * Thread-safe.
 */
@Singleton
public class TrainerMetrics {
    /** Counter: samples trained. */
    public static final String SAMPLES = "millrace.trainer.samples";
    /** Histogram: one training step. */
    public static final String STEP_DURATION = "millrace.trainer.step.duration";
    /** Histogram: how long the training thread starved before a step. */
    public static final String WAIT_DURATION = "millrace.trainer.wait.duration";
    /** Gauge: training loss, mean over the latest steps. */
    public static final String LOSS = "millrace.trainer.loss";
    /** Gauge: training accuracy over the latest steps, 0 to 1. */
    public static final String ACCURACY = "millrace.trainer.accuracy.ratio";
    /** Gauge: loss on the validation split, at the end of the latest epoch. */
    public static final String VALIDATION_LOSS = "millrace.trainer.validation.loss";
    /** Gauge: accuracy on the validation split, at the end of the latest epoch, 0 to 1. */
    public static final String VALIDATION_ACCURACY = "millrace.trainer.validation.accuracy.ratio";
    /** Gauge: learning rate of the latest step. */
    public static final String LEARNING_RATE = "millrace.trainer.learning.rate";
    /** Gauge: epochs begun. */
    public static final String EPOCH = "millrace.trainer.epoch";
    /** Gauge: steps done. */
    public static final String STEP = "millrace.trainer.step";
    /** Counter by {@link #OUTCOME}, an {@link Outcome} in lower case: runs that ended. */
    public static final String RUNS = "millrace.trainer.runs";
    /** Counter by {@link #OUTCOME}: checkpoints; one and its average count once. */
    public static final String CHECKPOINTS = "millrace.trainer.checkpoints";
    /** Histogram: writing one checkpoint, with its average. */
    public static final String CHECKPOINT_DURATION = "millrace.trainer.checkpoint.duration";
    /** Counter: batches that came a second time and were skipped. */
    public static final String DUPLICATES = "millrace.trainer.duplicates";
    /** Counter: records that went to the dead letters. */
    public static final String DEAD_LETTERS = "millrace.trainer.dead.letters";

    /** Counter: batches that steps went without. */
    public static final String LOST_BATCHES = "millrace.trainer.lost.batches";
    /** Gauge: 1 while the log of the run at hand does not hold what comes next, else 0. */
    public static final String LOG_LACKS = "millrace.trainer.log.lacks";

    /** Label; of checkpoints {@code success}, {@code failure} (it is tried again) or {@code superseded} (by a newer one). */
    public static final String OUTCOME = "outcome";

    private static final Duration[] STEP_BUCKETS = millis(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000);
    private static final Duration[] CHECKPOINT_BUCKETS = millis(50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000);

    private final MeterRegistry registry;
    private final Counter samples;
    private final Timer steps;
    private final Timer waits;
    private final Timer checkpoints;
    private final Counter duplicates;
    private final Counter deadLetters;
    private final Counter lostBatches;
    private volatile Progress progress;
    private volatile boolean lacking;

    public TrainerMetrics(MeterRegistry registry) {
        this.registry = registry;
        samples = Counter.builder(SAMPLES).description("Samples trained").register(registry);
        steps = histogram(STEP_DURATION, "One training step", STEP_BUCKETS);
        waits = histogram(WAIT_DURATION, "Time the training thread starved before a step", STEP_BUCKETS);
        checkpoints = histogram(CHECKPOINT_DURATION, "Writing a checkpoint", CHECKPOINT_BUCKETS);
        duplicates = Counter.builder(DUPLICATES)
                .description("Batches that came a second time and were skipped")
                .register(registry);
        deadLetters = Counter.builder(DEAD_LETTERS)
                .description("Records that went to the dead letters")
                .register(registry);
        lostBatches = Counter.builder(LOST_BATCHES)
                .description("Batches that steps went without")
                .register(registry);
        gauge(LOSS, "Training loss, mean over the latest steps", latest -> orNaN(latest.loss()));
        gauge(ACCURACY, "Training accuracy over the latest steps", latest -> orNaN(latest.accuracy()));
        gauge(
                VALIDATION_LOSS,
                "Loss on the validation split after the latest epoch",
                latest -> orNaN(Optional.ofNullable(latest.validation())
                        .map(Validated::loss)
                        .orElse(null)));
        gauge(
                VALIDATION_ACCURACY,
                "Accuracy on the validation split after the latest epoch",
                latest -> orNaN(Optional.ofNullable(latest.validation())
                        .map(Validated::accuracy)
                        .orElse(null)));
        gauge(LEARNING_RATE, "Learning rate of the latest step", Progress::learningRate);
        gauge(EPOCH, "Epochs begun", Progress::epoch);
        gauge(STEP, "Steps done", Progress::step);
        Gauge.builder(LOG_LACKS, this, metrics -> metrics.lacking ? 1 : 0)
                .description("1 while the log of the run at hand does not hold what comes next")
                .register(registry);
        // Known from the start, so that a rate over them is right from the first failure on.
        for (String outcome : new String[] {"success", "failure", "superseded"}) {
            checkpoints(outcome);
        }
        for (Outcome outcome : Outcome.values()) {
            runs(outcome);
        }
    }

    private static Duration[] millis(long... buckets) {
        return Arrays.stream(buckets).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    }

    private static double orNaN(Double value) {
        return Optional.ofNullable(value).orElse(Double.NaN);
    }

    private Timer histogram(String name, String description, Duration... buckets) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(buckets)
                .register(registry);
    }

    private void gauge(String name, String description, ToDoubleFunction<Progress> value) {
        Gauge.builder(
                        name,
                        this,
                        metrics -> metrics.progress == null ? Double.NaN : value.applyAsDouble(metrics.progress))
                .description(description)
                .register(registry);
    }

    private Counter checkpoints(String outcome) {
        return Counter.builder(CHECKPOINTS)
                .description("Checkpoints by what became of them")
                .tag(OUTCOME, outcome)
                .register(registry);
    }

    private Counter runs(Outcome outcome) {
        return Counter.builder(RUNS)
                .description("Runs by how they ended")
                .tag(OUTCOME, outcome.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    /** It was told how a run ended. */
    public void ended(Outcome outcome) {
        runs(outcome).increment();
    }

    /** A batch was waited for, so long. */
    public void waited(long nanos) {
        waits.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** How the run at hand stands now. */
    public void progressed(Progress latest) {
        progress = latest;
    }

    /** A step was done. */
    public void stepped(Progress latest, int samplesOfStep, long lostOfStep, long nanos) {
        progressed(latest);
        samples.increment(samplesOfStep);
        lostBatches.increment(lostOfStep);
        steps.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** A checkpoint was written; the attempt took so long. */
    public void checkpointWritten(Duration took) {
        checkpoints("success").increment();
        checkpoints.record(took);
    }

    /** An attempt at a checkpoint failed; there will be another. */
    public void checkpointFailed() {
        checkpoints("failure").increment();
    }

    /** A newer checkpoint took the place of one before it could be written. */
    public void checkpointSuperseded() {
        checkpoints("superseded").increment();
    }

    /** A batch came a second time and was skipped. */
    public void duplicate() {
        duplicates.increment();
    }

    /** A record went to the dead letters. */
    public void deadLetter() {
        deadLetters.increment();
    }

    /** The log of the run at hand lacks what comes next, or not any more. */
    public void lacks(boolean something) {
        lacking = something;
    }

    /** A consumer's metrics, until it is closed. */
    @FunctionalInterface
    public interface Observation extends AutoCloseable {
        @Override
        void close();
    }

    /** A consumer was opened. */
    public Observation observe(KafkaConsumer<?, ?> consumer) {
        KafkaClientMetrics metrics = new KafkaClientMetrics(consumer);
        metrics.bindTo(registry);
        return metrics::close;
    }
}
