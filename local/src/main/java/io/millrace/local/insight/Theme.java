// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.insight;

import java.awt.Color;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What plots stand on: the same grounds and inks as the page around them. */
public enum Theme {
    LIGHT(Color.WHITE, new Color(0x59636e), new Color(0xe3e7ec), 0x0969da, 0xbf8700, 0x1a7f37, 0x8250df),
    DARK(new Color(0x151b23), new Color(0x9198a1), new Color(0x2a313c), 0x58a6ff, 0xe3b341, 0x56d364, 0xbc8cff);

    private final Color ground;
    private final Color ink;
    private final Color grid;
    private final List<Color> lines;

    Theme(Color ground, Color ink, Color grid, int... lines) {
        this.ground = ground;
        this.ink = ink;
        this.grid = grid;
        this.lines = Arrays.stream(lines).mapToObj(Color::new).toList();
    }

    /** As addresses and media queries have it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    Color ground() {
        return ground;
    }

    Color ink() {
        return ink;
    }

    Color grid() {
        return grid;
    }

    /** Of the so-manieth curve. */
    Color line(int number) {
        return lines.get(number % lines.size());
    }
}
