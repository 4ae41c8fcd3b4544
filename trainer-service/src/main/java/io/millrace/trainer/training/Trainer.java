// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.RunStatus;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.EventLog;
import io.millrace.kafka.TopicAdmin;
import io.millrace.model.Torch;
import io.millrace.trainer.training.RunQueue.Item;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The training thread: one platform thread that trains one run after the other, in the order of their log. Native state
 * belongs to the thread, hence never a pool and never a virtual one.
 */
public final class Trainer {
    private static final Logger LOGGER = Logger.getLogger(Trainer.class);
    private static final Duration IDLE = Duration.ofMillis(500);

    /** How far the thread is. */
    public enum Phase {
        /** Native libraries are being loaded. */
        STARTING,
        /** The broker is awaited and the logs are replayed. */
        REPLAYING,
        /** Trains, or waits for a run. */
        READY,
        /** Ended because it was asked to. */
        STOPPED,
        /** Ended although nobody asked: the process is of no use any more, and ends. */
        DEAD
    }

    private final Workshop workshop;
    private final BrokerWatch broker;
    private final Runnable died;
    private final Thread thread;
    private volatile Phase phase = Phase.STARTING;
    private volatile RunTraining training;

    /** @param died ends the process, for another one to go on: this one cannot train any more */
    public Trainer(Workshop workshop, BrokerWatch broker, Runnable died) {
        this.workshop = workshop;
        this.broker = broker;
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

    private void run() {
        try {
            Torch.start();
            LOGGER.infof("PyTorch is ready. %s", Torch.description());
            phase = Phase.REPLAYING;
            if (prepare()) {
                phase = Phase.READY;
                while (!stopping()) {
                    Optional<Item> item = workshop.queue().next(IDLE);
                    if (item.isPresent()) {
                        train(item.get());
                    }
                }
            }
            phase = Phase.STOPPED;
        } catch (InterruptedException e) {
            phase = Phase.STOPPED;
        } catch (RuntimeException | Error e) {
            phase = Phase.DEAD;
            LOGGER.fatal(
                    "Training cannot go on; the process ends. Started again, it resumes from the last checkpoint", e);
            died.run();
        }
    }

    private boolean prepare() throws InterruptedException {
        if (!broker.awaitReachable()) {
            return false;
        }
        return workshop.patience()
                .attempt("replay the logs", () -> {
                    TopicAdmin.ensure(
                            bootstrapServers(),
                            List.of(
                                    Topic.RUNS,
                                    Topic.RUN_STATUS,
                                    Topic.CHECKPOINTS,
                                    Topic.BATCHES,
                                    Topic.BATCHES.deadLetters()));
                    replay();
                    return true;
                })
                .isPresent();
    }

    private void replay() {
        EventLog.readAll(bootstrapServers(), Topic.RUN_STATUS, RunStatus.class).stream()
                .filter(entry -> entry.value() != null)
                .forEach(entry -> workshop.queue().status(entry.value()));
        workshop.queue().reread();
    }

    private void train(Item item) throws InterruptedException {
        Optional<RunStatus> before = workshop.queue().statusOf(item.runId());
        if (item.refusal().isPresent()) {
            tell(new Ending(Endings.refused(item, before), Outcome.REFUSED));
            return;
        }
        training = new RunTraining(item.spec().orElseThrow(), workshop);
        Optional<Ending> ending = training.train();
        if (ending.isPresent()) {
            tell(ending.get());
        }
    }

    private void tell(Ending end) throws InterruptedException {
        RunStatus ending = end.status();
        LOGGER.infof(
                "Run %s. runId=%s step=%d%s",
                ending.state().name().toLowerCase(Locale.ROOT),
                ending.runId(),
                ending.step(),
                ending.reason() == null ? "" : " reason=\"" + ending.reason() + '"');
        workshop.patience().attempt("tell how run " + ending.runId() + " ended", () -> {
            workshop.statuses().publish(ending);
            workshop.trainingObserver().ended(end.outcome());
            return true;
        });
    }

    private String bootstrapServers() {
        return workshop.settings().reader().bootstrapServers();
    }

    private boolean stopping() {
        return workshop.stopping().getCount() == 0;
    }

    /**
     * Asks the thread to stop after the step at hand and waits for it, so long.
     *
     * @return whether it stopped; else it may still be inside native code
     */
    public boolean stop(Duration atMost) {
        workshop.stopping().countDown();
        try {
            thread.join(atMost.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }
}
