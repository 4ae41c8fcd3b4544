// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import java.util.ArrayDeque;
import java.util.Queue;
import org.apache.kafka.common.TopicPartition;

/** One partition while it is read. Used by the reading thread, except for {@link #trained}. */
final class Shard {
    final TopicPartition partition;
    final ShardReader reader;
    /** Batches whose step still lacks those of other partitions. */
    final Queue<ShardBatch> waiting = new ArrayDeque<>();

    private long lastBatch = -1;
    private long read = -1;
    private volatile long trained = -1;

    Shard(TopicPartition partition, ShardReader reader) {
        this.partition = partition;
        this.reader = reader;
    }

    /** A batch was found for a step to come. */
    void add(ShardBatch batch) {
        waiting.add(batch);
        lastBatch = batch.offset();
    }

    /** Records before this offset have been judged, or belong to steps that were done before. */
    void readTo(long offset) {
        read = offset;
    }

    /** Whether a first position is known. */
    boolean positioned() {
        return read >= 0;
    }

    /** Where reading goes on. */
    long readTo() {
        return read;
    }

    /** Records before this offset have been trained. Any thread. */
    void trainedTo(long offset) {
        trained = offset;
    }

    /** Records before this offset need not be read again; -1 when nothing was read yet. */
    long doneTo() {
        long done = trained;
        return done > lastBatch ? Math.max(done, read) : done;
    }
}
