// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.EventTable;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.TopicAdmin;
import io.millrace.model.Calibration;
import io.millrace.model.Malloc;
import io.millrace.model.Torch;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.trainer.Patience;
import io.millrace.trainer.Patience.StoppedException;
import io.millrace.trainer.TrainerConfig;
import io.millrace.trainer.TrainerMetrics;
import io.millrace.trainer.pool.Holding;
import io.millrace.trainer.pool.Pool;
import io.millrace.trainer.pool.PoolGroup;
import io.millrace.trainer.publish.LeftAloneException;
import io.millrace.trainer.publish.RunWriter;
import io.millrace.trainer.round.StrayedException;
import io.millrace.trainer.round.Strays;
import io.millrace.trainer.start.WeightsCache;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * The training thread: one platform thread that trains one run after the other. Native state belongs to the thread, hence
 * never a pool and never a virtual one.
 */
public final class Trainer {
    private static final Logger LOGGER = Logger.getLogger(Trainer.class);
    private static final Duration IDLE = Duration.ofMillis(500);
    private static final Duration REPLAY = Duration.ofSeconds(30);
    /** A run that another one writes about is tried again after it, should the pool still say that it is ours. */
    private static final Duration CONTESTED = Duration.ofSeconds(10);
    /** A checkpoint may take longer to write; the others need not wait for it. */
    private static final Duration LEAVE = Duration.ofSeconds(4);

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
     * @param pool which of them this worker trains
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
            Pool pool,
            CheckpointStore store,
            Calibration calibration,
            WeightsCache weights,
            Patience patience,
            TrainerMetrics metrics) {
        /** Of a replica of a run that this worker holds; that of replica 0 writes about the run. */
        RunWriter writer(String incarnation, int replica) {
            return writer(incarnation, replica, () -> pool.holding()
                    .filter(held -> held.isOf(incarnation) && held.replicas().contains(replica))
                    .isPresent());
        }

        /** @param own whether it is still known to be for this worker to write */
        RunWriter writer(String incarnation, int replica, BooleanSupplier own) {
            return new RunWriter(connection, incarnation, replica, own, config.statusEvery(), patience);
        }
    }

    private final Tools tools;
    private final BrokerWatch broker;
    private final EventTable table;
    private final PoolGroup group;
    private final UnheldRuns unheld;
    private final Runnable died;
    private final Thread thread;
    private volatile Phase phase = Phase.STARTING;
    private final Strays strays = new Strays();
    private volatile Training training;

    /**
     * Not started yet.
     *
     * @param group whose pool the tools have
     * @param died ends the process, for another one to go on: this one cannot train any more
     */
    public Trainer(Tools tools, PoolGroup group, BrokerWatch broker, Runnable died) {
        this.tools = tools;
        this.group = group;
        this.unheld = new UnheldRuns(tools, group::view);
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

    /** The run at hand, or the latest one that ended here; empty before there is one, and when it was left before its end. */
    public Optional<Progress> progress() {
        return Optional.ofNullable(training).flatMap(Training::progress);
    }

    /** Whether all threads live that have work to do: without one of them, this process is of no use, or says nothing. */
    public boolean alive() {
        return phase != Phase.DEAD && !group.died() && !unheld.died();
    }

    /** Why this process does not get on, with the remedy where there is one; empty while it does. */
    public Optional<String> problem() {
        return broker.reason()
                .or(table::problem)
                .or(tools.patience()::problem)
                .or(group::problem)
                .or(() -> Optional.ofNullable(training).flatMap(Training::problem));
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
                group.start();
                unheld.start();
                phase = Phase.READY;
                while (true) {
                    tools.patience().requireGoing();
                    Optional<Holding> holding = tools.pool().await(IDLE);
                    if (holding.isPresent()) {
                        train(holding.get());
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
                    tools.connection(),
                    List.of(Topic.CHECKPOINTS, Topic.METRICS, Topic.BATCHES_DEAD_LETTERS, Topic.DELTAS_DEAD_LETTERS));
            table.catchUp(REPLAY);
            return true;
        });
    }

    private void train(Holding holding) throws InterruptedException, StoppedException {
        // It has just ended where it is not to be trained any more, and the pool is about to hear of it.
        Optional<RunSpec> run = tools.queue().await(holding.incarnation(), IDLE);
        if (run.isEmpty()) {
            return;
        }
        if (!tools.pool().begin(holding)) {
            return;
        }
        try {
            training = run.get().inRounds() && !holding.replicas().contains(0)
                    ? new Following(run.get(), holding, tools, strays)
                    : new RunTraining(run.get(), holding, tools, strays);
            training.train();
            if (tools.queue().settled(run.get()).isEmpty()) {
                // Not its own any more: whoever has it, if anybody, says how it stands.
                forget();
            }
            // The next run may be long in coming.
            Malloc.giveBack();
        } catch (LeftAloneException e) {
            forget();
            leave(run.get(), e);
        } catch (StrayedException e) {
            forget();
            strayed(run.get(), holding, e);
        } finally {
            tools.pool().leave();
        }
    }

    private void forget() {
        training = null;
        tools.metrics().left();
    }

    /** What was learnt here is not what the others go on with: it goes on from the newest checkpoint, or leaves it to them. */
    private void strayed(RunSpec run, Holding holding, StrayedException why) {
        int times = strays.strayed(run.incarnation(), why.step());
        LOGGER.warnf(
                "%s, and goes on from the newest checkpoint. runId=%s step=%d times=%d reason=\"%s\"",
                why.deltasGone()
                        ? "This worker cannot follow the others by a log of which a part was deleted"
                        : "This worker is not where the others are",
                run.runId(),
                why.step(),
                times,
                why.getMessage());
        tools.metrics().strayed();
        if (times >= Strays.MOST && holding.replicas().size() < run.shards()) {
            tools.pool().refuse(run.incarnation(), why.deltasGone() ? gone(why) : different(why, times));
        }
    }

    private static String gone(StrayedException why) {
        return "this worker began at step " + why.step() + " and cannot get to where the others are: "
                + why.getMessage()
                + ". Nothing but Millrace must delete in millrace.deltas.v1.<run>; those who are further go on without this"
                + " worker, which takes part again when it is started again, once there is a newer checkpoint";
    }

    private static String different(StrayedException why, int times) {
        return times + " times in a row this worker came to other weights at step " + why.step() + " than the others ("
                + why.getMessage()
                + "). Workers of different processors round differently where gradients are shared: let"
                + " workers of one kind train it (millrace.trainer.pool.group), or one worker"
                + " ({\"workers\": {\"max\": 1}}), or order it with recipe.sync.everySteps above 1 and fromStep 0";
    }

    private void leave(RunSpec run, LeftAloneException why) throws InterruptedException, StoppedException {
        LOGGER.warnf("The run is left alone. runId=%s reason=\"%s\"", run.runId(), why.getMessage());
        if (why.isUnable()) {
            tools.pool().refuse(run.incarnation(), why.getMessage());
            return;
        }
        tools.pool().leave();
        long since = System.nanoTime();
        while (System.nanoTime() - since < CONTESTED.toNanos()
                && tools.pool()
                        .holding()
                        .filter(held -> held.isOf(run.incarnation()))
                        .isPresent()) {
            tools.patience().requireGoing();
            Thread.sleep(IDLE.toMillis());
        }
    }

    /**
     * Asks the thread to stop after the step at hand and waits for it, so long. The pool is left when it has stopped, or
     * soon.
     *
     * @return whether it stopped; else it may still be inside native code
     */
    public boolean stop(Duration atMost) {
        tools.patience().stop();
        try {
            thread.join(Math.min(LEAVE.toMillis(), atMost.toMillis()));
            group.close();
            thread.join(Math.max(1, atMost.minus(LEAVE).toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        table.close();
        return !thread.isAlive();
    }
}
