// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.MalformedBatchException;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.CloudEventHeaders;
import io.millrace.trainer.consume.ShardSequence.Place;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Judges the records of one partition, in their order: the place that a record's headers name decides before its body is
 * decoded, so that what was seen already costs nothing. Not thread-safe.
 */
final class ShardReader {
    private final RunSpec run;
    private final ShardSequence sequence;
    private final BatchCheck check;
    private final OtherRuns otherRuns;

    ShardReader(RunSpec run, int shard, long nextStep, OtherRuns otherRuns) {
        this.run = run;
        this.sequence = new ShardSequence(run, shard, nextStep);
        this.check = new BatchCheck(run);
        this.otherRuns = otherRuns;
    }

    /** Whether this partition has given all it has to give. */
    boolean complete() {
        return sequence.complete();
    }

    Reading read(ConsumerRecord<String, byte[]> record) {
        Optional<String> text = CloudEventHeaders.get(record.headers(), CloudEvent.ID);
        Optional<BatchId> id = text.flatMap(BatchId::parse);
        if (id.isEmpty()) {
            return new Reading.Bad("its header ce_id names no batch: "
                    + text.map(value -> '"' + value + '"').orElse("it is missing"));
        }
        return id.get().owner().equals(run.runId()) ? ofThisRun(record, id.get()) : ofAnotherRun(record, id.get());
    }

    private Reading ofThisRun(ConsumerRecord<String, byte[]> record, BatchId id) {
        Place place = sequence.placeOf(id);
        if (place == Place.SEEN) {
            return new Reading.Duplicate();
        }
        if (place == Place.OUTSIDE) {
            return new Reading.Bad("the run has no batch " + id + " in partition " + record.partition());
        }
        try {
            checkKey(record, id);
            ShardBatch batch = new ShardBatch(id, Optional.of(check.decode(record.value(), id)), record.offset());
            return place == Place.NEXT ? next(batch) : broken(record, id.toString());
        } catch (MalformedBatchException e) {
            if (place == Place.AHEAD) {
                // Whether one is missing is for a record to say that can be read.
                return new Reading.Bad(e.getMessage());
            }
            sequence.advance();
            return new Reading.BadNext(new ShardBatch(id, Optional.empty(), record.offset()), e.getMessage());
        }
    }

    private Reading next(ShardBatch batch) {
        sequence.advance();
        return new Reading.Next(batch);
    }

    private Reading ofAnotherRun(ConsumerRecord<String, byte[]> record, BatchId id) {
        return switch (otherRuns.of(id.owner())) {
            case PAST -> new Reading.PastRun();
            case LATER -> broken(record, id + " of a later run");
            case UNKNOWN -> new Reading.Bad("unknown run " + id.owner());
        };
    }

    private Reading broken(ConsumerRecord<String, byte[]> record, String found) {
        return new Reading.Broken("gap in partition " + record.partition() + " at offset " + record.offset()
                + ": expected batch " + sequence.expected() + ", found " + found);
    }

    private static void checkKey(ConsumerRecord<String, byte[]> record, BatchId id) throws MalformedBatchException {
        if (!id.owner().equals(record.key())) {
            throw new MalformedBatchException(
                    "its key says it is of run " + record.key() + ", its headers of " + id.owner());
        }
    }
}
