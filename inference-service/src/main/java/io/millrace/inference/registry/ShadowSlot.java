// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.inference.InferenceMetrics;
import io.quarkus.logging.Log;
import jakarta.inject.Singleton;
import java.util.Optional;

/** What is asked beside the model that is served: a model, why not yet, or nothing. Thread-safe. */
@Singleton
public class ShadowSlot {
    private final InferenceMetrics metrics;
    private volatile Slot slot = Slot.NONE;

    /** Null where there is none. */
    private record Slot(Candidate wanted, ServedModel loaded, String problem) {
        private static final Slot NONE = new Slot(null, null, null);
    }

    /** Of nothing. */
    public ShadowSlot(InferenceMetrics metrics) {
        this.metrics = metrics;
    }

    /** Id of the checkpoint that is to be asked under a name, whether or not it is loaded. */
    public Optional<String> wanted(String model) {
        return Optional.ofNullable(slot.wanted)
                .filter(wanted -> wanted.model().equals(model))
                .map(wanted -> wanted.checkpoint().checkpointId());
    }

    /** Why what is wanted is not asked; empty when it is, is being loaded, or nothing is wanted. */
    public Optional<String> problem() {
        return Optional.ofNullable(slot.problem);
    }

    /** What is asked. */
    public Optional<ModelCard> card() {
        return Optional.ofNullable(slot.loaded).map(ServedModel::card);
    }

    /** The right to ask it; empty when there is none. To be closed. */
    public Optional<ServedModel.Lease> lease() {
        return Optional.ofNullable(slot.loaded).flatMap(ServedModel::lease);
    }

    /** Asks a model from now on; the one before is closed when nobody asks it any more. */
    public synchronized void ask(ServedModel next) {
        ModelCard card = next.card();
        change(new Slot(
                new Candidate(
                        card.name(),
                        card.checkpoint(),
                        card.accuracy(),
                        card.calibration(),
                        Optional.empty(),
                        Optional.empty()),
                next,
                null));
        Log.infof("Shadow is asked. model=%s checkpointId=%s", card.name(), card.version());
    }

    /** Whether this is asked already. */
    boolean asks(Candidate wanted) {
        return card().filter(card -> card.isOf(wanted)).isPresent();
    }

    /** Asks nothing until this is loaded: of the memory for two of them there may be none. */
    synchronized void want(Candidate wanted) {
        change(new Slot(wanted, null, null));
    }

    /** What is wanted cannot be asked. */
    synchronized void failed(String problem) {
        slot = new Slot(slot.wanted, slot.loaded, problem);
    }

    /** Asks nothing. */
    synchronized void clear() {
        change(Slot.NONE);
    }

    private void change(Slot next) {
        ServedModel before = slot.loaded;
        slot = next;
        metrics.compareAnew();
        if (before != null) {
            before.retire();
        }
    }
}
