// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import static io.millrace.trainer.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.contracts.Topic;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.KafkaConnection;
import io.millrace.trainer.Fixtures;
import io.millrace.trainer.TrainerMetrics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** What a real broker cannot be made to do: to hold records that nobody can read. */
class LogReaderTest {
    private static final RunSpec RUN = run("run-a", 1, 4, 2);
    private static final Duration NOW = Duration.ofMillis(1);
    private static final List<TopicPartition> PARTITIONS = partitions(RUN);

    private static List<TopicPartition> partitions(RunSpec run) {
        return IntStream.range(0, 2)
                .mapToObj(shard ->
                        new TopicPartition(Topic.batches(run.incarnation()).name(), shard))
                .toList();
    }

    private static List<Shard> shards(RunSpec run, List<TopicPartition> partitions) {
        return partitions.stream()
                .map(partition -> new Shard(run, partition, 0, Shard.BEGIN))
                .toList();
    }

    private static BadRecords badRecords(RunSpec run) {
        return new BadRecords(
                KafkaConnection.of("127.0.0.1:1"),
                run,
                new TrainerMetrics(new SimpleMeterRegistry()),
                new CountDownLatch(1),
                true);
    }

    /** Holds a record with a wrong check sum. */
    private static final class Damaged extends MockConsumer<String, byte[]> {
        private final TopicPartition partition;
        private final long offset;

        Damaged(TopicPartition partition, long offset) {
            super("none");
            this.partition = partition;
            this.offset = offset;
        }

        @Override
        public synchronized ConsumerRecords<String, byte[]> poll(Duration timeout) {
            if (assignment().contains(partition) && !paused().contains(partition) && position(partition) == offset) {
                throw new KafkaException("Record batch for partition " + partition + " at offset " + offset
                        + " is invalid, cause: Record is corrupt");
            }
            return super.poll(timeout);
        }
    }

    @Test
    void passesOverARecordThatTheBrokerCannotHandOver() throws Exception {
        Damaged consumer = new Damaged(PARTITIONS.get(1), 1);
        consumer.updateBeginningOffsets(Map.of(PARTITIONS.get(0), 0L, PARTITIONS.get(1), 0L));
        consumer.updateEndOffsets(Map.of(PARTITIONS.get(0), 4L, PARTITIONS.get(1), 4L));
        PrefetchQueue queue = new PrefetchQueue(16, 1 << 20);
        try (LogReader reader =
                new LogReader(RUN, shards(RUN, PARTITIONS), queue, badRecords(RUN), consumer, () -> {})) {
            // Given the log up to the damage
            add(consumer, 0, 0, 1, 2, 3);
            add(consumer, 1, 0);
            reader.read();

            // When it goes on behind it
            reader.read();
            add(consumer, 1, 2, 3);
            reader.read();
        }

        for (int step = 0; step < 4; step++) {
            StepInput input = queue.poll(NOW).orElseThrow();
            assertThat(input.index()).isEqualTo(step);
            assertThat(input.batches()).as("step %d", step).hasSize(step == 1 ? 1 : 2);
        }
    }

    @Test
    void holdsNoMoreThanItMayWhenOnePartitionIsFarAhead() throws Exception {
        RunSpec run = run("run-b", 1, 200, 2);
        List<TopicPartition> partitions = partitions(run);
        MockConsumer<String, byte[]> consumer = new MockConsumer<>("none");
        consumer.setMaxPollRecords(8);
        partitions.forEach(partition -> {
            consumer.updateBeginningOffsets(Map.of(partition, 0L));
            consumer.updateEndOffsets(Map.of(partition, 200L));
        });
        long batch = Fixtures.BATCH * Fixtures.SIZE * Fixtures.SIZE;
        PrefetchQueue queue = new PrefetchQueue(100, 10 * batch);
        List<Shard> shards = shards(run, partitions);
        try (LogReader reader = new LogReader(run, shards, queue, badRecords(run), consumer, () -> {})) {
            for (int step = 0; step < 200; step++) {
                consumer.addRecord(Fixtures.record(run, step, 0, step));
            }
            for (int round = 0; round < 50; round++) {
                reader.read();
            }
            assertThat(queue.bytes()).isLessThanOrEqualTo((10 + 8) * batch);

            consumer.addRecord(Fixtures.record(run, 0, 1, 0));
            reader.read();
            reader.read();
            assertThat(queue.poll(NOW))
                    .as("the other partition can still be read")
                    .isPresent();
        }
    }

    private static void add(MockConsumer<String, byte[]> consumer, int shard, long... steps) {
        for (long step : steps) {
            consumer.addRecord(Fixtures.record(RUN, step, shard, step));
        }
    }
}
