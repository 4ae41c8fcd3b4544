// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.EventTable;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Which checkpoints models' names stand for: their runs are not removed. Thread-safe. */
@Singleton
class PromotedModels implements EventTable.Listener<ModelPromoted> {
    private final Map<String, ModelPromoted> byModel = new TreeMap<>();

    @Override
    public synchronized void event(String model, ModelPromoted promotion, long offset) {
        if (promotion == null) {
            byModel.remove(model);
        } else {
            byModel.put(model, promotion);
        }
    }

    @Override
    public synchronized void cleared() {
        byModel.clear();
    }

    /** A promotion that holds now of a checkpoint of a run; empty where there is none. */
    synchronized Optional<ModelPromoted> of(RunSpec run) {
        return byModel.values().stream()
                .filter(promotion -> promotion.checkpoint().incarnation().equals(run.incarnation()))
                .findFirst();
    }

    /** A promotion beside which a checkpoint of a run is asked as a shadow; empty where there is none. */
    synchronized Optional<ModelPromoted> shadowedBy(RunSpec run) {
        return byModel.values().stream()
                .filter(promotion -> promotion.shadow() != null
                        && promotion.shadow().incarnation().equals(run.incarnation()))
                .findFirst();
    }
}
