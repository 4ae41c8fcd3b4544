// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/**
 * Commits how far records have been trained. Nothing is read back from it to train: a run's position lies in its
 * checkpoint. The data set's pacing and the lag are computed from it, and what lies before it was dead-lettered already.
 * Used by the reading thread.
 */
final class GroupCommits {
    private static final Logger LOGGER = Logger.getLogger(GroupCommits.class);
    private static final Duration LAST = Duration.ofSeconds(2);

    private final Map<TopicPartition, Long> committed;
    private final long every;
    private long latest = System.nanoTime();

    GroupCommits(Map<TopicPartition, Long> committed, Duration every) {
        this.committed = new HashMap<>(committed);
        this.every = every.toNanos();
    }

    /** Commits in the background, when it is time to. */
    void tick(KafkaConsumer<?, ?> consumer, Collection<Shard> shards) {
        if (System.nanoTime() - latest >= every) {
            latest = System.nanoTime();
            Map<TopicPartition, OffsetAndMetadata> due = due(shards);
            if (!due.isEmpty()) {
                consumer.commitAsync(due, (offsets, failure) -> {
                    if (failure != null) {
                        LOGGER.debug("Positions could not be committed; the next commit will do", failure);
                    }
                });
            }
        }
    }

    /** Commits and waits a little: reading ends. */
    void last(KafkaConsumer<?, ?> consumer, Collection<Shard> shards) {
        Map<TopicPartition, OffsetAndMetadata> due = due(shards);
        if (!due.isEmpty()) {
            try {
                consumer.commitSync(due, LAST);
            } catch (KafkaException e) {
                LOGGER.debug("Positions could not be committed; the next run's reader will do", e);
            }
        }
    }

    private Map<TopicPartition, OffsetAndMetadata> due(Collection<Shard> shards) {
        Map<TopicPartition, OffsetAndMetadata> due = new HashMap<>();
        for (Shard shard : shards) {
            long done = shard.doneTo();
            if (done > committed.getOrDefault(shard.partition, 0L)) {
                committed.put(shard.partition, done);
                due.put(shard.partition, new OffsetAndMetadata(done));
            }
        }
        return due;
    }
}
