// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * The pool as it came together last.
 *
 * @param leader whether this worker is the one that hands out
 * @param workers all of it, by their names
 * @param waiting why runs wait for a worker, by their ids
 */
public record PoolView(boolean leader, List<WorkerLine> workers, Map<String, String> waiting) {
    static final PoolView ALONE = new PoolView(false, List.of(), Map.of());

    /**
     * One of its workers.
     *
     * @param worker its name
     * @param slots its devices
     * @param memoryBytes that training may take there; null where it is not known
     * @param target what it is to hold; null: nothing
     * @param inUse what it was at when the pool came together, and had not left; null: nothing
     * @param refused why it is given nothing; null: it is not refused
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record WorkerLine(
            String worker, int slots, Long memoryBytes, Holding target, Holding inUse, String refused) {}

    /** Whether a worker was at a run then. */
    public boolean isInUse(String incarnation) {
        return workers.stream()
                .anyMatch(worker -> isOf(worker.inUse(), incarnation) || isOf(worker.target(), incarnation));
    }

    private static boolean isOf(Holding holding, String incarnation) {
        return holding != null && holding.isOf(incarnation);
    }
}
