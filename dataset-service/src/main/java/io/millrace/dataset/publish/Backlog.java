// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Which training batches lie in the log and wait for trainers, and whether there is room for more. Batches of runs that
 * nobody trains any more do not count: a trainer may never read them. Not thread-safe.
 */
final class Backlog {
    private final long maxBytes;
    private final int maxEpochs;
    private final Map<Integer, Deque<Waiting>> partitions = new TreeMap<>();
    private long bytes;

    /**
     * An empty one.
     *
     * @param maxBytes that may wait
     * @param maxEpochs that may wait
     */
    Backlog(long maxBytes, int maxEpochs) {
        this.maxBytes = maxBytes;
        this.maxEpochs = maxEpochs;
    }

    private record Waiting(String runId, long offset, int bytes) {}

    /** A batch is in the log. Calls for one partition come in the order of its offsets. */
    void published(int partition, String runId, long offset, int bytes) {
        partitions.computeIfAbsent(partition, any -> new ArrayDeque<>()).add(new Waiting(runId, offset, bytes));
        this.bytes += bytes;
    }

    /**
     * Trainers have moved on.
     *
     * @param next by partition, the first offset that they have not processed
     * @param live whether a run's batches are still wanted
     */
    void processed(Map<Integer, Long> next, Predicate<String> live) {
        partitions.forEach((partition, waiting) -> {
            long first = next.getOrDefault(partition, 0L);
            waiting.removeIf(batch -> batch.offset() < first || !live.test(batch.runId()));
        });
        bytes = partitions.values().stream()
                .flatMap(Deque::stream)
                .mapToLong(Waiting::bytes)
                .sum();
    }

    /**
     * Whether more steps may be published. One step is always welcome when nothing waits, however large it is.
     *
     * @param more number of steps
     * @param bytes of their batches
     * @param batchesPerEpoch of their run
     */
    boolean hasRoom(int more, long bytes, int batchesPerEpoch) {
        long waiting = partitions.values().stream().mapToInt(Deque::size).max().orElse(0);
        return waiting == 0 && more == 1
                || waiting + more <= (long) maxEpochs * batchesPerEpoch && this.bytes + bytes <= maxBytes;
    }

    /** Batches that wait. */
    long batches() {
        return partitions.values().stream().mapToLong(Deque::size).sum();
    }
}
