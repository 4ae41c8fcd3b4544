// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.inference.InferenceMetrics;
import io.quarkus.logging.Log;
import java.io.IOException;
import java.util.Optional;

/**
 * Loads each promotion on a thread of its own and then serves it. Whatever fails, the model that is served stays; it is
 * counted once per promotion. A file that cannot be read is tried until it can or a newer promotion comes. Where nothing
 * is served yet, as after a restart, what was promoted before is loaded in its place meanwhile. What was served just before is still
 * loaded, and served again at once. What is to be asked beside it is loaded after it; that it cannot be is of no consequence to what is
 * served.
 */
public final class ModelSwitch {
    private final LatestPromotion latest;
    private final ModelLoader loader;
    private final ModelRegistry registry;
    private final ShadowSlot shadow;
    private final InferenceMetrics metrics;
    private final Backoff backoff;
    private final Thread thread = new Thread(this::follow, "model-switch");
    private volatile String problem;

    /**
     * A switch that has not begun.
     *
     * @param lost told when its thread ends by an error
     */
    public ModelSwitch(
            LatestPromotion latest,
            ModelLoader loader,
            ModelRegistry registry,
            ShadowSlot shadow,
            InferenceMetrics metrics,
            Backoff backoff,
            Thread.UncaughtExceptionHandler lost) {
        this.latest = latest;
        this.loader = loader;
        this.registry = registry;
        this.shadow = shadow;
        this.metrics = metrics;
        this.backoff = backoff;
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler(lost);
    }

    /** Begins. */
    public void start() {
        thread.start();
    }

    /** Whether it works, or has not begun; it never ends on its own. */
    public boolean alive() {
        return thread.getState() != Thread.State.TERMINATED;
    }

    /** Why the promoted model is not served; empty when it is, or none is promoted. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    private void follow() {
        try {
            prepare();
            while (!thread.isInterrupted()) {
                Candidate candidate = latest.take();
                serve(candidate);
                if (!latest.hasNewer()) {
                    ask(candidate.beside());
                }
            }
        } catch (InterruptedException e) {
            thread.interrupt();
        }
    }

    private void prepare() {
        try {
            loader.prepare();
        } catch (RuntimeException | LinkageError e) {
            Log.error("The engine cannot be started; no model will be served", e);
        }
    }

    /** Returns when it is served or cannot be at all, or when a newer promotion has come. */
    private void serve(Candidate candidate) throws InterruptedException {
        if (registry.card().filter(card -> card.isOf(candidate)).isPresent()) {
            return;
        }
        if (registry.serveAgain(candidate)) {
            problem = null;
            metrics.swapped(InferenceMetrics.SUCCESS);
            return;
        }
        int attempt = 0;
        do {
            attempt++;
            try {
                load(candidate);
                problem = null;
                return;
            } catch (IOException e) {
                notRead(candidate, attempt, e);
            } catch (UnusableModelException | RuntimeException | LinkageError e) {
                problem = problem(candidate, e);
                failed(candidate, attempt, e);
                fallBack(candidate);
                return;
            }
        } while (!latest.awaitNewer(backoff.pauseAfter(attempt)));
        if (attempt < backoff.attempts()) {
            failed(candidate, attempt, new IOException("given up for a newer promotion"));
        }
    }

    private void load(Candidate candidate) throws IOException, UnusableModelException {
        ServedModel model = loader.load(candidate);
        try {
            registry.serve(model);
        } catch (RuntimeException e) {
            model.retire();
            throw e;
        }
        metrics.swapped(InferenceMetrics.SUCCESS);
    }

    /** Said twice, at the first attempt and when it is time to be alarmed; the attempts go on. */
    private void notRead(Candidate candidate, int attempt, IOException reason) {
        problem = problem(candidate, reason);
        if (attempt == backoff.attempts()) {
            failed(candidate, attempt, reason);
            fallBack(candidate);
        } else if (attempt == 1) {
            Log.warnf(
                    "Promoted checkpoint cannot be read; trying on. checkpointId=%s reason=\"%s\"",
                    candidate.checkpoint().checkpointId(), reason.getMessage());
        }
    }

    /** Returns when it is asked or cannot be at all, or when there is a newer promotion. */
    private void ask(Optional<Candidate> beside) throws InterruptedException {
        if (beside.isEmpty()) {
            shadow.clear();
            return;
        }
        Candidate wanted = beside.get();
        if (shadow.asks(wanted)) {
            return;
        }
        shadow.want(wanted);
        int attempt = 0;
        do {
            attempt++;
            try {
                shadow.ask(loader.load(wanted));
                metrics.shadowLoaded(InferenceMetrics.SUCCESS);
                return;
            } catch (IOException e) {
                notAsked(wanted, attempt, e);
            } catch (UnusableModelException | RuntimeException | Error e) {
                // Memory for it may be missing, too: that is no reason to end what is served.
                notAsked(wanted, backoff.attempts(), e);
                return;
            }
        } while (!latest.awaitNewer(backoff.pauseAfter(attempt)));
    }

    /** Said at the first attempt and when it is time to be alarmed, as of what is to be served. */
    private void notAsked(Candidate wanted, int attempt, Throwable reason) {
        shadow.failed("the checkpoint " + wanted.checkpoint().checkpointId() + " cannot be loaded: "
                + reason.getMessage() + "; what is served stays");
        if (attempt == backoff.attempts()) {
            metrics.shadowLoaded(InferenceMetrics.FAILURE);
        }
        if (attempt == 1 || attempt == backoff.attempts()) {
            Log.warnf(
                    reason instanceof IOException ? null : reason,
                    "Shadow cannot be asked; what is served stays. model=%s checkpointId=%s attempts=%d reason=\"%s\"",
                    wanted.model(),
                    wanted.checkpoint().checkpointId(),
                    attempt,
                    reason.getMessage());
        }
    }

    private static String problem(Candidate candidate, Throwable reason) {
        return "the promoted checkpoint " + candidate.checkpoint().checkpointId() + " cannot be loaded: "
                + reason.getMessage();
    }

    /** Nothing is served that could stay: what was promoted before is better than no answer at all. */
    private void fallBack(Candidate failed) {
        for (Candidate before : latest.before(failed)) {
            if (registry.card().isPresent() || latest.hasNewer()) {
                return;
            }
            Log.warnf(
                    "Nothing is served yet; trying what was promoted before. model=%s checkpointId=%s instead=%s",
                    failed.model(),
                    failed.checkpoint().checkpointId(),
                    before.checkpoint().checkpointId());
            try {
                load(before);
            } catch (IOException | UnusableModelException | RuntimeException | LinkageError e) {
                failed(before, 1, e);
            }
        }
    }

    private void failed(Candidate candidate, int attempts, Throwable reason) {
        metrics.swapped(InferenceMetrics.FAILURE);
        // Where the file is to blame, the stack would only hide the reason.
        Log.errorf(
                reason instanceof IOException ? null : reason,
                "Promoted model is not served. model=%s checkpointId=%s attempts=%d served=%s reason=\"%s\"",
                candidate.model(),
                candidate.checkpoint().checkpointId(),
                attempts,
                registry.card().map(ModelCard::version).orElse("none"),
                reason.getMessage());
    }

    /** Stops; what is being loaded is finished first. */
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join();
        shadow.clear();
        registry.clear();
    }
}
