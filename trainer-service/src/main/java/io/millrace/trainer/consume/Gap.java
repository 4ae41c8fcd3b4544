// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import java.time.Duration;
import java.util.Optional;

/**
 * The suspicion that a partition does not hold what comes next. It becomes a certainty when nothing dispels it for a while.
 * For the reading thread.
 */
final class Gap {
    /** What is only late comes sooner, and what a new log begins with. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    private String reason;
    private long since;
    private boolean sure;
    private boolean certain;

    /** Something points to it, but what is still to be read may dispel it; the first hint counts. */
    void open(String why) {
        if (reason == null) {
            reason = why;
            since = System.nanoTime();
        }
    }

    /** As {@link #open}, and whatever is still to be read does not matter, if it does not come at once. */
    void openForSure(String why) {
        open(why);
        reason = sure ? reason : why;
        sure = true;
    }

    /** What comes next has come, or what was there before it. */
    void close() {
        reason = null;
        sure = false;
        certain = false;
    }

    /** Nothing was read that could dispel it. */
    void rest() {
        since = System.nanoTime();
    }

    /** There is more to be read. */
    void putOff() {
        if (!sure) {
            rest();
        }
    }

    /** Whether it has lasted. */
    boolean isDue(long now) {
        return reason != null && !certain && now - since >= PATIENCE.toNanos();
    }

    /** Nothing will dispel it. */
    void confirm() {
        certain = true;
    }

    /** Why what comes next will not come; empty while that is not certain. */
    Optional<String> certainty() {
        return certain ? Optional.of(reason) : Optional.empty();
    }
}
