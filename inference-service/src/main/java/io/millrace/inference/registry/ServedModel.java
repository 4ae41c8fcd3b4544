// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A loaded model that is closed when it was retired and the last of its users has gone, whichever comes later: nobody
 * ever calls a native network that is closed. Thread-safe.
 */
public final class ServedModel {
    private volatile ModelCard card;
    private final BatchClassifier classifier;
    /** Users, and one more until it is retired. */
    private final AtomicInteger holders = new AtomicInteger(1);

    private final AtomicBoolean retired = new AtomicBoolean();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    public ServedModel(ModelCard card, BatchClassifier classifier) {
        this.card = card;
        this.classifier = classifier;
    }

    /** The right to use the model until it is closed. */
    public final class Lease implements AutoCloseable {
        private final AtomicBoolean returned = new AtomicBoolean();

        private Lease() {}

        public ModelCard card() {
            return card;
        }

        /** The model itself, which tells versions apart. */
        public ServedModel model() {
            return ServedModel.this;
        }

        public BatchClassifier classifier() {
            return classifier;
        }

        @Override
        public void close() {
            if (returned.compareAndSet(false, true)) {
                release();
            }
        }
    }

    public ModelCard card() {
        return card;
    }

    /** It was promoted once more: the same bytes, of which more may be known. */
    void promotedAgain(Candidate candidate, Instant at) {
        card = card.promotedAgain(candidate, at);
    }

    /** Has something done when the network is closed, or could not be; at once where that is over. */
    public void onClose(Runnable action) {
        closed.whenComplete((done, failure) -> action.run());
    }

    /** A lease; empty when the model was retired and its last user has gone. */
    Optional<Lease> lease() {
        int before = holders.getAndUpdate(holding -> holding == 0 ? 0 : holding + 1);
        return before == 0 ? Optional.empty() : Optional.of(new Lease());
    }

    /** Takes the model out of service. Its users keep it until they are done. */
    void retire() {
        if (retired.compareAndSet(false, true)) {
            release();
        }
    }

    /** Done when the network is closed; failed when closing it failed. */
    CompletionStage<Void> closed() {
        return closed;
    }

    private void release() {
        if (holders.decrementAndGet() > 0) {
            return;
        }
        try {
            classifier.close();
            closed.complete(null);
        } catch (RuntimeException e) {
            closed.completeExceptionally(e);
        }
    }
}
