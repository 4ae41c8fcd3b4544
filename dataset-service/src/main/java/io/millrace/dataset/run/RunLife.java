// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.dataset.DatasetConfig;
import io.quarkus.logging.Log;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What people want of runs that there are: they stop, resume, extend and remove them. It is written into the run's record,
 * which the services obey. A call returns when the log has it and this service has read it there; what is wanted already is
 * not written again. One call at a time, so that none undoes another. Thread-safe.
 */
@Singleton
class RunLife {
    private static final int CONFLICT = 409;
    /** A trainer that says nothing for so long is not there. */
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private final RunEvents events;
    private final RunRegistry registry;
    private final PromotedModels promoted;
    private final int keepRuns;

    RunLife(RunEvents events, RunRegistry registry, PromotedModels promoted, DatasetConfig config) {
        this.events = events;
        this.registry = registry;
        this.promoted = promoted;
        this.keepRuns = config.keepRuns();
    }

    /** Nobody trains it, or publishes for it, until it is resumed. */
    synchronized void stop(String runId) throws InterruptedException {
        RunSpec run = run(runId);
        RunView.State state = state(runId);
        if (state == RunView.State.FINISHED || state == RunView.State.FAILED) {
            throw refused(runId, "is " + name(state) + ": there is nothing to stop", "remove it, if it is in the way");
        }
        if (run.wanted()) {
            change(run.withStopped(true), "stopped");
        }
    }

    /** It goes on where it was stopped. */
    synchronized void resume(String runId) throws InterruptedException {
        RunSpec run = run(runId);
        RunView.State state = state(runId);
        if (run.stopped() == null || state == RunView.State.FINISHED || state == RunView.State.FAILED) {
            throw refused(
                    runId,
                    "was not stopped, it is " + name(state),
                    state == RunView.State.FAILED ? startFrom(run) : "resume a run that is stopped");
        }
        if (!run.wanted()) {
            change(run.withStopped(false), "resumed");
        }
    }

    /** It has so many epochs more. */
    synchronized void extend(String runId, RunExtension more) throws InterruptedException {
        RunSpec run = run(runId);
        RunView.State state = state(runId);
        if (state == RunView.State.FAILED) {
            throw refused(runId, "failed: it cannot be extended", startFrom(run));
        }
        if (registry.status(run)
                .map(RunStatus::validation)
                .filter(last -> last.stop() != null)
                .isPresent()) {
            throw refused(runId, "ended by its validation split: it cannot be extended", startFrom(run));
        }
        if (more.beyond() != null && more.beyond() != run.epochs()) {
            requireDone(run, more);
            return;
        }
        if (registry.isRetired(run, keepRuns)) {
            throw refused(
                    runId,
                    "ended before the last " + keepRuns
                            + " (millrace.dataset.keep-runs): what it would go on from is not kept",
                    startFrom(run));
        }
        RunSpec extended = run.withExtension(more.epochs());
        // One that was stopped when it had done its last step already waits for nothing but this.
        change(state == RunView.State.FINISHED && !run.wanted() ? extended.withStopped(false) : extended, "extended");
    }

    /** It comes before others, or after them. */
    synchronized void prioritize(String runId, RunPriority asked) throws InterruptedException {
        RunSpec run = run(runId);
        RunView.State state = state(runId);
        if (state == RunView.State.FINISHED || state == RunView.State.FAILED) {
            throw refused(runId, "is " + name(state) + ": it waits for nobody", "extend it, or order another run");
        }
        if (!run.priority().equals(asked.priority())) {
            change(run.withPriority(asked.priority()), "of priority " + asked.priority());
        }
    }

    private static void requireDone(RunSpec run, RunExtension more) {
        int end = 0;
        List<Integer> spans = run.spans();
        for (int k = 0; k + 1 < spans.size(); k++) {
            end += spans.get(k);
            if (end == more.beyond() && spans.get(k + 1).equals(more.epochs())) {
                return;
            }
        }
        throw refused(
                run.runId(),
                "has " + run.epochs() + " epochs, not " + more.beyond(),
                "look at it (GET /runs/" + run.runId() + "), and say \"beyond\": " + run.epochs()
                        + ", or nothing of it");
    }

