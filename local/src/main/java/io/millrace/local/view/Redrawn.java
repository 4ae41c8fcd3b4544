// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.view;

import java.io.PrintStream;
import java.util.List;

/**
 * Lines at the lower end of a terminal, redrawn in place, with others passing above them. The terminal has to understand ANSI
 * escape sequences. Not thread-safe.
 */
public final class Redrawn {
    private static final String ERASE_BELOW = "\033[J";
    // A line that is longer than the terminal is wide is cut, so that each line of the picture stays one row.
    private static final String NO_WRAP = "\033[?7l";
    private static final String WRAP = "\033[?7h";

    private final PrintStream out;
    private List<String> drawn = List.of();

    public Redrawn(PrintStream out) {
        this.out = out;
    }

    /**
     * Draws.
     *
     * @param news what passes above
     * @param lines what takes the place of those that were drawn last
     */
    public void draw(List<String> news, List<String> lines) {
        if (news.isEmpty() && lines.equals(drawn)) {
            return; // and nobody's selection is lost
        }
        StringBuilder text = new StringBuilder();
        if (!drawn.isEmpty()) {
            text.append("\033[").append(drawn.size()).append("A\r");
        }
        text.append(ERASE_BELOW);
        news.forEach(line -> text.append(line).append('\n'));
        text.append(NO_WRAP);
        lines.forEach(line -> text.append(line).append('\n'));
        text.append(WRAP);
        out.print(text);
        out.flush();
        drawn = lines;
    }

    /** Leaves the terminal as it should be; what was drawn last stays. */
    public void leave() {
        // The terminal has echoed Ctrl-C as ^C.
        out.print("\r" + ERASE_BELOW);
        out.flush();
    }
}
