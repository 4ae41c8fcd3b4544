// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import io.millrace.trainer.TrainerMetrics;
import java.util.LinkedList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Snapshots that wait to be written, in their order. A newer one takes the place of those before it, but not of one that
 * early stopping keeps, unless it is better still: so there are never more than two. Not thread-safe.
 */
final class SnapshotQueue {
    private static final Logger LOGGER = Logger.getLogger(SnapshotQueue.class);

    private final TrainerMetrics metrics;
    private final List<Snapshot> waiting = new LinkedList<>();

    SnapshotQueue(TrainerMetrics metrics) {
        this.metrics = metrics;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    void add(Snapshot snapshot) {
        Snapshot newest = snapshot;
        while (!waiting.isEmpty() && newest.replaces(waiting.get(waiting.size() - 1))) {
            newest = replace(waiting.remove(waiting.size() - 1), newest);
        }
        waiting.add(newest);
    }

    /** The next one to be written; empty while none waits. */
    Optional<Snapshot> take() {
        return waiting.isEmpty() ? Optional.empty() : Optional.of(waiting.remove(0));
    }

    /** What is to be written instead of one that could not be: the one behind it, if that takes its place. */
    Snapshot instead(Snapshot unwritten) {
        boolean outdated = !waiting.isEmpty() && waiting.get(0).replaces(unwritten);
        return outdated ? replace(unwritten, waiting.remove(0)) : unwritten;
    }

    private Snapshot replace(Snapshot older, Snapshot newer) {
        LOGGER.infof(
                "Checkpoint of step %d gives way to that of step %d",
                older.position().step(), newer.position().step());
        metrics.checkpointSuperseded();
        return newer.inPlaceOf(older);
    }
}
