// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the leader answers each worker: the user data of its assignment, as JSON.
 *
 * @param version of the format
 * @param refused why it is given nothing, although it may be able; null: it is not refused
 * @param target what it is to hold when all others have left what they were at; null: nothing
 * @param holding the part of it that nobody else is at; null: none
 * @param workers all of the pool
 * @param waiting why runs wait, by their ids
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Handout(
        int version,
        String refused,
        Holding target,
        Holding holding,
        List<PoolView.WorkerLine> workers,
        Map<String, String> waiting) {
    Handout {
        workers = workers == null ? List.of() : List.copyOf(workers);
        waiting = waiting == null ? Map.of() : Map.copyOf(waiting);
    }

    /** To a worker that is spoken to in a format that it may not know: this much every version keeps. */
    static Handout refusing(String why) {
        return new Handout(WorkerReport.VERSION, why, null, null, List.of(), Map.of());
    }

    Optional<Holding> held() {
        return Optional.ofNullable(holding);
    }
}
