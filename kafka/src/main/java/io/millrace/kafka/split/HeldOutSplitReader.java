// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka.split;

import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.MalformedBatchException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * One pass over {@code millrace.test-batches.v1}, from its begin on and then as it grows, for the batches of one split.
 * All of it may throw a {@link org.apache.kafka.common.KafkaException}. Not thread-safe.
 */
public final class HeldOutSplitReader {
    /** Where all batches of such splits lie. */
    public static final TopicPartition PARTITION = new TopicPartition(Topic.TEST_BATCHES.name(), 0);

    /** As {@link #HeldOutSplitReader} has it: records of other splits are passed over, whatever they are. */
    public static final long NEVER = Long.MAX_VALUE;

    private final KafkaConsumer<String, byte[]> consumer;
    private final String digest;
    private final long othersFrom;
    private final Refused refused;
    private final HeldOutSplitAssembly assembly;
    private long next;

    /** Hears of records that are no batches of the split they say they are of. */
    @FunctionalInterface
    public interface Refused {
        /** One of them, and why. */
        void record(ConsumerRecord<String, byte[]> record, String reason);
    }

    /**
     * Reads nothing yet.
     *
     * @param consumer is assigned the partition; to be closed by whoever opened it
     * @param digest of the split
     * @param othersFrom the offset from which on the records of other splits have to be batches, too
     * @param refused hears of what is none
     */
    public HeldOutSplitReader(KafkaConsumer<String, byte[]> consumer, String digest, long othersFrom, Refused refused) {
        this.consumer = consumer;
        this.digest = digest;
        this.othersFrom = othersFrom;
        this.refused = refused;
        this.assembly = new HeldOutSplitAssembly(digest);
        consumer.assign(List.of(PARTITION));
        consumer.seekToBeginning(List.of(PARTITION));
    }

    /**
     * Takes what comes within a time.
     *
     * @return whether a batch that was missing is there now
     */
    public boolean poll(Duration atMost) {
        boolean progress = false;
        for (ConsumerRecord<String, byte[]> record : consumer.poll(atMost)) {
            progress |= take(record);
            next = record.offset() + 1;
        }
        return progress;
    }

    private boolean take(ConsumerRecord<String, byte[]> record) {
        try {
            if (digest.equals(record.key())) {
                return assembly.add(decode(record));
            }
            if (record.offset() >= othersFrom) {
                decode(record);
            }
        } catch (MalformedBatchException e) {
            refused.record(record, e.getMessage());
        }
        return false;
    }

    private static ImageBatch decode(ConsumerRecord<String, byte[]> record) throws MalformedBatchException {
        if (record.value() == null) {
            throw new MalformedBatchException("the record has no value");
        }
        return BatchCodec.decode(ByteBuffer.wrap(record.value()));
    }

    /** The offset behind the last record that was taken, or refused without an exception; 0 before there is one. */
    public long next() {
        return next;
    }

    /** The split, when nothing is missing. */
    public Optional<HeldOutSplit> complete() {
        return assembly.complete();
    }

    /** What the images of the whole split take, as the batches so far tell; 0 before there is one. */
    public long expectedBytes() {
        return assembly.expectedBytes();
    }

    /** For people: how much is there, and what is not. */
    public String missing() {
        return assembly.missing();
    }
}
