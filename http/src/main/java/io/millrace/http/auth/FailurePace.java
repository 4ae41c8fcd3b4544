// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.auth;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Slows down who presents wrong tokens: one answer a while and address, the next one after the one before. However many
 * addresses there are, the memory is the same: several may share a place, and then wait for each other. Whoever has a right
 * token never waits. Thread-safe.
 */
final class FailurePace {
    private static final int PLACES = 1024;

    private final long apart;
    private final long longest;
    private final AtomicLongArray next = new AtomicLongArray(PLACES);

    /**
     * @param apart between two answers to one address
     * @param longest wait; whoever would wait longer is turned away
     */
    FailurePace(Duration apart, Duration longest) {
        this.apart = apart.toNanos();
        this.longest = longest.toNanos();
    }

    /**
     * Takes a place in the row of an address.
     *
     * @param now of a clock that never goes back, in nanoseconds from when this was made
     * @return nanoseconds to wait, at least the time between two answers; empty when the row is full
     */
    OptionalLong await(String address, long now) {
        int place = Math.floorMod(address.hashCode(), PLACES);
        while (true) {
            long last = next.get(place);
            long mine = Math.max(last, now) + apart;
            if (mine - now > longest) {
                return OptionalLong.empty();
            }
            if (next.compareAndSet(place, last, mine)) {
                return OptionalLong.of(mine - now);
            }
        }
    }
}
