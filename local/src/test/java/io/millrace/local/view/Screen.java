// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.view;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A terminal of unlimited size that knows the few escape sequences that the live view uses. */
final class Screen {
    private static final Pattern SEQUENCE = Pattern.compile("\033\\[(\\??\\d*)([A-Za-z])");

    private Screen() {}

    /** The lines that are visible after all of a text was written. */
    static List<String> of(String text) {
        List<String> lines = new ArrayList<>();
        int row = 0;
        StringBuilder line = new StringBuilder();
        Matcher matcher = SEQUENCE.matcher(text);
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '\n') {
                set(lines, row++, line.toString());
                line.setLength(0);
            } else if (c == '\033' && matcher.find(at)) {
                row = apply(matcher, lines, row);
                at = matcher.end() - 1;
            } else if (c != '\r') {
                line.append(c);
            }
        }
        return lines;
    }

    private static int apply(Matcher sequence, List<String> lines, int row) {
        switch (sequence.group(2)) {
            case "A" -> {
                return row - Integer.parseInt(sequence.group(1));
            }
            case "J" -> lines.subList(row, lines.size()).clear();
            case "h", "l" -> {} // wrapping, which matters to narrow terminals
            default -> throw new AssertionError("unknown sequence " + sequence.group());
        }
        return row;
    }

    private static void set(List<String> lines, int row, String line) {
        if (row < lines.size()) {
            lines.set(row, line);
        } else {
            lines.add(line);
        }
    }
}
