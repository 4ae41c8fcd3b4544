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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * The test splits in the log, by the digest of their data set. A split is read from the start of the topic when it is
 * asked for, and kept in memory with a few others. Records that are no test batches go to the dead-letter topic, once:
 * the group's offset says how far they have been reported. Threads take turns: a second one waits until the first has its
 * split.
 */
public final class TestSplits implements AutoCloseable {
    /** The group that remembers how far bad records have been reported. It never decides where reading begins. */
    public static final String GROUP = "evaluator-service-test-batches";

    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConnection connection;
    private final Settings settings;
    private final BooleanSupplier reachable;
    private final KeptSplits kept;
    private final ReentrantLock turn = new ReentrantLock();
    private volatile boolean closed;

    /**
     * How patient and how forgetful to be.
     *
     * @param timeout how long a split may go without a further batch before it is given up
     * @param kept how many splits stay in memory at most
     * @param bytes that their images may take there in all
     */
    public record Settings(Duration timeout, int kept, long bytes) {}

    /**
     * Reads nothing yet.
     *
     * @param reachable whether the broker answers; while it does not, no time counts
     */
    public TestSplits(KafkaConnection connection, Settings settings, BooleanSupplier reachable) {
        this.connection = connection;
        this.settings = settings;
        this.reachable = reachable;
        this.kept = new KeptSplits(settings.kept(), settings.bytes());
    }

    /**
     * The whole split of a data set; waits for what is still being published.
     *
     * @throws UnusableNetworkException when batches are missing and none came for the configured time, or when it takes more
     *     memory than there is for splits
     * @throws InterruptedException when this was closed meanwhile
     * @throws org.apache.kafka.common.KafkaException when the broker fails; asking again is right
     */
    public HeldOutSplit get(String digest) throws UnusableNetworkException, InterruptedException {
        return get(digest, settings.timeout());
    }

    /**
     * The same, with a patience of one's own for missing batches.
     *
     * @param patience how long the split may go without a further batch
     */
    public HeldOutSplit get(String digest, Duration patience) throws UnusableNetworkException, InterruptedException {
        turn.lockInterruptibly();
        try {
            Optional<HeldOutSplit> known = kept.get(digest);
            if (known.isPresent()) {
                return known.get();
            }
            HeldOutSplit split = read(digest, patience);
            kept.put(split);
            Log.infof(
                    "Test split read. datasetDigest=%s batches=%d samples=%d bytes=%d",
                    digest, split.batches().size(), split.samples(), split.bytes());
            return split;
        } finally {
            turn.unlock();
        }
    }

    private HeldOutSplit read(String digest, Duration timeout) throws UnusableNetworkException, InterruptedException {
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
                return follow(digest, reading, timeout);
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

    private HeldOutSplit follow(String digest, HeldOutSplitReader reading, Duration timeout)
            throws UnusableNetworkException, InterruptedException {
        long patience = timeout.toNanos();
        boolean said = false;
        while (true) {
            long before = System.nanoTime();
            boolean progress = reading.poll(POLL);
            if (progress) {
                kept.makeRoom(digest, reading.expectedBytes());
            }
            Optional<HeldOutSplit> split = reading.complete();
            if (split.isPresent()) {
                return split.get();
            }
            if (closed) {
                throw new InterruptedException("closed while a test split was read");
            }
            if (progress) {
                patience = timeout.toNanos();
            } else if (reachable.getAsBoolean()) {
                patience -= System.nanoTime() - before;
                said = said || sayWaiting(digest, reading, timeout);
            }
            if (patience < 0) {
                throw new UnusableNetworkException("its test split " + digest + " is not there: "
                        + reading.missing() + ", and no other came for "
                        + timeout.toSeconds() + " s");
            }
        }
    }

    private static boolean sayWaiting(String digest, HeldOutSplitReader reading, Duration timeout) {
        Log.infof(
                "Waiting for the test split. datasetDigest=%s state=\"%s\" timeout=%s",
                digest, reading.missing(), timeout);
        return true;
    }

    @Override
    public void close() {
        closed = true;
    }
}
