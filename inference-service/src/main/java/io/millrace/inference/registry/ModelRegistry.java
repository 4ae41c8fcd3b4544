// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.inference.InferenceConfig;
import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.problem.NoSuchModelException;
import io.quarkus.logging.Log;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The model that is served now, and the one before, which stays loaded so that going back to it takes no time. One switch replaces
 * it; requests that hold another finish on that. Thread-safe.
 */
@Singleton
public class ModelRegistry {
    private final InferenceMetrics metrics;
    private final boolean keepPrevious;
    private volatile Loaded loaded = Loaded.NONE;

    /** Both change at once: whoever asks for one of two versions finds it while they change places. Null where there is none. */
    private record Loaded(ServedModel current, ServedModel previous) {
        private static final Loaded NONE = new Loaded(null, null);
    }

    @Inject
    ModelRegistry(InferenceMetrics metrics, InferenceConfig configuration) {
        this(metrics, configuration.keepPrevious());
    }

    /**
     * A registry of nothing.
     *
     * @param keepPrevious whether the model that was served before stays loaded
     */
    public ModelRegistry(InferenceMetrics metrics, boolean keepPrevious) {
        this.metrics = metrics;
        this.keepPrevious = keepPrevious;
    }

    /** What is served; empty before the first model. */
    public Optional<ModelCard> card() {
        return Optional.ofNullable(loaded.current).map(ServedModel::card);
    }

    /** What can be asked for: what is served, and then the one before, where it is loaded still. */
    public List<ModelCard> cards() {
        Loaded both = loaded;
        return Stream.of(both.current, both.previous)
                .filter(Objects::nonNull)
                .map(ServedModel::card)
                .toList();
    }

    /**
     * What is known of a wanted model; empty before the first model. A version may be that of the model before, as long as it is
     * loaded; without one it is what is served.
     *
     * @throws NoSuchModelException when it is not loaded
     */
    public Optional<ModelCard> card(WantedModel wanted) {
        List<ModelCard> cards = cards();
        if (cards.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(cards.stream()
                .limit(wanted.version().isPresent() ? cards.size() : 1)
                .filter(wanted::is)
                .findFirst()
                .orElseThrow(() -> none(wanted, cards)));
    }

    private static NoSuchModelException none(WantedModel wanted, List<ModelCard> cards) {
        return new NoSuchModelException("there is no model " + wanted + "; loaded are "
                + cards.stream()
                        .map(card -> WantedModel.of(card.name(), card.version()).toString())
                        .collect(Collectors.joining(", then "))
                + (wanted.version().isPresent() || cards.size() == 1
                        ? ""
                        : ", and without a version the first one answers"));
    }

    /**
     * The right to use a wanted model; empty before the first model. To be closed.
     *
     * @throws NoSuchModelException as {@link #card(WantedModel)}
     */
    public Optional<ServedModel.Lease> lease(WantedModel wanted) {
        if (wanted.version().isEmpty()) {
            Optional<ServedModel.Lease> lease = lease();
            lease.filter(served -> !wanted.is(served.card())).ifPresent(other -> {
                other.close();
                throw none(wanted, cards());
            });
            return lease;
        }
        Loaded both = loaded;
        return both.current == null
                ? Optional.empty()
                : Optional.of(Stream.of(both.current, both.previous)
                        .filter(model -> model != null && wanted.is(model.card()))
                        .flatMap(model -> model.lease().stream())
                        .findFirst()
                        .orElseThrow(() -> none(wanted, cards())));
    }

    /** The right to use the served model; empty when there is none. To be closed. */
    public Optional<ServedModel.Lease> lease() {
        ServedModel model = loaded.current;
        while (model != null) {
            Optional<ServedModel.Lease> lease = model.lease();
            if (lease.isPresent()) {
                return lease;
            }
            // Retired between the two lines above: its successor is there already.
            model = loaded.current;
        }
        return Optional.empty();
    }

    /**
     * Serves another model from now on. The one before stays loaded, in place of the one before that, which is closed when its last
     * request is answered.
     */
    public synchronized void serve(ServedModel next) {
        Loaded before = loaded;
        switchTo(new Loaded(next, keepPrevious ? before.current : null));
        retire(before.previous);
        if (!keepPrevious) {
            retire(before.current);
        }
    }

    /** Serves the model before again, if that is the candidate: whether it was. */
    synchronized boolean serveAgain(Candidate candidate) {
        ServedModel previous = loaded.previous;
        if (previous == null || !previous.card().isOf(candidate)) {
            return false;
        }
        previous.promotedAgain(candidate, Instant.now());
        switchTo(new Loaded(previous, loaded.current));
        return true;
    }

    private void switchTo(Loaded next) {
        ModelCard card = next.current.card();
        ServedModel before = loaded.current;
        loaded = next;
        // Clears what was counted of the one before: nobody may count it once more in between.
        metrics.served(card.name(), card.version(), card.runId(), card.loadedAt());
        Log.infof(
                "Model served. model=%s checkpointId=%s accuracy=%.4f previous=%s",
                card.name(),
                card.version(),
                card.accuracy(),
                before == null ? "none" : before.card().version());
    }

    /** Serves nothing any more. */
    synchronized void clear() {
        Loaded before = loaded;
        loaded = Loaded.NONE;
        retire(before.current);
        retire(before.previous);
    }

    private static void retire(ServedModel model) {
        if (model == null) {
            return;
        }
        String version = model.card().version();
        model.closed().whenComplete((done, failure) -> {
            if (failure == null) {
                Log.infof("Model closed. checkpointId=%s", version);
            } else {
                Log.errorf(failure, "Model could not be closed. checkpointId=%s", version);
            }
        });
        model.retire();
    }
}
