// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import java.util.Arrays;
import java.util.List;

/**
 * How digits are written: for each class some variants, each a list of pen strokes. A stroke is a list of points in a
 * box one wide and one high, y down; the pen runs through them in a smooth curve that may turn sharply at corners.
 */
final class Glyphs {
    /** A point that the pen passes; at a corner it may turn. */
    record Point(double x, double y, boolean corner) {}

    private static final List<List<List<List<Point>>>> DIGITS = List.of(
            List.of(
                    glyph("50,2 24,16 14,50 24,84 50,98 76,84 86,50 76,16 50,2"),
                    glyph("62,4 34,10 16,42 20,80 46,98 74,86 86,52 78,18 54,3 40,10")),
            List.of(
                    glyph("50,2 50,98"),
                    glyph("54,2 46,98"),
                    glyph("28,26 52,3! 52,98"),
                    glyph("30,24 52,3! 52,97", "28,97 76,97")),
            List.of(
                    glyph("18,26 30,8 52,2 76,12 78,33 60,58 36,80 15,97! 50,96 86,95"),
                    glyph("20,22 46,2 78,18 66,54 34,90 16,92 22,77 46,84 88,95"),
                    glyph("16,18 48,2 80,20 70,50 18,96! 86,92")),
            List.of(
                    glyph("18,14 45,2 76,12 74,33 45,47! 76,58 82,80 50,98 16,86"),
                    glyph("18,5! 80,4! 46,40! 76,52 82,78 52,98 16,88"),
                    glyph("20,12 52,2 74,18 64,40 46,46 70,54 78,76 52,97 18,90")),
            List.of(
                    glyph("30,3 14,58! 88,56", "68,26 64,98"),
                    glyph("64,3! 12,66! 90,66", "66,4 66,98"),
                    glyph("22,6 18,46 50,54 78,46", "80,4 74,98")),
            List.of(
                    glyph("80,4 30,5! 24,44! 50,36 80,52 80,80 50,98 16,88"),
                    glyph("28,8 22,46! 54,38 82,58 74,88 46,98 18,90", "28,6 84,3")),
            List.of(
                    glyph("70,4 42,22 20,55 20,82 48,98 78,86 78,64 52,52 24,68"),
                    glyph("58,2 30,36 20,72 38,96 64,94 74,72 56,56 30,66 22,78")),
            List.of(
                    glyph("14,6! 84,5! 60,45 42,98"),
                    glyph("14,8 50,5 84,4! 62,42 46,98", "32,50 78,48"),
                    glyph("16,20! 18,6! 84,6! 52,98")),
            List.of(
                    glyph("76,14 50,2 26,14 30,34 55,50 80,70 74,92 48,98 22,90 22,70 50,48 74,32 76,14"),
                    glyph("50,2 28,14 30,36 50,46 72,36 74,14 50,2", "50,46 22,62 24,88 50,98 78,88 78,62 50,46")),
            List.of(
                    glyph("76,20 50,3 24,16 22,38 46,50 72,38 77,18! 76,50 70,98"),
                    glyph("78,16 52,2 26,14 26,40 52,48 74,34 78,14! 76,66 56,94 24,90"),
                    glyph("70,10 44,4 24,24 34,46 62,42 76,14! 58,98")));

    private Glyphs() {}

    /** The ways to write a digit, 0 to 9. */
    static List<List<List<Point>>> of(int digit) {
        return DIGITS.get(digit);
    }

    /** Strokes from text: points in percent, an exclamation mark behind a corner. */
    private static List<List<Point>> glyph(String... strokes) {
        return Arrays.stream(strokes)
                .map(stroke ->
                        Arrays.stream(stroke.split(" ")).map(Glyphs::point).toList())
                .toList();
    }

    private static Point point(String text) {
        String[] xy = text.replace("!", "").split(",");
        return new Point(Integer.parseInt(xy[0]) / 100.0, Integer.parseInt(xy[1]) / 100.0, text.endsWith("!"));
    }
}