    /** Everything that it left is deleted, by whoever has it. */
    synchronized void remove(String runId) throws InterruptedException {
        if (registry.isStartupFailed(runId)) {
            // It failed before it was in the log.
            registry.startupMended();
            return;
        }
        events.requireReady();
        require(runId);
        Optional<RunSpec> run = registry.spec(runId);
        if (run.isEmpty()) {
            // Nobody can tell what it left.
            events.delete(Topic.RUNS, List.of(runId));
        } else {
            requireIdle(run.get());
            events.changed(run.get().asRemoved());
        }
        registry.settle(() -> !registry.exists(runId));
        Log.infof("Run removed. runId=%s", runId);
    }

    /** @throws RunRefusedException when somebody is at it, or needs what it has */
    void requireIdle(RunSpec run) {
        String runId = run.runId();
        boolean running = registry.status(run)
                .filter(status -> status.state() == RunStatus.State.RUNNING && !status.waiting())
                .isPresent();
        if (running && run.wanted()) {
            throw refused(
                    runId,
                    "is running",
                    "stop it first: ./millrace stop " + runId + ", or POST /runs/" + runId + "/stop");
        }
        if (running && isSaidLately(run)) {
            throw RunRefusedException.passing("the trainer is leaving the run \"" + runId
                    + "\" with a last checkpoint; it can be removed when it has, or when nothing was heard of it for "
                    + SILENCE.toSeconds() + " s");
        }
        Optional<ModelPromoted> promotion = promoted.of(run);
        if (promotion.isPresent()) {
            String model = promotion.get().model();
            throw refused(
                    runId,
                    "has the checkpoint that the model " + model + " is served from, "
                            + promotion.get().checkpoint().checkpointId(),
                    "promote one of another run (POST evaluator:/models/" + model
                            + "/promote), or delete the model (DELETE evaluator:/models/" + model + ")");
        }
        promoted.shadowedBy(run).ifPresent(other -> {
            throw refused(
                    runId,
                    "has the checkpoint that is the shadow of the model " + other.model() + ", "
                            + other.shadow().checkpointId(),
                    "end that first: DELETE evaluator:/models/" + other.model() + "/shadow");
        });
        registry.startingFrom(run).ifPresent(other -> {
            throw refused(
                    runId,
                    "has the checkpoint that the run \"" + other + "\" is about to start from",
                    "wait for the first checkpoint of \"" + other + "\", or remove it first: ./millrace rm " + other);
        });
    }

    private boolean isSaidLately(RunSpec run) {
        return registry.status(run)
                .map(RunStatus::updatedAt)
                .filter(at -> at.isAfter(Instant.now().minus(SILENCE)))
                .isPresent();
    }

    private RunSpec run(String runId) {
        events.requireReady();
        require(runId);
        return registry.spec(runId)
                .orElseThrow(() -> refused(
                        runId,
                        "cannot be read by this version, or could not be started",
                        "look at GET /runs/" + runId + ", or remove it"));
    }

    /** @throws RunRefusedException naming those that there are */
    void require(String runId) {
        if (registry.view(runId).isEmpty()) {
            throw RunRefusedException.unknown(runId, registry.ids());
        }
    }

    private RunView.State state(String runId) {
        return registry.view(runId).orElseThrow().state();
    }

    private void change(RunSpec wanted, String what) throws InterruptedException {
        events.changed(wanted);
        registry.settle(() -> registry.spec(wanted.runId()).equals(Optional.of(wanted)));
        Log.infof("Run %s. runId=%s epochs=%d", what, wanted.runId(), wanted.epochs());
    }

    /** Not which: the evaluator keeps the best ones, and this service does not know them. */
    private String startFrom(RunSpec run) {
        return registry.checkpoints(run).isEmpty()
                ? "order another run"
                : "order another run that starts from a checkpoint of this one that ./millrace status lists:"
                        + " ./millrace start --from CHECKPOINT";
    }

    private static String name(RunView.State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static RunRefusedException refused(String runId, String why, String remedy) {
        return new RunRefusedException(CONFLICT, "the run \"" + runId + "\" " + why, remedy);
    }
}
