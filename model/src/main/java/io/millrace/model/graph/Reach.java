// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.model.network.Window;

/**
 * Along one side of a map, the taps of a window that ever meet a pixel; the others only ever meet padding.
 *
 * @param window all of its taps
 * @param side of the map
 * @param places of the window
 * @param first live tap
 * @param taps from the first to the last live one
 */
record Reach(Window window, int side, int places, int first, int taps) {
    static Reach of(Window window, int side) {
        int places = window.places(side);
        int first = window.kernel();
        int last = -1;
        for (int tap = 0; tap < window.kernel(); tap++) {
            for (int place = 0; place < places; place++) {
                int pixel = place * window.stride() - window.padding() + tap;
                if (pixel >= 0 && pixel < side) {
                    first = Math.min(first, tap);
                    last = tap;
                }
            }
        }
        return new Reach(window, side, places, first, Math.max(0, last - first + 1));
    }

    boolean whole() {
        return taps == window.kernel();
    }

    /** Whether the window never meets the map: it is padded by more than its width. */
    boolean missed() {
        return taps == 0;
    }

    /** Pixel under a live tap, counted from the first one, at a place; outside the map is padding. */
    int pixel(int place, int tap) {
        return place * window.stride() - before() + tap;
    }

    /** Zeros that the live taps need before the map. */
    int before() {
        return window.padding() - first;
    }

    /** Zeros that they need after the map; negative where they never get to its end. */
    int after() {
        return pixel(places - 1, taps - 1) + 1 - side;
    }

    /** Whether as many zeros on both sides give the same places. */
    boolean symmetric() {
        return before() >= 0
                && side + 2 * before() >= taps
                && new Window(taps, window.stride(), before()).places(side) == places;
    }

    /** From, and up to but without. */
    record Range(int from, int to) {
        int size() {
            return to - from;
        }
    }

    /** From the first to the last pixel that a live tap meets. */
    Range seen() {
        return new Range(Math.max(0, pixel(0, 0)), Math.min(side, pixel(places - 1, taps - 1) + 1));
    }

    /** The live tap that meets a pixel from a place, or -1. */
    int tap(int place, int pixel) {
        int tap = pixel - pixel(place, 0);
        return tap >= 0 && tap < taps ? tap : -1;
    }

    /** The places where a live tap meets a pixel: they follow each other. */
    Range meeting(int tap) {
        int from = 0;
        while (pixel(from, tap) < 0) {
            from++;
        }
        int to = from;
        while (to < places && pixel(to, tap) < side) {
            to++;
        }
        return new Range(from, to);
    }

    /** The live taps that meet a pixel from a place: they follow each other. */
    Range met(int place) {
        int from = 0;
        while (pixel(place, from) < 0) {
            from++;
        }
        int to = from;
        while (to < taps && pixel(place, to) < side) {
            to++;
        }
        return new Range(from, to);
    }

    /** The pixels that a live tap meets, of which every stride-th counts. */
    Range pixels(int tap) {
        Range met = meeting(tap);
        return new Range(pixel(met.from(), tap), pixel(met.to() - 1, tap) + 1);
    }
}
