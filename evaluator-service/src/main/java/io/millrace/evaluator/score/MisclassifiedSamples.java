// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The misclassified samples of the latest evaluations. They are kept in memory only: they are for looking at, and they
 * can be had again by scoring the checkpoint again. Thread-safe.
 */
public final class MisclassifiedSamples {
    private final Map<String, List<Misclassified>> byCheckpoint;

    /**
     * With room for some evaluations; the oldest makes room for the newest.
     *
     * @param evaluations how many, 0 or more
     */
    public MisclassifiedSamples(int evaluations) {
        this.byCheckpoint = new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, List<Misclassified>> eldest) {
                return size() > evaluations;
            }
        };
    }

    /** Keeps those of one checkpoint, the worst first. */
    public synchronized void put(String checkpointId, List<Misclassified> samples) {
        byCheckpoint.remove(checkpointId);
        byCheckpoint.put(
                checkpointId, samples.stream().sorted(Misclassified.WORST_FIRST).toList());
    }

    /** Those of a checkpoint, the worst first; empty when they are not kept (any more). */
    public synchronized Optional<List<Misclassified>> find(String checkpointId) {
        return Optional.ofNullable(byCheckpoint.get(checkpointId));
    }
}
