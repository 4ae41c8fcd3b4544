// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.delta.Chunks;
import io.millrace.contracts.delta.Delta;
import io.millrace.contracts.delta.DeltaCodec;
import io.millrace.contracts.delta.DeltaId;
import io.millrace.contracts.delta.MalformedDeltaException;
import io.millrace.kafka.CloudEventHeaders;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** One partition of a log of deltas while it is read: puts chunks together and judges them. For one thread. */
final class Assembly {
    private final DeltaCheck check;
    /** Whether the delta of a round, by the step that it ends with, is of use. */
    private final LongPredicate wanted;

    /** What has come of the delta at hand, and, after a refusal, all that was refused. */
    private List<ConsumerRecord<String, byte[]>> chunks = new ArrayList<>();

    private DeltaId first;

    Assembly(DeltaCheck check, LongPredicate wanted) {
        this.check = check;
        this.wanted = wanted;
    }

    /**
     * A delta that is whole.
     *
     * @param record its first chunk
     * @param next offset of what follows it
     */
    record Whole(Delta delta, ConsumerRecord<String, byte[]> record, long next) {}

    /**
     * The next record of the partition.
     *
     * @return the delta that it completes
     * @throws MalformedDeltaException when what has come cannot be used; {@link #takeRefused()} has it
     */
    Optional<Whole> take(ConsumerRecord<String, byte[]> record) throws MalformedDeltaException {
        Optional<String> text = CloudEventHeaders.get(record.headers(), CloudEvent.ID);
        Optional<DeltaId> parsed = text.flatMap(DeltaId::parse);
        if (parsed.isEmpty() || record.value() == null) {
            chunks.add(record);
            throw new MalformedDeltaException("its header ce_id names no delta, or it has no value: "
                    + text.map(value -> '"' + value + '"').orElse("the header is missing"));
        }
        DeltaId id = parsed.get();
        if (chunks.isEmpty() || id.chunk() == 0) {
            // One that was begun and not ended is of a writer that came to nothing.
            chunks = new ArrayList<>();
            first = id;
        }
        chunks.add(record);
        check.require(id, record.partition());
        if (!wanted.test(id.step())) {
            chunks.clear();
            return Optional.empty();
        }
        if (!id.isWith(first) || id.chunk() != chunks.size() - 1) {
            throw new MalformedDeltaException(
                    "it is " + id + ", and chunk " + (chunks.size() - 1) + " of " + first + " should come");
        }
        if (chunks.size() < id.chunks()) {
            return Optional.empty();
        }
        Whole whole = whole(id, record.offset() + 1);
        chunks.clear();
        return Optional.of(whole);
    }

    private Whole whole(DeltaId id, long next) throws MalformedDeltaException {
        ByteBuffer bytes =
                Chunks.join(chunks.stream().map(ConsumerRecord::value).toList());
        String digest = Chunks.digest(bytes);
        for (ConsumerRecord<String, byte[]> chunk : chunks) {
            String said = CloudEventHeaders.get(chunk.headers(), Chunks.DIGEST).orElse("missing");
            if (!said.equals(digest)) {
                throw new MalformedDeltaException(
                        "its header " + Chunks.DIGEST + " is " + said + ", its bytes have " + digest);
            }
        }
        Delta delta = DeltaCodec.decode(bytes);
        check.require(delta, id);
        return new Whole(delta, chunks.get(0), next);
    }

    /** What was refused; it is forgotten here. */
    List<ConsumerRecord<String, byte[]>> takeRefused() {
        List<ConsumerRecord<String, byte[]>> refused = chunks;
        chunks = new ArrayList<>();
        return refused;
    }
}
