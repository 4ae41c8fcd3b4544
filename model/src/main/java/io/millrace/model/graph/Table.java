// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.StrictJson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A table for people: columns as wide as what is in them. Not thread-safe. */
final class Table {
    private static final String GAP = "   ";

    private final boolean[] right;
    private final List<List<String>> rows = new ArrayList<>();

    /** Titles of the columns, each after {@code <} where it is written from the left, or {@code >}. */
    Table(String... titles) {
        right = new boolean[titles.length];
        for (int column = 0; column < titles.length; column++) {
            right[column] = titles[column].startsWith(">");
        }
        rows.add(Arrays.stream(titles).map(title -> title.substring(1)).toList());
        rule();
    }

    /** A row, a cell for each column. */
    Table row(String... cells) {
        rows.add(List.of(cells));
        return this;
    }

    /** A line from side to side. */
    Table rule() {
        rows.add(List.of());
        return this;
    }

    /** With commas; nothing for 0. */
    static String number(long value) {
        return value == 0 ? "" : String.format(Locale.ROOT, "%,d", value);
    }

    /** In percent; nothing of nothing. */
    static String share(long part, long whole) {
        return whole == 0 ? "" : Math.round(100.0 * part / whole) + "%";
    }

    /** In mebibytes. */
    static String bytes(long bytes) {
        return String.format(Locale.ROOT, "%,.1f MiB", bytes / (double) (1 << 20));
    }

    /** A stem as people write it. */
    static String word(Network.Stem stem) {
        return StrictJson.tree(stem).textValue();
    }

    @Override
    public String toString() {
        int[] widths = new int[right.length];
        for (List<String> row : rows) {
            for (int column = 0; column < row.size(); column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        StringBuilder text = new StringBuilder();
        String rule = "─".repeat(Arrays.stream(widths).sum() + GAP.length() * (widths.length - 1));
        rows.forEach(
                row -> text.append(row.isEmpty() ? rule : line(row, widths)).append('\n'));
        return text.toString();
    }

    private String line(List<String> row, int[] widths) {
        List<String> cells = new ArrayList<>();
        for (int column = 0; column < row.size(); column++) {
            String blanks = " ".repeat(widths[column] - row.get(column).length());
            cells.add(right[column] ? blanks + row.get(column) : row.get(column) + blanks);
        }
        return String.join(GAP, cells).stripTrailing();
    }
}
