// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.board;

import io.millrace.contracts.event.MetricPoint;
import io.millrace.inference.board.Change.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The points of the newest runs' curves, bounded: a curve of too many points loses every second of them, so that what is
 * old is coarser than what is new. Not thread-safe.
 */
final class Curves {
    private final ChangeLog log;
    private final int mostRuns;
    private final int mostPoints;
    /** By incarnation, the one that was heard of last at the end; then by step, the keys of points. */
    private final Map<String, TreeMap<Long, String>> curves = new LinkedHashMap<>(16, 0.75f, true);

    Curves(ChangeLog log, int mostRuns, int mostPoints) {
        this.log = log;
        this.mostRuns = mostRuns;
        this.mostPoints = mostPoints;
    }

    void add(MetricPoint point, String json) {
        TreeMap<Long, String> curve = curves.computeIfAbsent(point.incarnation(), incarnation -> new TreeMap<>());
        curve.put(point.step(), point.key());
        log.put(Kind.POINT, point.key(), json);
        if (curve.size() > mostPoints) {
            thin(curve);
        }
        if (curves.size() > mostRuns) {
            forget(curves.keySet().iterator().next());
        }
    }

    /** A point was deleted, as those of a removed run are. */
    void remove(String key) {
        int slash = key.lastIndexOf('/');
        TreeMap<Long, String> curve = slash < 0 ? null : curves.get(key.substring(0, slash));
        if (curve != null) {
            curve.values().remove(key);
            log.remove(Kind.POINT, key);
        }
    }

    void clear() {
        List.copyOf(curves.keySet()).forEach(this::forget);
    }

    private void forget(String incarnation) {
        curves.remove(incarnation).values().forEach(key -> log.forget(Kind.POINT, key));
    }

    /** Neither the first nor the last goes. */
    private void thin(TreeMap<Long, String> curve) {
        List<Long> steps = new ArrayList<>(curve.keySet());
        for (int k = 1; k < steps.size() - 1; k += 2) {
            log.forget(Kind.POINT, curve.remove(steps.get(k)));
        }
    }
}
