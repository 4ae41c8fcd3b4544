// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

import io.millrace.contracts.Topic;
import io.millrace.contracts.delta.Delta;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Sync.Encoding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;

/** A log of deltas in this process, and consumers of it. For one thread. */
public final class DeltaLog {
    /** Records that a consumer hands over at once. */
    static final int AT_ONCE = 16;

    private final RunSpec run;
    private final Encoding encoding;
    private final Map<Integer, Integer> handed = new HashMap<>();
    private final List<List<ConsumerRecord<String, byte[]>>> partitions = new ArrayList<>();

    /** Empty. */
    public DeltaLog(RunSpec run) {
        this.run = run;
        this.encoding = run.recipe().sync().encoding();
        for (int k = 0; k < run.shards(); k++) {
            partitions.add(new ArrayList<>());
        }
    }

    /** A delta, in its replica's partition. */
    public void add(Delta delta) {
        add(delta, delta.replica());
    }

    void add(Delta delta, int partition) {
        for (ProducerRecord<String, byte[]> sent : DeltaRecords.of(delta, encoding)) {
            List<ConsumerRecord<String, byte[]>> records = partitions.get(partition);
            records.add(new ConsumerRecord<>(
                    Topic.deltas(run.incarnation()).name(),
                    partition,
                    records.size(),
                    0L,
                    TimestampType.CREATE_TIME,
                    0,
                    0,
                    sent.key(),
                    sent.value(),
                    sent.headers(),
                    Optional.empty()));
        }
    }

    /** Records of a replica. */
    public int size(int replica) {
        return partitions.get(replica).size();
    }

    /** Records of a replica that consumers have handed over. */
    int handed(int replica) {
        return handed.getOrDefault(replica, 0);
    }

    /** Deletes what there is of a replica, as by hand: the topic was made anew. */
    public void cut(int replica) {
        partitions.get(replica).clear();
    }

    /** Reads what is there, and what comes. */
    public Consumer<String, byte[]> consumer() {
        return new MockConsumer<>("none") {
            private final Map<TopicPartition, Integer> fed = new HashMap<>();

            {
                setMaxPollRecords(AT_ONCE);
            }

            @Override
            public synchronized void assign(Collection<TopicPartition> assigned) {
                super.assign(assigned);
                assigned.forEach(partition -> updateBeginningOffsets(Map.of(partition, 0L)));
                feed();
            }

            private void feed() {
                for (TopicPartition partition : assignment()) {
                    List<ConsumerRecord<String, byte[]>> records = partitions.get(partition.partition());
                    updateEndOffsets(Map.of(partition, (long) records.size()));
                    for (int k = Math.min(fed.getOrDefault(partition, 0), records.size()); k < records.size(); k++) {
                        addRecord(records.get(k));
                    }
                    fed.put(partition, records.size());
                }
            }

            @Override
            public synchronized ConsumerRecords<String, byte[]> poll(Duration timeout) {
                feed();
                for (TopicPartition partition : assignment()) {
                    long position = position(partition);
                    if (position > partitions.get(partition.partition()).size()) {
                        throw new OffsetOutOfRangeException(Map.of(partition, position));
                    }
                }
                ConsumerRecords<String, byte[]> polled = super.poll(timeout);
                polled.forEach(record -> handed.merge(record.partition(), 1, Integer::sum));
                return polled;
            }

            @Override
            public synchronized Map<TopicPartition, Long> endOffsets(
                    Collection<TopicPartition> asked, Duration timeout) {
                return asked.stream().collect(Collectors.toMap(partition -> partition, partition ->
                        (long) partitions.get(partition.partition()).size()));
            }
        };
    }
}
