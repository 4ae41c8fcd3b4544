// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.millrace.contracts.event.Validated;
import io.millrace.trainer.pool.PoolGroup;
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

    /** Gauge: replicas that this worker holds. */
    public static final String REPLICAS_HELD = "millrace.trainer.replicas.held";
    /** Gauge: workers of the pool, as this one knows it; 0 before it is of one. */
    public static final String POOL_WORKERS = "millrace.trainer.pool.workers";
    /** Gauge: runs that no worker is given to, as this one knows it. */
    public static final String RUNS_WAITING = "millrace.trainer.runs.waiting";
    /** Counter: how often the pool came together since this worker is of it. */
    public static final String REBALANCES = "millrace.trainer.rebalances";

    /** Counter: rounds that ended, of runs in rounds. */
    public static final String ROUNDS = "millrace.trainer.rounds";
    /** Counter: turns of a replica that were begun again, since what it had shared could not be used, or got lost. */
    public static final String TURNS_AGAIN = "millrace.trainer.turns.again";
    /** Histogram: from the last own turn of a round to its last delta. */
    public static final String ROUND_WAIT = "millrace.trainer.round.wait.duration";
    /** Histogram: writing down what was learnt, and putting together what all learnt, in a round. */
    public static final String ROUND_EXCHANGE = "millrace.trainer.round.exchange.duration";
    /** Counter, bytes: what was shared from here. */
    public static final String SHARED = "millrace.trainer.shared";
    /** Counter: how often this worker was not where the others were. */
    public static final String STRAYS = "millrace.trainer.strays";

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
    private final Counter rounds;
    private final Counter turnsAgain;
    private final Timer roundWaits;
    private final Timer roundExchanges;
    private final Counter shared;
    private final Counter strays;
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
        rounds = Counter.builder(ROUNDS)
                .description("Rounds that ended, of runs in rounds")
                .register(registry);
        turnsAgain = Counter.builder(TURNS_AGAIN)
                .description("Turns of a replica that were begun again")
                .register(registry);
        roundWaits = histogram(ROUND_WAIT, "Waiting for what others learnt in a round", STEP_BUCKETS);
        roundExchanges =
                histogram(ROUND_EXCHANGE, "Sharing what was learnt in a round and putting it together", STEP_BUCKETS);
        shared = Counter.builder(SHARED)
                .baseUnit("bytes")
                .description("What was shared of what replicas learnt here")
                .register(registry);
        strays = Counter.builder(STRAYS)
                .description("How often this worker was not where the others were")
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
        Gauge.builder(name, this, metrics -> {
                    // Another thread may drop it meanwhile.
                    Progress latest = metrics.progress;
                    return latest == null ? Double.NaN : value.applyAsDouble(latest);
                })
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

    /** The run at hand was left before its end: how it stands is for others to say. */
    public void left() {
        progress = null;
    }

    /** A step was done. */
    public void stepped(Progress latest, int samplesOfStep, long lostOfStep, long nanos) {
        progressed(latest);
        samples.increment(samplesOfStep);
        lostBatches.increment(lostOfStep);
        steps.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** A round has ended: others were waited for so long, and so long it took to share and to put together. */
    public void roundEnded(Progress latest, long waited, long exchange) {
        progressed(latest);
        rounds.increment();
        roundWaits.record(waited, TimeUnit.NANOSECONDS);
        roundExchanges.record(exchange, TimeUnit.NANOSECONDS);
    }

    /** What was shared has to be made again. */
    public void turnAgain() {
        turnsAgain.increment();
    }

    /** So many bytes were shared. */
    public void shared(long bytes) {
        shared.increment(bytes);
    }

    /** This worker was not where the others were. */
    public void strayed() {
        strays.increment();
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

    /** Follows a pool, for as long as the process lives. */
    void follow(PoolGroup pool) {
        Gauge.builder(REPLICAS_HELD, pool, group -> group.pool()
                        .holding()
                        .map(holding -> holding.replicas().size())
                        .orElse(0))
                .description("Replicas that this worker holds")
                .register(registry);
        Gauge.builder(POOL_WORKERS, pool, group -> group.view().workers().size())
                .description("Workers of the pool")
                .register(registry);
        Gauge.builder(RUNS_WAITING, pool, group -> group.view().waiting().size())
                .description("Runs that no worker is given to")
                .register(registry);
        FunctionCounter.builder(REBALANCES, pool, PoolGroup::rebalances)
                .description("How often the pool came together")
                .register(registry);
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
