// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** What somebody meant who wrote something else. */
public final class Nearest {
    private Nearest() {}

    /** The one of the known names that takes the fewest letters to insert, leave out or replace. */
    public static String of(List<String> known, String written) {
        return Collections.min(known, Comparator.comparingInt(name -> distance(name, written)));
    }

    /** {@code ; the nearest is …}, or nothing where what was written resembles none of the known names. */
    static String said(List<String> known, String written) {
        String nearest = of(known, written);
        return distance(nearest, written) * 2 <= written.length() ? "; the nearest is " + nearest : "";
    }

    private static int distance(String from, String to) {
        int[] row = IntStream.rangeClosed(0, to.length()).toArray();
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0]++;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j - 1], diagonal) + 1);
            }
        }
        return row[to.length()];
    }
}
