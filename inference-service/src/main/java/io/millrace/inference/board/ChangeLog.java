// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.board;

import io.millrace.inference.board.Change.Kind;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Changes in their order, of each thing the latest alone: whoever reads from any version on gets all that differs since, and
 * nothing is held for a reader that is slow. What is gone is remembered as such, so that readers hear of it. Thread-safe.
 */
final class ChangeLog {
    /** So many things that are gone are remembered; who reads less often than these go may keep one that went before. */
    static final int MOST_GONE = 1_000;

    private final NavigableMap<Long, Change> changes = new TreeMap<>();
    private final Map<Thing, Long> versions = new HashMap<>();
    /** Things that are gone, those that went first at the front. */
    private final Set<Thing> gone = new LinkedHashSet<>();

    private long version;

    private record Thing(Kind kind, String id) {}

    /** The latest of a thing. */
    synchronized void put(Kind kind, String id, String value) {
        Long before = versions.put(new Thing(kind, id), ++version);
        if (before != null) {
            changes.remove(before);
        }
        changes.put(version, new Change(kind, id, value));
        gone.remove(new Thing(kind, id));
    }

    /** A thing is gone; readers are told if they may know it. */
    synchronized void remove(Kind kind, String id) {
        Thing thing = new Thing(kind, id);
        if (versions.containsKey(thing) && !gone.contains(thing)) {
            put(kind, id, null);
            gone.add(thing);
            if (gone.size() > MOST_GONE) {
                Thing first = gone.iterator().next();
                forget(first.kind(), first.id());
            }
        }
    }

    /** All of a kind whose id fits is gone. */
    synchronized void removeAll(Kind kind, Predicate<String> ids) {
        List.copyOf(versions.keySet()).stream()
                .filter(thing -> thing.kind() == kind && ids.test(thing.id()))
                .forEach(thing -> remove(kind, thing.id()));
    }

    /** A thing is no longer told to those who come; who knows it keeps it. */
    synchronized void forget(Kind kind, String id) {
        gone.remove(new Thing(kind, id));
        Long before = versions.remove(new Thing(kind, id));
        if (before != null) {
            changes.remove(before);
        }
    }

    /**
     * What changed after a version.
     *
     * @param most how many at the most; the oldest come first
     */
    synchronized Read after(long seen, int most) {
        NavigableMap<Long, Change> later = changes.tailMap(seen, false);
        List<Change> next = later.values().stream().limit(most).toList();
        if (next.size() == later.size()) {
            return new Read(next, version, false);
        }
        long last = later.keySet().stream().skip(next.size() - 1L).findFirst().orElseThrow();
        return new Read(next, last, true);
    }

    /**
     * What was read.
     *
     * @param version from which to read on
     * @param more whether there is more now
     */
    record Read(List<Change> changes, long version, boolean more) {}
}
