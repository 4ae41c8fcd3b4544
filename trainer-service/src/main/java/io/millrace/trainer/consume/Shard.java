// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.MalformedBatchException;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.CloudEventHeaders;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/**
 * One partition of a run's log while it is read. Judges its records in their order and puts the parts of its batches
 * together: the place that a record's headers name decides before its body is decoded, so that what was seen already costs
 * next to nothing. For the reading thread.
 */
final class Shard {
    private static final Logger LOGGER = Logger.getLogger(Shard.class);
    /** Where a partition begins. */
    static final long BEGIN = -1;

    /** What became of a record. */
    enum Verdict {
        /** It is part of what the next step waits for, or was the last of it. */
        TAKEN,
        /** It was here before. */
        SEEN,
        /** Something before it is missing. */
        AHEAD,
        /** It cannot be read. */
        BAD
    }

    final TopicPartition partition;
    /** What is missing in the log, as far as it seems. */
    final Gap gap = new Gap();

    private final RunSpec run;
    private final BatchCheck check;
    /** Batches whose step still lacks those of other partitions. */
    private final Queue<ShardBatch> waiting = new ArrayDeque<>();
    /** Those of the next batch that are here; none of them when it has not begun. */
    private ImageBatch[] parts = {};

    private long firstOffset;
    private long next;
    private long position;
    private long bytes;
    /** Records that the broker cannot hand over, since the latest batch. */
    private int damaged;

    private String objection;

    /**
     * Of a run.
     *
     * @param next number of the step that is wanted next, from 0
     * @param position the offset to read from, {@link #BEGIN} for the first there is
     */
    Shard(RunSpec run, TopicPartition partition, long next, long position) {
        this.run = run;
        this.partition = partition;
        this.check = new BatchCheck(run);
        this.next = next;
        this.position = position;
    }

    /** Whether this partition has given all it has to give. */
    boolean complete() {
        return next >= run.steps();
    }

    /** The number of the step that is wanted next. */
    long next() {
        return next;
    }

    /** Where reading goes on. */
    long position() {
        return position;
    }

    /** Memory of all images here. */
    long bytes() {
        return bytes;
    }

    /** Number of batches whose step still lacks those of other partitions. */
    int waiting() {
        return waiting.size();
    }

    /** The batch that has waited longest. */
    ShardBatch remove() {
        ShardBatch batch = waiting.remove();
        bytes -= batch.bytes();
        return batch;
    }

    /** Why the latest record cannot be read. */
    String objection() {
        return objection;
    }

    /** The next record of the partition; {@link #objection()} says why where it cannot be read. */
    Verdict take(ConsumerRecord<String, byte[]> record) {
        long before = next;
        Verdict verdict;
        try {
            verdict = judge(record);
        } catch (MalformedBatchException e) {
            objection = e.getMessage();
            verdict = Verdict.BAD;
        }
        position = record.offset() + 1;
        if (next > before || verdict == Verdict.TAKEN || verdict == Verdict.SEEN) {
            gap.close();
        }
        if (verdict == Verdict.AHEAD) {
            gap.openForSure("it goes on with "
                    + CloudEventHeaders.get(record.headers(), CloudEvent.ID).orElse("") + " at offset "
                    + record.offset());
        }
        if (begun()) {
            gap.open("parts of " + expected() + " are missing");
        }
        return verdict;
    }

    private Verdict judge(ConsumerRecord<String, byte[]> record) throws MalformedBatchException {
        Optional<String> text = CloudEventHeaders.get(record.headers(), CloudEvent.ID);
        BatchId id = text.flatMap(BatchId::parse)
                .orElseThrow(() -> new MalformedBatchException("its header ce_id names no batch: "
                        + text.map(value -> '"' + value + '"').orElse("it is missing")));
        if (!belongs(id)) {
            throw new MalformedBatchException("the run has no batch " + id + " in partition " + record.partition());
        }
        long step = id.step(run.batchesPerEpoch());
        if (step < next) {
            return Verdict.SEEN;
        }
        giveUpBefore(step);
        boolean isNext = step == next;
        try {
            ImageBatch part = check.decode(record, id);
            return isNext ? add(part, record.offset()) : Verdict.AHEAD;
        } catch (MalformedBatchException e) {
            // Whether one before it is missing, is for a record to say that can be read.
            if (isNext) {
                lose(record.offset());
                deliver(Optional.empty(), record.offset() + 1);
            }
            throw e;
        }
    }

    private boolean belongs(BatchId id) {
        return id.owner().equals(run.incarnation())
                && id.split() == Split.TRAIN
                && id.shard() == partition.partition()
                && id.index() < run.batchesPerEpoch()
                && id.epoch() < run.epochs();
    }

    private Verdict add(ImageBatch part, long offset) throws MalformedBatchException {
        BatchId id = part.id();
        if (!begun()) {
            parts = new ImageBatch[id.parts()];
            firstOffset = offset;
        }
        if (id.parts() != parts.length) {
            objection = "it is one of " + id.parts() + " parts of its batch, those before it are of " + parts.length;
            return Verdict.BAD;
        }
        if (parts[id.part()] != null) {
            return Verdict.SEEN;
        }
        parts[id.part()] = part;
        bytes += part.images().remaining();
        if (Arrays.stream(parts).allMatch(Objects::nonNull)) {
            deliver(Optional.of(check.join(List.of(parts))), offset + 1);
        }
        return Verdict.TAKEN;
    }

    private boolean begun() {
        return parts.length > 0;
    }

    /** The log goes on with a later step: what has not come of the steps before, and should have, will not come. */
    private void giveUpBefore(long step) {
        while (next < step && (begun() || damaged > 0)) {
            LOGGER.warnf(
                    "A batch is lost: not all of its records are in the log. batch=%s partition=%d offset=%d",
                    expected(), partition.partition(), position);
            damaged = Math.max(0, damaged - 1);
            lose(position);
            deliver(Optional.empty(), position);
        }
    }

    private void lose(long offset) {
        if (!begun()) {
            firstOffset = offset;
        }
    }

    private void deliver(Optional<ImageBatch> images, long to) {
        bytes -= Arrays.stream(parts)
                .filter(Objects::nonNull)
                .mapToLong(part -> part.images().remaining())
                .sum();
        ShardBatch batch = new ShardBatch(expected(), images, new OffsetRange(firstOffset, to));
        waiting.add(batch);
        bytes += batch.bytes();
        parts = new ImageBatch[0];
        next++;
        if (images.isPresent()) {
            damaged = 0;
        }
    }

    /** The batch that comes next. */
    private BatchId expected() {
        int epoch = (int) (next / run.batchesPerEpoch());
        int index = (int) (next % run.batchesPerEpoch());
        return new BatchId(run.incarnation(), Split.TRAIN, epoch, index, partition.partition());
    }

    /** The record at an offset can be had in no way. */
    void passOver(long offset) {
        damaged++;
        position = offset + 1;
        gap.open("the broker cannot hand over its record at offset " + offset);
    }

    /** The log does not hold the position (any more); what there is of it is read from its beginning. */
    void rewind() {
        gap.open("it does not hold offset " + position);
        position = BEGIN;
    }
}
