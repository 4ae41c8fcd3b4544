// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.contracts.event.ModelPromoted;
import io.millrace.inference.InferenceMetrics;
import io.quarkus.logging.Log;
import java.io.IOException;
import java.time.Duration;

/**
 * Loads each promotion on a thread of its own and then serves it. Whatever fails, the model that is served stays; it is
 * counted once per promotion. A newer promotion ends the attempts at an older one. Where nothing is served yet, as after
 * a restart, the promotion before the one that failed is loaded in its place.
 */
public final class ModelSwitch {
    private final LatestPromotion latest;
    private final ModelLoader loader;
    private final ModelRegistry registry;
    private final InferenceMetrics metrics;
    private final Backoff backoff;
    private final Thread thread = new Thread(this::follow, "model-switch");

    public ModelSwitch(
            LatestPromotion latest,
            ModelLoader loader,
            ModelRegistry registry,
            InferenceMetrics metrics,
            Backoff backoff) {
        this.latest = latest;
        this.loader = loader;
        this.registry = registry;
        this.metrics = metrics;
        this.backoff = backoff;
        thread.setDaemon(true);
    }

    /** Begins. */
    public void start() {
        thread.start();
    }

    /** Whether it works; it never ends on its own. */
    public boolean alive() {
        return thread.isAlive();
    }

    private void follow() {
        try {
            prepare();
            while (!thread.isInterrupted()) {
                ModelPromoted promotion = latest.take();
                if (!serve(promotion)) {
                    fallBack(promotion);
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

    /** Nothing is served that could stay: what was promoted before is better than no answer at all. */
    private void fallBack(ModelPromoted failed) throws InterruptedException {
        for (ModelPromoted before : latest.before(failed)) {
            if (registry.card().isPresent() || latest.awaitNewer(Duration.ZERO)) {
                return;
            }
            Log.warnf(
                    "Nothing is served yet; trying what was promoted before. model=%s checkpointId=%s instead=%s",
                    failed.model(),
                    failed.checkpoint().checkpointId(),
                    before.checkpoint().checkpointId());
            serve(before);
        }
    }

    /** Whether this promotion is served now. */
    private boolean serve(ModelPromoted promotion) throws InterruptedException {
        if (registry.card().filter(card -> sameAs(card, promotion)).isPresent()) {
            return true;
        }
        for (int attempt = 1; ; attempt++) {
            try {
                registry.serve(loader.load(promotion));
                metrics.swapped(InferenceMetrics.SUCCESS);
                return true;
            } catch (IOException e) {
                if (attempt >= backoff.attempts()) {
                    failed(promotion, attempt, e);
                    return false;
                }
                sayRetrying(promotion, attempt, e);
            } catch (UnusableModelException | RuntimeException | LinkageError e) {
                failed(promotion, attempt, e);
                return false;
            }
            if (latest.awaitNewer(backoff.pauseAfter(attempt))) {
                failed(promotion, attempt, new IOException("given up for a newer promotion"));
                return false;
            }
        }
    }

    private static boolean sameAs(ModelCard card, ModelPromoted promotion) {
        return card.name().equals(promotion.model())
                && card.version().equals(promotion.checkpoint().checkpointId());
    }

    /** Once: what the last attempt failed at is said by {@link #failed}. */
    private void sayRetrying(ModelPromoted promotion, int attempt, IOException reason) {
        if (attempt == 1) {
            Log.warnf(
                    "Promoted checkpoint cannot be read; trying %d times. checkpointId=%s reason=\"%s\"",
                    backoff.attempts(), promotion.checkpoint().checkpointId(), reason.getMessage());
        }
    }

    private void failed(ModelPromoted promotion, int attempts, Throwable reason) {
        metrics.swapped(InferenceMetrics.FAILURE);
        // Where the file is to blame, the stack would only hide the reason.
        Log.errorf(
                reason instanceof IOException ? null : reason,
                "Promoted model is not served. model=%s checkpointId=%s attempts=%d served=%s reason=\"%s\"",
                promotion.model(),
                promotion.checkpoint().checkpointId(),
                attempts,
                registry.card().map(ModelCard::version).orElse("none"),
                reason.getMessage());
    }

    /** Stops; what is being loaded is finished first. */
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join();
        registry.clear();
    }
}
