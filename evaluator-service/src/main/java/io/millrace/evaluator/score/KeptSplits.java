// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import io.millrace.kafka.split.HeldOutSplit;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The splits in memory, the one asked for last at the end: so many at most, and so many bytes. Not thread-safe. */
final class KeptSplits {
    private static final double MEGA = 1e6;

    private final int count;
    private final long bytes;
    private final Map<String, HeldOutSplit> kept = new LinkedHashMap<>(4, 0.75f, true);

    /** @param bytes that the images of all of them may take */
    KeptSplits(int count, long bytes) {
        this.count = count;
        this.bytes = bytes;
    }

    Optional<HeldOutSplit> get(String digest) {
        return Optional.ofNullable(kept.get(digest));
    }

    /**
     * Forgets those that were not asked for for the longest time until there is room for another; to be called before that
     * is read.
     *
     * @param expected its bytes
     * @throws UnusableNetworkException when there would never be
     */
    void makeRoom(String digest, long expected) throws UnusableNetworkException {
        if (expected > bytes) {
            throw new UnusableNetworkException(String.format(
                    "its split %s takes %.1f MB, and the evaluator has room for %.1f MB, a third of its heap: give it more"
                            + " memory (-Xmx, or the memory limit of its container), or prepare the data set with smaller"
                            + " images (--size, millrace.dataset.image-size) or a smaller test split"
                            + " (millrace.dataset.test-share)",
                    digest, expected / MEGA, bytes / MEGA));
        }
        Iterator<HeldOutSplit> eldest = kept.values().iterator();
        while (kept.size() >= count || taken() + expected > bytes) {
            eldest.next();
            eldest.remove();
        }
    }

    private long taken() {
        return kept.values().stream().mapToLong(HeldOutSplit::bytes).sum();
    }

    void put(HeldOutSplit split) {
        kept.put(split.digest(), split);
    }
}
