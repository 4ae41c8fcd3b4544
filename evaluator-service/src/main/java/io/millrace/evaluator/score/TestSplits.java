// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.MalformedBatchException;
import io.millrace.kafka.DeadLetters;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.TopicAdmin;
import io.quarkus.logging.Log;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The test splits in the log, by the digest of their data set. A split is read from the start of the topic when it is
 * asked for, and kept in memory with a few others. Records that are no test batches go to the dead-letter topic, once:
 * the group's offset says how far they have been reported. For one thread at a time; {@link #close()} may come from
 * another.
 */
public final class TestSplits implements AutoCloseable {
    /** The group that remembers how far bad records have been reported. It never decides where reading begins. */
    public static final String GROUP = "evaluator-service-test-batches";

    private static final Duration POLL = Duration.ofMillis(200);
    private static final TopicPartition PARTITION = new TopicPartition(Topic.TEST_BATCHES.name(), 0);

    private final KafkaConnection connection;
    private final Settings settings;
    private final BooleanSupplier reachable;
    private final Map<String, TestSplit> kept;
    private volatile boolean closed;

    /**
     * How patient and how forgetful to be.
     *
     * @param timeout how long a split may go without a further batch before it is given up
     * @param kept how many splits stay in memory
     */
    public record Settings(Duration timeout, int kept) {}

    /**
     * Reads nothing yet.
     *
     * @param reachable whether the broker answers; while it does not, no time counts
     */
    public TestSplits(KafkaConnection connection, Settings settings, BooleanSupplier reachable) {
        this.connection = connection;
        this.settings = settings;
        this.reachable = reachable;
        this.kept = new LinkedHashMap<>(4, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, TestSplit> eldest) {
                return size() > settings.kept();
            }
        };
    }

    /**
     * The whole split of a data set; waits for what is still being published.
     *
     * @throws UnusableNetworkException when batches are missing and none came for the configured time
     * @throws InterruptedException when this was closed meanwhile
     * @throws org.apache.kafka.common.KafkaException when the broker fails; asking again is right
     */
    public TestSplit get(String digest) throws UnusableNetworkException, InterruptedException {
        TestSplit split = kept.get(digest);
        if (split == null) {
            split = read(digest);
            kept.put(digest, split);
            Log.infof(
                    "Test split read. datasetDigest=%s batches=%d samples=%d",
                    digest, split.batches().size(), split.samples());
        }
        return split;
    }

    private TestSplit read(String digest) throws UnusableNetworkException, InterruptedException {
        TopicAdmin.ensure(connection, List.of(Topic.TEST_BATCHES, Topic.TEST_BATCHES.deadLetters()));
        try (KafkaConsumer<String, byte[]> consumer =
                        connection.consumer(Map.of(ConsumerConfig.GROUP_ID_CONFIG, GROUP));
                DeadLetters deadLetters = new DeadLetters(connection, Topic.TEST_BATCHES.deadLetters())) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            OffsetAndMetadata reported = consumer.committed(Set.of(PARTITION)).get(PARTITION);
            Reading reading = new Reading(digest, deadLetters, reported == null ? 0 : reported.offset());
            try {
                return follow(consumer, reading);
            } finally {
                if (reading.next > reading.reported) {
                    consumer.commitSync(Map.of(PARTITION, new OffsetAndMetadata(reading.next)));
                }
            }
        }
    }

    private TestSplit follow(KafkaConsumer<String, byte[]> consumer, Reading reading)
            throws UnusableNetworkException, InterruptedException {
        long patience = settings.timeout().toNanos();
        boolean said = false;
        while (true) {
            long before = System.nanoTime();
            boolean progress = false;
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                progress |= reading.take(record);
            }
            Optional<TestSplit> split = reading.assembly.complete();
            if (split.isPresent()) {
                return split.get();
            }
            if (closed) {
                throw new InterruptedException("closed while a test split was read");
            }
            if (progress) {
                patience = settings.timeout().toNanos();
            } else if (reachable.getAsBoolean()) {
                patience -= System.nanoTime() - before;
                said = said || sayWaiting(reading);
            }
            if (patience < 0) {
                throw new UnusableNetworkException("its test split " + reading.digest + " is not there: "
                        + reading.assembly.missing() + ", and no other came for "
                        + TimeUnit.NANOSECONDS.toSeconds(settings.timeout().toNanos()) + " s");
            }
        }
    }

    private boolean sayWaiting(Reading reading) {
        Log.infof(
                "Waiting for the test split. datasetDigest=%s state=\"%s\" timeout=%s",
                reading.digest, reading.assembly.missing(), settings.timeout());
        return true;
    }

    @Override
    public void close() {
        closed = true;
    }

    /** One pass over the topic. */
    private static final class Reading {
        private final String digest;
        private final TestSplitAssembly assembly;
        private final DeadLetters deadLetters;
        private final long reported;
        private long next;

        Reading(String digest, DeadLetters deadLetters, long reported) {
            this.digest = digest;
            this.assembly = new TestSplitAssembly(digest);
            this.deadLetters = deadLetters;
            this.reported = reported;
        }

        /** Whether the record was a batch that was missing. */
        boolean take(ConsumerRecord<String, byte[]> record) {
            boolean ours = digest.equals(record.key());
            boolean taken = false;
            try {
                if (ours) {
                    taken = assembly.add(decode(record));
                } else if (record.offset() >= reported) {
                    decode(record);
                }
            } catch (MalformedBatchException e) {
                report(record, e.getMessage());
            }
            next = record.offset() + 1;
            return taken;
        }

        private static ImageBatch decode(ConsumerRecord<String, byte[]> record) throws MalformedBatchException {
            if (record.value() == null) {
                throw new MalformedBatchException("the record has no value");
            }
            return BatchCodec.decode(ByteBuffer.wrap(record.value()));
        }

        private void report(ConsumerRecord<String, byte[]> record, String reason) {
            if (record.offset() < reported) {
                return;
            }
            deadLetters.send(record, reason);
            Log.warnf(
                    "Test batch refused. topic=%s partition=%d offset=%d reason=\"%s\"",
                    record.topic(), record.partition(), record.offset(), reason);
        }
    }
}
