// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The replicas of one run, divided among its workers by their slots, so that as many as can be stay where they are. */
final class Shares {
    private Shares() {}

    /** @param workers of the run, at least one and at most as many as it has replicas */
    static Map<String, Holding> of(Demand run, List<Worker> workers) {
        Map<Worker, Integer> sizes = sizes(run, workers);
        SortedSet<Integer> left =
                new TreeSet<>(IntStream.range(0, run.replicas()).boxed().toList());
        Map<Worker, SortedSet<Integer>> shares = new HashMap<>();
        for (Worker worker : workers) {
            SortedSet<Integer> kept = new TreeSet<>();
            if (worker.holds(run)) {
                worker.held().orElseThrow().replicas().stream()
                        .filter(left::contains)
                        .limit(sizes.get(worker))
                        .forEach(kept::add);
                left.removeAll(kept);
            }
            shares.put(worker, kept);
        }
        Deque<Integer> rest = new ArrayDeque<>(left);
        Map<String, Holding> holdings = new TreeMap<>();
        for (Worker worker : workers) {
            SortedSet<Integer> share = shares.get(worker);
            while (share.size() < sizes.get(worker)) {
                share.add(rest.remove());
            }
            holdings.put(worker.id(), new Holding(run.incarnation(), share));
        }
        return holdings;
    }

    /** How many each gets: one at least, then each next goes to who has fewest for its slots, or else has it already. */
    private static Map<Worker, Integer> sizes(Demand run, List<Worker> workers) {
        Map<Worker, Integer> sizes = new HashMap<>();
        workers.forEach(worker -> sizes.put(worker, 1));
        for (int given = workers.size(); given < run.replicas(); given++) {
            Worker next = workers.stream()
                    .min(Comparator.comparingDouble((Worker worker) -> (sizes.get(worker) + 1.0) / worker.slots())
                            .thenComparingInt(worker -> sizes.get(worker) - worker.replicasOf(run))
                            .thenComparing(Worker::id))
                    .orElseThrow();
            sizes.merge(next, 1, Integer::sum);
        }
        return sizes;
    }
}
