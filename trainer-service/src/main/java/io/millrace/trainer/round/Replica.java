// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

import io.millrace.contracts.delta.Delta;
import io.millrace.trainer.consume.ShardBatch;
import io.millrace.trainer.publish.LeftAloneException;
import java.time.Duration;
import java.util.Optional;

/** What a worker needs to train one replica of a run: its batches, and a way to the log that others can bar. */
public interface Replica extends AutoCloseable {
    /**
     * Its batch of a step; empty when it did not come in time.
     *
     * @param step from 0
     * @param offset where the records of the step begin, should nothing before it have been asked for here
     */
    Optional<ShardBatch> batch(long step, Optional<Long> offset, Duration atMost) throws InterruptedException;

    /** Writes what it learnt, sooner or later, whole or not at all. */
    void share(Delta delta);

    /**
     * Does nothing while it is this worker's.
     *
     * @throws LeftAloneException when another one has taken it over
     */
    void check() throws LeftAloneException;

    /** The step, from 0, that its log does not hold; empty while none is missing. Any thread. */
    Optional<Long> lacks();

    /** Why it does not get on with Kafka; empty while it does. Any thread. */
    Optional<String> problem();

    @Override
    void close();
}
