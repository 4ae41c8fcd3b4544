// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.EventTable;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.TopicAdmin;
import io.millrace.model.Calibration;
import io.millrace.model.Torch;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.trainer.Patience;
import io.millrace.trainer.Patience.StoppedException;
import io.millrace.trainer.TrainerConfig;
import io.millrace.trainer.TrainerMetrics;
import io.millrace.trainer.publish.LeftAloneException;
import io.millrace.trainer.publish.RunWriter;
import io.millrace.trainer.start.WeightsCache;
import io.millrace.trainer.training.RunQueue.Item;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The training thread: one platform thread that trains one run after the other. Native state belongs to the thread, hence
 * never a pool and never a virtual one.
 */
public final class Trainer {
    private static final Logger LOGGER = Logger.getLogger(Trainer.class);
    private static final Duration IDLE = Duration.ofMillis(500);
    private static final Duration REPLAY = Duration.ofSeconds(30);

    /** How far the thread is. */
    public enum Phase {
        /** Native libraries are being loaded. */
        STARTING,
        /** The broker is awaited and the topics are replayed. */
        REPLAYING,
        /** Trains, or waits for a run. */
        READY,
        /** Ended because it was asked to. */
        STOPPED,
        /** Ended although nobody asked: the process is of no use any more, and ends. */
        DEAD
    }

    /**
     * What every run is trained with.
     *
     * @param config how
     * @param connection to Kafka
     * @param queue which runs there are
     * @param store where checkpoints go
     * @param calibration what decides bits
     * @param weights those that runs start from
     * @param patience with brokers and stores
     * @param metrics what is measured
     */
    public record Tools(
            TrainerConfig config,
            KafkaConnection connection,
            RunQueue queue,
            CheckpointStore store,
            Calibration calibration,
            WeightsCache weights,
            Patience patience,
            TrainerMetrics metrics) {
        RunWriter writer(String incarnation) {
            return new RunWriter(
                    connection,
                    incarnation,
                    config.statusEvery(),
                    config.takeoverAfter().dividedBy(3),
                    patience);
        }
    }

    private final Tools tools;
    private final BrokerWatch broker;
    private final EventTable table;
    private final Runnable died;
    private final Thread thread;
    private volatile Phase phase = Phase.STARTING;
    private volatile RunTraining training;

    /** @param died ends the process, for another one to go on: this one cannot train any more */
    public Trainer(Tools tools, BrokerWatch broker, Runnable died) {
        this.tools = tools;
        this.broker = broker;
        this.table = new EventTable(tools.connection(), broker)
                .follow(Topic.RUN_STATUS, RunStatus.class, tools.queue().statuses())
                .follow(Topic.RUNS, RunSpec.class, tools.queue().runs());
        this.died = died;
        this.thread = new Thread(this::run, "trainer");
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    /** How far the training thread is. */
    public Phase phase() {
        return phase;
    }

    /** The run at hand, or the latest one of this process; empty before there is one. */
    public Optional<Progress> progress() {
        return Optional.ofNullable(training).flatMap(RunTraining::progress);
    }

    /** Why this process does not get on, with the remedy where there is one; empty while it does. */
    public Optional<String> problem() {
        return broker.reason().or(table::problem).or(tools.patience()::problem).or(() -> Optional.ofNullable(training)
                .flatMap(RunTraining::problem));
    }

    private void run() {
        try {
            prefer(tools.config().device());
            LOGGER.infof("PyTorch is ready. %s", Torch.description());
            phase = Phase.REPLAYING;
            tools.patience().attempt("write to the checkpoint store", () -> {
                tools.store().requireWritable();
                return true;
            });
            if (broker.awaitReachable()) {
                replay();
                phase = Phase.READY;
                while (true) {
                    tools.patience().requireGoing();
                    Optional<Item> item = tools.queue().next(IDLE);
                    if (item.isPresent()) {
                        train(item.get());
                    }
                }
            }
            phase = Phase.STOPPED;
        } catch (InterruptedException | StoppedException e) {
            phase = Phase.STOPPED;
        } catch (RuntimeException | Error e) {
            phase = Phase.DEAD;
            LOGGER.fatal(
                    "Training cannot go on; the process ends. Started again, it resumes from the last checkpoint", e);
            died.run();
        }
    }

    private static void prefer(String device) {
        try {
            Torch.prefer(device);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("millrace.trainer.device: " + e.getMessage(), e);
        }
    }

    private void replay() throws InterruptedException, StoppedException {
        table.start();
        tools.patience().attempt("replay the topics", () -> {
            TopicAdmin.ensure(
                    tools.connection(), List.of(Topic.CHECKPOINTS, Topic.METRICS, Topic.BATCHES_DEAD_LETTERS));
            table.catchUp(REPLAY);
            return true;
        });
    }

    private void train(Item item) throws InterruptedException, StoppedException {
        try {
            if (item.refusal().isPresent()) {
                refuse(item, item.refusal().get());
            } else {
                training = new RunTraining(item.spec().orElseThrow(), tools);
                training.train();
            }
        } catch (LeftAloneException e) {
            training = null;
            LOGGER.logf(
                    tools.queue().leave(item.runId(), e.getMessage()) ? Logger.Level.WARN : Logger.Level.DEBUG,
                    "The run is left alone. runId=%s reason=\"%s\"; it is tried again when nothing is heard of it for %d s",
                    item.runId(),
                    e.getMessage(),
                    tools.config().takeoverAfter().toSeconds());
        }
    }

    /** A run that must not be trained ends where it stands. */
    private void refuse(Item item, String reason) throws InterruptedException, StoppedException, LeftAloneException {
        RunStatus last = item.spec()
                .map(run -> Progress.before(run, tools.queue().statusOf(run), State.FAILED, reason))
                .orElseGet(() -> Progress.unreadable(item.runId(), reason));
        try (RunWriter writer =
                tools.writer(item.spec().map(RunSpec::incarnation).orElse(item.runId()))) {
            writer.open();
            writer.end(last);
        }
        tools.queue().told(last);
        tools.metrics().ended(Outcome.REFUSED);
        LOGGER.warnf("Run refused. runId=%s reason=\"%s\"", last.runId(), reason);
    }

    /**
     * Asks the thread to stop after the step at hand and waits for it, so long.
     *
     * @return whether it stopped; else it may still be inside native code
     */
    public boolean stop(Duration atMost) {
        tools.patience().stop();
        try {
            thread.join(atMost.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        table.close();
        return !thread.isAlive();
    }
}
