// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka.split;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.MalformedBatchException;
import io.millrace.contracts.batch.Split;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Puts a split together from its batches or their parts, in whatever order and however often they come. Not thread-safe. */
final class HeldOutSplitAssembly {
    private static final int NAMED = 5;

    private final String digest;
    /** By index and part. */
    private final Map<Integer, Map<Integer, ImageBatch>> parts = new TreeMap<>();

    private ImageBatch first;
    private long largest;

    HeldOutSplitAssembly(String digest) {
        this.digest = digest;
    }

    /**
     * Takes a batch.
     *
     * @return whether it was missing so far
     * @throws MalformedBatchException when it does not belong to this split, or does not fit the others
     */
    boolean add(ImageBatch batch) throws MalformedBatchException {
        check(
                batch.id().split() == Split.TEST,
                "it is of the split " + batch.id().split().text());
        check(
                digest.equals(batch.id().owner()),
                "it is of the split with digest " + batch.id().owner() + ", its key says " + digest);
        check(
                batch.id().index() < batch.batchesPerEpoch(),
                "its index is " + batch.id().index() + " of " + batch.batchesPerEpoch());
        check(batch.size() > 0, "it has no samples");
        if (first == null) {
            first = batch;
        }
        check(
                batch.batchesPerEpoch() == first.batchesPerEpoch(),
                "it is one of " + batch.batchesPerEpoch() + ", others of " + first.batchesPerEpoch());
        check(
                batch.channels() == first.channels()
                        && batch.height() == first.height()
                        && batch.width() == first.width(),
                "its images have another shape than those of batch " + first.id());
        Map<Integer, ImageBatch> others = parts.computeIfAbsent(batch.id().index(), index -> new TreeMap<>());
        for (ImageBatch other : others.values()) {
            check(
                    batch.id().parts() == other.id().parts(),
                    "it is a part of " + batch.id().parts() + ", others of "
                            + other.id().parts());
        }
        largest = Math.max(largest, (long) batch.images().limit() * batch.id().parts());
        return others.putIfAbsent(batch.id().part(), batch) == null;
    }

    private static void check(boolean fits, String why) throws MalformedBatchException {
        if (!fits) {
            throw new MalformedBatchException("not a batch of this split: " + why);
        }
    }

    /** The split, when nothing is missing. */
    Optional<HeldOutSplit> complete() {
        return first != null && whole() == first.batchesPerEpoch()
                ? Optional.of(HeldOutSplit.of(
                        digest,
                        parts.values().stream()
                                .flatMap(ofOne -> ofOne.values().stream())
                                .toList()))
                : Optional.empty();
    }

    /** What the images of all batches take, told from the largest so far; 0 before there is one. */
    long expectedBytes() {
        return first == null ? 0 : largest * first.batchesPerEpoch();
    }

    private long whole() {
        return parts.keySet().stream().filter(this::isWhole).count();
    }

    private boolean isWhole(int index) {
        Map<Integer, ImageBatch> ofOne = parts.getOrDefault(index, Map.of());
        return ofOne.values().stream().anyMatch(part -> part.id().parts() == ofOne.size());
    }

    /** For people: how much is there, and what is not. */
    String missing() {
        if (first == null) {
            return "no batch of it is there";
        }
        String some = IntStream.range(0, first.batchesPerEpoch())
                .filter(index -> !isWhole(index))
                .limit(NAMED)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(", "));
        return whole() + " of " + first.batchesPerEpoch() + " batches are there, missing " + some
                + (first.batchesPerEpoch() - whole() > NAMED ? ", …" : "");
    }
}
