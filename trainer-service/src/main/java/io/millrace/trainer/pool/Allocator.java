// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Hands the workers out among the runs: a function of what is asked for, who is there and what they hold, the same for the
 * same, in whatever order it is said.
 *
 * <p>Workers are granted one after the other. Each time the run gets one that comes first: of the highest priority; of a
 * team below what it is guaranteed; of the team that has the fewest slots for its weight; with the fewest workers; that has
 * one more already; the oldest. A run with one worker is admitted: that one holds all of its replicas. Nobody waits for
 * what another run of its kind leaves: with a worker each, all get on.
 *
 * <p>As many workers as can keep what they have: how many each run gets is counted first, and then each is given those it
 * has, those that have nothing, and those that another run can spare, in this order. Immutable.
 */
final class Allocator {
    /** From whom a worker is taken first. */
    private static final Comparator<Demand> LAST =
            Comparator.nullsFirst(Comparator.comparingInt(Demand::priority).thenComparing(Demand.OLDEST.reversed()));

    private final Map<String, Team> teams;

    /** @param teams those that are configured; others have weight 1 and are guaranteed nothing */
    Allocator(Collection<Team> teams) {
        this.teams = teams.stream().collect(Collectors.toMap(Team::name, team -> team));
    }

    Allocation allocate(Collection<Demand> demands, Collection<Worker> workers) {
        List<Demand> runs = demands.stream().sorted(Demand.OLDEST).toList();
        List<Worker> all =
                workers.stream().sorted(Comparator.comparing(Worker::id)).toList();
        Draft counted = new Draft(runs, all, Map.of()).complete();
        Draft chosen = new Draft(runs, all, counted.counts()).complete();
        Map<String, Holding> holdings = new TreeMap<>();
        Map<String, String> waiting = new TreeMap<>();
        for (Demand run : runs) {
            List<Worker> holders = chosen.granted(run);
            if (holders.isEmpty()) {
                waiting.put(run.runId(), whyWaiting(run, all, chosen));
            } else {
                holdings.putAll(Shares.of(run, holders));
            }
        }
        return new Allocation(holdings, waiting);
    }

    private static String whyWaiting(Demand run, List<Worker> all, Draft chosen) {
        Optional<String> unable = all.stream()
                .flatMap(worker -> Optional.ofNullable(worker.unable().get(run.incarnation())).stream())
                .findFirst();
        if (unable.isPresent() && all.stream().noneMatch(worker -> worker.isAble(run))) {
            return "no worker that there is can train it: " + unable.get();
        }
        return (all.size() == 1 ? "the one that there is trains " : "the " + all.size() + " that there are train ")
                + chosen.admitted().stream().map(Demand::runId).collect(Collectors.joining(", "));
    }

    /** What has been granted so far. */
    private final class Draft {
        private final List<Demand> runs;
        private final Map<Demand, Integer> expected;
        private final List<Worker> free;
        private final Map<Demand, List<Worker>> granted = new HashMap<>();
        private final Map<String, Integer> slots = new HashMap<>();

        /** @param expected how many each run will get; empty where that is only being found out */
        Draft(List<Demand> runs, List<Worker> workers, Map<Demand, Integer> expected) {
            this.runs = runs;
            this.free = new ArrayList<>(workers);
            this.expected = expected;
        }

        Draft complete() {
            for (Optional<Demand> next = next(); next.isPresent(); next = next()) {
                Demand run = next.get();
                Worker worker = best(run);
                free.remove(worker);
                granted.computeIfAbsent(run, none -> new ArrayList<>()).add(worker);
                slots.merge(run.team(), worker.slots(), Integer::sum);
            }
            return this;
        }

        List<Worker> granted(Demand run) {
            return granted.getOrDefault(run, List.of());
        }

        Map<Demand, Integer> counts() {
            return granted.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue()
                    .size()));
        }

        /** In the order in which they come first. */
        List<Demand> admitted() {
            return runs.stream()
                    .filter(granted::containsKey)
                    .sorted(Comparator.comparingInt(Demand::priority).reversed())
                    .toList();
        }

        private Optional<Demand> next() {
            return runs.stream()
                    .filter(run -> granted(run).size() < run.mostWorkers())
                    .filter(run -> free.stream().anyMatch(worker -> worker.isAble(run)))
                    .min(Comparator.comparingInt(Demand::priority)
                            .reversed()
                            .thenComparing(run -> slots(run) >= team(run).quota())
                            .thenComparing(run -> slots(run) / team(run).weight())
                            .thenComparing(run -> granted(run).size())
                            .thenComparing(run -> free.stream().noneMatch(worker -> worker.holds(run)))
                            .thenComparing(Demand.OLDEST));
        }

        private Worker best(Demand run) {
            return free.stream()
                    .filter(worker -> worker.isAble(run))
                    .min(Comparator.comparingInt((Worker worker) -> cost(run, worker))
                            .thenComparing(worker -> heldBy(worker).orElse(null), LAST)
                            // Whoever has most of it keeps it; who is taken from another has least of that.
                            .thenComparingInt(worker -> worker.holds(run) ? -worker.replicas() : worker.replicas())
                            .thenComparing(Worker::id))
                    .orElseThrow();
        }

        private int cost(Demand run, Worker worker) {
            if (worker.holds(run)) {
                return 0;
            }
            return heldBy(worker).map(other -> canSpare(other) ? 2 : 3).orElse(1);
        }

        private Optional<Demand> heldBy(Worker worker) {
            return runs.stream().filter(worker::holds).findFirst();
        }

        /** Whether more workers that hold a run are left than it will still get. */
        private boolean canSpare(Demand run) {
            long left = free.stream().filter(worker -> worker.holds(run)).count();
            return left > expected.getOrDefault(run, 0) - granted(run).size();
        }

        private int slots(Demand run) {
            return slots.getOrDefault(run.team(), 0);
        }

        private Team team(Demand run) {
            return teams.getOrDefault(run.team(), Team.unknown(run.team()));
        }
    }
}
