// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.trainer.Patience.StoppedException;
import io.millrace.trainer.pool.PoolView;
import io.millrace.trainer.publish.LeftAloneException;
import io.millrace.trainer.publish.RunWriter;
import io.millrace.trainer.training.RunQueue.Item;
import io.millrace.trainer.training.Trainer.Tools;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * What is said about runs that nobody is at: that they wait for a worker and why, that they were stopped, that they must
 * not be trained. The pool's leader alone says it, by a thread of its own, since it takes no worker. Nothing is said about
 * a run that somebody may still be writing about.
 */
final class UnheldRuns {
    private static final Logger LOGGER = Logger.getLogger(UnheldRuns.class);
    private static final Duration LOOK = Duration.ofMillis(500);

    private final Tools tools;
    private final Supplier<PoolView> pool;
    private final Thread thread = new Thread(this::run, "unheld-runs");
    /** For the thread alone. */
    private String problem;

    /** @param pool as it is known now */
    UnheldRuns(Tools tools, Supplier<PoolView> pool) {
        this.tools = tools;
        this.pool = pool;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                tools.patience().requireGoing();
                attempt();
                Thread.sleep(LOOK.toMillis());
            }
        } catch (InterruptedException | StoppedException e) {
            LOGGER.debug("Nothing more is said about runs that nobody is at");
        }
    }

    /** Whatever goes wrong is said, once while it is the same, and tried again: without this thread nobody hears of runs. */
    private void attempt() throws InterruptedException, StoppedException {
        try {
            if (pool.get().leader()) {
                look();
            }
            problem = null;
        } catch (RuntimeException e) {
            if (!e.toString().equals(problem)) {
                LOGGER.error("Nothing can be said about runs that nobody is at, it is tried again", e);
            }
            problem = e.toString();
        }
    }

    /** Whether it ended although nobody asked the process to stop. */
    boolean died() {
        return thread.getState() == Thread.State.TERMINATED && !tools.patience().stopping();
    }

    private void look() throws InterruptedException, StoppedException {
        for (Item item : tools.queue().unsaid()) {
            if (isUnheld(item.incarnation())) {
                say(item);
            }
        }
        for (Map.Entry<String, String> waiting : pool.get().waiting().entrySet()) {
            Optional<RunSpec> run = tools.queue().spec(waiting.getKey()).filter(RunSpec::wanted);
            if (run.isPresent() && isUnheld(run.get().incarnation())) {
                say(run.get(), "waits for a worker: " + waiting.getValue());
            }
        }
    }

    /** Asked again before each word, since the pool may have come together meanwhile. */
    private boolean isUnheld(String incarnation) {
        PoolView now = pool.get();
        return now.leader() && !now.isInUse(incarnation);
    }

    private void say(RunSpec run, String waits) throws InterruptedException, StoppedException {
        Optional<RunStatus> known = tools.queue().statusOf(run);
        boolean said = known.map(RunStatus::waits).filter(waits::equals).isPresent();
        if (!said && tools.queue().settled(run).isEmpty()) {
            if (write(run.incarnation(), Progress.waiting(run, known, waits))) {
                LOGGER.infof("Run waits. runId=%s reason=\"%s\"", run.runId(), waits);
            }
        }
    }

    /** A run that must not be trained, or not now, stays where it stands. */
    private void say(Item item) throws InterruptedException, StoppedException {
        String reason = item.refusal().orElse(null);
        State state = reason == null ? State.STOPPED : State.FAILED;
        RunStatus last = item.spec()
                .map(run -> Progress.before(run, tools.queue().statusOf(run), state, reason))
                .orElseGet(() -> Progress.unreadable(item.runId(), reason));
        if (!write(item.incarnation(), last)) {
            return;
        }
        tools.metrics().ended(reason == null ? Outcome.STOPPED : Outcome.REFUSED);
        if (reason == null) {
            LOGGER.infof("Run stopped. runId=%s step=%d", last.runId(), last.step());
        } else {
            LOGGER.warnf("Run refused. runId=%s reason=\"%s\"", last.runId(), reason);
        }
    }

    private boolean write(String incarnation, RunStatus status) throws InterruptedException, StoppedException {
        try (RunWriter writer = tools.writer(incarnation, 0, () -> isUnheld(incarnation))) {
            writer.open();
            writer.end(status);
            tools.queue().told(status);
            return true;
        } catch (LeftAloneException e) {
            // Somebody begins with it at this moment, and says so.
            return false;
        }
    }
}
