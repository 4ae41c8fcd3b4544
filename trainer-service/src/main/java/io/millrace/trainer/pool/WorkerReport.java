// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a worker tells the leader whenever the group comes together: the user data of its subscription, as JSON. Unknown
 * members are passed over; what changes the meaning of others is another version.
 *
 * @param version of the format
 * @param worker its name, for people
 * @param table which state of the table of runs it knows; a change of it makes the group come together
 * @param slots its devices, at least 1
 * @param memoryBytes that training may take there; null where the system does not tell
 * @param target what it was given last; null: nothing, or it was given nothing yet
 * @param given whether it was given anything, be it nothing, since it is of the group
 * @param inUse what it is at, which nobody else may begin; null: nothing
 * @param unable why it cannot train some runs, by their incarnations
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record WorkerReport(
        int version,
        String worker,
        String table,
        int slots,
        Long memoryBytes,
        Holding target,
        boolean given,
        Holding inUse,
        Map<String, String> unable) {
    /** That of this version. */
    static final int VERSION = 1;

    WorkerReport {
        unable = unable == null ? Map.of() : Map.copyOf(unable);
        slots = Math.max(1, slots);
    }

    /** What it has for the choice of what it gets: what it was told to have, or what it comes with. */
    Optional<Holding> held() {
        return Optional.ofNullable(given ? target : inUse);
    }

    /**
     * Whether this is news to the group, other than what the group itself decided.
     *
     * @param last what the group was told
     */
    boolean isNewsAfter(WorkerReport last) {
        return !table.equals(last.table)
                || !unable.equals(last.unable)
                // What was begun was given; what is left others may wait for.
                || last.inUse != null && !Objects.equals(inUse, last.inUse);
    }
}
