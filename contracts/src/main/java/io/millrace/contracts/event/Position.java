// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far a run has come after a step: the same in a snapshot of the learner, in a checkpoint's state and in its
 * announcement.
 *
 * @param step steps done, 1 after the first; a step is a place in the run, whether its batches could be read or not
 * @param updates updates of the weights: steps without those of which no batch could be read
 * @param epoch epochs begun, 1 in the first
 * @param samples training samples so far
 * @param lostBatches batches so far that could not be read
 * @param offsets by partition: from the first record that was trained since the checkpoint before to where reading goes on
 * @param batchesDigest digest over all trained batches in their order, hex
 * @param trainSeconds wall time of training of all processes, pauses between them left out
 * @param waitSeconds part of it in which batches were waited for
 * @param loss mean training loss since the checkpoint before
 * @param deltas of a run in rounds, by partition of its log of deltas: where that of the next round begins; empty in others,
 *     and where no round has ended
 */
public record Position(
        long step,
        long updates,
        int epoch,
        long samples,
        long lostBatches,
        Map<Integer, OffsetRange> offsets,
        String batchesDigest,
        double trainSeconds,
        double waitSeconds,
        double loss,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<Integer, Long> deltas) {
    /** A digest over nothing: where every run begins. */
    public static final String NO_BATCHES = "0".repeat(64);

    /** Before the first step. */
    public static final Position START = new Position(0, 0, 0, 0, 0, Map.of(), NO_BATCHES, 0, 0, 0);

    public Position {
        Fields.atLeast(0, step, "position.step");
        Fields.atLeast(0, updates, "position.updates");
        Fields.atLeast(0, samples, "position.samples");
        Fields.atLeast(0, lostBatches, "position.lostBatches");
        Fields.present(batchesDigest, "position.batchesDigest");
        offsets = Map.copyOf(Fields.present(offsets, "position.offsets"));
        deltas = Map.copyOf(Fields.or(deltas, Map.of()));
    }

    /** Of a run that shares nothing. */
    public Position(
            long step,
            long updates,
            int epoch,
            long samples,
            long lostBatches,
            Map<Integer, OffsetRange> offsets,
            String batchesDigest,
            double trainSeconds,
            double waitSeconds,
            double loss) {
        this(
                step,
                updates,
                epoch,
                samples,
                lostBatches,
                offsets,
                batchesDigest,
                trainSeconds,
                waitSeconds,
                loss,
                Map.of());
    }

    /** This one of a run in rounds. */
    public Position withDeltas(Map<Integer, Long> next) {
        return new Position(
                step,
                updates,
                epoch,
                samples,
                lostBatches,
                offsets,
                batchesDigest,
                trainSeconds,
                waitSeconds,
                loss,
                next);
    }

    /** By partition, the offset of the first record that the weights have not seen. */
    public Map<Integer, Long> nextOffsets() {
        Map<Integer, Long> next = new TreeMap<>();
        offsets.forEach((partition, range) -> next.put(partition, range.to()));
        return next;
    }
}
