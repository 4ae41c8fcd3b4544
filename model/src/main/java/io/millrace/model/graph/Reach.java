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
}
