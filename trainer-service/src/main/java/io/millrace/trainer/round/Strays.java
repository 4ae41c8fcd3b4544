// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

import java.util.HashMap;
import java.util.Map;

/** How often this worker strayed from the others of a run without having got any further. For the training thread. */
public final class Strays {
    /** Whoever strays so often at one place computes otherwise than the others. */
    public static final int MOST = 3;

    private record Place(long step, int times) {}

    private final Map<String, Place> places = new HashMap<>();

    /** It has strayed; how often by now. */
    public int strayed(String incarnation, long step) {
        Place before = places.getOrDefault(incarnation, new Place(step, 0));
        Place now = new Place(Math.max(step, before.step()), before.times() + 1);
        places.put(incarnation, now);
        return now.times();
    }

    /** It has done so many steps of the run with the others. */
    public void reached(String incarnation, long step) {
        if (places.containsKey(incarnation) && step > places.get(incarnation).step()) {
            places.remove(incarnation);
        }
    }

    /** Whether it strayed where it has to go on. */
    public boolean has(String incarnation) {
        return places.containsKey(incarnation);
    }
}
