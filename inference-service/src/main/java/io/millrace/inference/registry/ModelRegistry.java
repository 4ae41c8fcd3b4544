// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.inference.InferenceMetrics;
import io.quarkus.logging.Log;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** The model that is served now. One switch replaces it; requests that hold the old one finish on it. Thread-safe. */
@Singleton
public class ModelRegistry {
    private final AtomicReference<ServedModel> current = new AtomicReference<>();
    private final InferenceMetrics metrics;

    public ModelRegistry(InferenceMetrics metrics) {
        this.metrics = metrics;
    }

    /** What is served; empty before the first model. */
    public Optional<ModelCard> card() {
        return Optional.ofNullable(current.get()).map(ServedModel::card);
    }

    /** The right to use the served model; empty when there is none. To be closed. */
    public Optional<ServedModel.Lease> lease() {
        ServedModel model = current.get();
        while (model != null) {
            Optional<ServedModel.Lease> lease = model.lease();
            if (lease.isPresent()) {
                return lease;
            }
            // Retired between the two lines above: its successor is there already.
            model = current.get();
        }
        return Optional.empty();
    }

    /** Serves another model from now on. The one before is closed when its last request is answered. */
    public void serve(ServedModel next) {
        ModelCard card = next.card();
        metrics.served(card.name(), card.version(), card.runId(), card.loadedAt());
        ServedModel before = current.getAndSet(next);
        Log.infof(
                "Model served. model=%s checkpointId=%s accuracy=%.4f previous=%s",
                card.name(),
                card.version(),
                card.accuracy(),
                before == null ? "none" : before.card().version());
        if (before != null) {
            retire(before);
        }
    }

    /** Serves nothing any more. */
    void clear() {
        ServedModel before = current.getAndSet(null);
        if (before != null) {
            retire(before);
        }
    }

    private void retire(ServedModel model) {
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
