// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.ticket;

import io.millrace.inference.InferenceConfig;
import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.problem.Refusal;
import io.millrace.inference.problem.UnavailableException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Requests that are inside: their bodies have come, and they are not answered. One takes its place before anything is done for
 * it, and one too many is turned away at once. Thread-safe.
 */
@Singleton
public final class Places {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final int most;
    private final AtomicInteger taken = new AtomicInteger();

    @Inject
    Places(InferenceConfig configuration, InferenceMetrics metrics) {
        this(configuration.maxPending());
        metrics.showPending(taken::get);
    }

    Places(int most) {
        this.most = most;
    }

    /** A request's place, to be closed when nothing is done for it any more. */
    public final class Place implements AutoCloseable {
        private final AtomicBoolean left = new AtomicBoolean();

        private Place() {}

        @Override
        public void close() {
            if (left.compareAndSet(false, true)) {
                taken.decrementAndGet();
            }
        }
    }

    /**
     * Takes a place.
     *
     * @throws UnavailableException when there is none
     */
    public Place take() {
        if (taken.getAndUpdate(inside -> Math.min(inside + 1, most)) == most) {
            throw new UnavailableException(
                    Refusal.FULL, most + " requests are waiting already; try again in a moment", RETRY_AFTER);
        }
        return new Place();
    }

    int taken() {
        return taken.get();
    }
}
