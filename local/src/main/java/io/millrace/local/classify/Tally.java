// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.classify;

import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How far the pictures of a folder are classified. Not thread-safe. */
public final class Tally {
    private static final int CLASSES_SHOWN = 10;

    private final long begin = System.nanoTime();
    private final int all;
    private final int others;
    private final Map<String, Integer> byLabel = new TreeMap<>();
    private int failed;
    private int done;

    Tally(int all, int others) {
        this.all = all;
        this.others = others;
    }

    /** @param label of the next one; null: it failed */
    void count(String label) {
        done++;
        if (label == null) {
            failed++;
        } else {
            byLabel.merge(label, 1, Integer::sum);
        }
    }

    int done() {
        return done;
    }

    int all() {
        return all;
    }

    /** Whether some have no prediction. */
    public boolean failed() {
        return failed > 0;
    }

    /** {@code 1200 of 5000 pictures, 3 failed, 410 a second}. */
    public String progress() {
        return String.format(
                Locale.ROOT,
                "%d of %d pictures%s, %.0f a second",
                done,
                all,
                failed == 0 ? "" : ", " + failed + " failed",
                done / Math.max(1e-3, (System.nanoTime() - begin) / 1e9));
    }

    /** The same, and what they show, the commonest first. */
    public String summary() {
        String shown = byLabel.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(CLASSES_SHOWN)
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        return progress()
                + (others == 0 ? "" : "; " + others + " other files passed over")
                + (shown.isEmpty() ? "" : ". They show " + shown)
                + (byLabel.size() > CLASSES_SHOWN ? ", and " + (byLabel.size() - CLASSES_SHOWN) + " more classes" : "");
    }
}
