// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.MetricPoint;
import io.millrace.trainer.checkpoint.Checkpointer;
import io.millrace.trainer.checkpoint.Snapshot;
import io.millrace.trainer.publish.RunWriter;
import java.time.Duration;
import java.util.Optional;

/** Where goes what a loop makes of a run. For the training thread, but for what any may ask. */
public interface Outlet {
    /** Whether a snapshot is wanted after a step at which none would be due. */
    boolean wants(long step);

    /** Takes a snapshot; returns soon. */
    void submit(Snapshot snapshot);

    /** Waits until nothing is left to be done about snapshots; false when that takes longer. */
    boolean awaitIdle(Duration atMost) throws InterruptedException;

    /** Takes a point of the run's curves. */
    void add(MetricPoint point);

    /** Checkpoints that were announced so far. Any thread. */
    int announced();

    /** Why something does not get out; empty while it does. Any thread. */
    Optional<String> problem();

    /** Of a run that is written about: snapshots become checkpoints, points events. */
    record Written(Checkpointer checkpointer, RunWriter writer) implements Outlet {
        @Override
        public boolean wants(long step) {
            return false;
        }

        @Override
        public void submit(Snapshot snapshot) {
            checkpointer.submit(snapshot);
        }

        @Override
        public boolean awaitIdle(Duration atMost) throws InterruptedException {
            return checkpointer.awaitIdle(atMost);
        }

        @Override
        public void add(MetricPoint point) {
            writer.add(point);
        }

        @Override
        public int announced() {
            return writer.announced();
        }

        @Override
        public Optional<String> problem() {
            return checkpointer.problem().or(writer::problem);
        }
    }
}
