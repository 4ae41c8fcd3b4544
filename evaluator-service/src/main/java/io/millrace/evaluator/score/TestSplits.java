// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import io.millrace.contracts.Topic;
import io.millrace.kafka.DeadLetters;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.TopicAdmin;
import io.millrace.kafka.split.HeldOutSplit;
import io.millrace.kafka.split.HeldOutSplitReader;
import io.quarkus.logging.Log;
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

    private final KafkaConnection connection;
    private final Settings settings;
    private final BooleanSupplier reachable;
    private final Map<String, HeldOutSplit> kept;
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
            protected boolean removeEldestEntry(Map.Entry<String, HeldOutSplit> eldest) {
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
    public HeldOutSplit get(String digest) throws UnusableNetworkException, InterruptedException {
        HeldOutSplit split = kept.get(digest);
        if (split == null) {
            split = read(digest);
            kept.put(digest, split);
            Log.infof(
                    "Test split read. datasetDigest=%s batches=%d samples=%d",
                    digest, split.batches().size(), split.samples());
        }
        return split;
    }

    private HeldOutSplit read(String digest) throws UnusableNetworkException, InterruptedException {
        TopicAdmin.ensure(connection, List.of(Topic.TEST_BATCHES, Topic.TEST_BATCHES.deadLetters()));
        try (KafkaConsumer<String, byte[]> consumer =
                        connection.consumer(Map.of(ConsumerConfig.GROUP_ID_CONFIG, GROUP));
                DeadLetters deadLetters = new DeadLetters(connection, Topic.TEST_BATCHES.deadLetters())) {
            OffsetAndMetadata committed =
                    consumer.committed(Set.of(HeldOutSplitReader.PARTITION)).get(HeldOutSplitReader.PARTITION);
            long reported = committed == null ? 0 : committed.offset();
            HeldOutSplitReader reading = new HeldOutSplitReader(
                    consumer, digest, reported, (record, reason) -> report(deadLetters, reported, record, reason));
            try {
                return follow(digest, reading);
            } finally {
                if (reading.next() > reported) {
                    consumer.commitSync(Map.of(HeldOutSplitReader.PARTITION, new OffsetAndMetadata(reading.next())));
                }
            }
        }
    }

    private static void report(
            DeadLetters deadLetters, long reported, ConsumerRecord<String, byte[]> record, String reason) {
        if (record.offset() < reported) {
            return;
        }
        deadLetters.send(record, reason);
        Log.warnf(
                "Test batch refused. topic=%s partition=%d offset=%d reason=\"%s\"",
                record.topic(), record.partition(), record.offset(), reason);
    }

    private HeldOutSplit follow(String digest, HeldOutSplitReader reading)
            throws UnusableNetworkException, InterruptedException {
        long patience = settings.timeout().toNanos();
        boolean said = false;
        while (true) {
            long before = System.nanoTime();
            boolean progress = reading.poll(POLL);
            Optional<HeldOutSplit> split = reading.complete();
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
                said = said || sayWaiting(digest, reading);
            }
            if (patience < 0) {
                throw new UnusableNetworkException("its test split " + digest + " is not there: "
                        + reading.missing() + ", and no other came for "
                        + TimeUnit.NANOSECONDS.toSeconds(settings.timeout().toNanos()) + " s");
            }
        }
    }

    private boolean sayWaiting(String digest, HeldOutSplitReader reading) {
        Log.infof(
                "Waiting for the test split. datasetDigest=%s state=\"%s\" timeout=%s",
                digest, reading.missing(), settings.timeout());
        return true;
    }

    @Override
    public void close() {
        closed = true;
    }
}
