// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What holds of every allocation, on some thousand pools drawn by a seed, which a failure names: runs of several teams and
 * priorities, workers that come with what they were given for other runs, and with others, before.
 */
class AllocatorPropertiesTest {
    private static final int POOLS = 3_000;
    private static final List<Team> TEAMS = List.of(new Team("a", 1, 0), new Team("b", 2, 1), new Team("c", 0.5, 2));
    private static final Allocator ALLOCATOR = new Allocator(TEAMS);

    /** A pool, and what was made of it. */
    private record Pool(List<Demand> runs, List<Worker> workers, Allocation allocation) {
        Pool(List<Demand> runs, List<Worker> workers) {
            this(runs, workers, ALLOCATOR.allocate(runs, workers));
        }

        List<Worker> holders(Demand run) {
            return workers.stream()
                    .filter(worker -> allocation
                            .of(worker.id())
                            .filter(holding -> holding.isOf(run.incarnation()))
                            .isPresent())
                    .toList();
        }

        int slots(Predicate<Demand> runs) {
            return this.runs.stream()
                    .filter(runs)
                    .flatMap(run -> holders(run).stream())
                    .mapToInt(Worker::slots)
                    .sum();
        }

        List<Worker> idle() {
            return workers.stream()
                    .filter(worker -> allocation.of(worker.id()).isEmpty())
                    .toList();
        }

        /** The workers with what they have now. */
        List<Worker> after() {
            return workers.stream()
                    .map(worker -> new Worker(worker.id(), worker.slots(), allocation.of(worker.id()), worker.unable()))
                    .toList();
        }
    }

    /** Draws pools. */
    private static final class Draw {
        private final Random random;
        private final boolean alike;

        /** @param alike whether all workers have one slot and can do everything */
        Draw(long seed, boolean alike) {
            this.random = new Random(seed);
            this.alike = alike;
        }

        Pool pool() {
            List<Demand> all = IntStream.range(0, 7).mapToObj(this::run).toList();
            Pool before = new Pool(some(all), some(workers()));
            Map<String, Worker> known = before.after().stream().collect(Collectors.toMap(Worker::id, worker -> worker));
            List<Worker> now = some(workers()).stream()
                    .map(worker -> new Worker(
                            worker.id(),
                            worker.slots(),
                            Optional.ofNullable(known.get(worker.id())).flatMap(Worker::held),
                            worker.unable()))
                    .toList();
            return new Pool(some(all), now);
        }

        private Demand run(int number) {
            int replicas = 1 + random.nextInt(5);
            return new Demand(
                    "run" + number,
                    "run" + number + "-x",
                    random.nextInt(3),
                    TEAMS.get(random.nextInt(TEAMS.size())).name(),
                    replicas,
                    1 + random.nextInt(replicas + 1),
                    Instant.EPOCH.plusSeconds(random.nextInt(4)));
        }

        private List<Worker> workers() {
            return IntStream.range(0, 8)
                    .mapToObj(number -> new Worker(
                            "worker" + number,
                            alike ? 1 : 1 + random.nextInt(3),
                            Optional.empty(),
                            alike || random.nextInt(4) > 0
                                    ? Map.of()
                                    : Map.of("run" + random.nextInt(7) + "-x", "it cannot")))
                    .toList();
        }

        private <T> List<T> some(List<T> all) {
            List<T> shuffled = new ArrayList<>(all);
            Collections.shuffle(shuffled, random);
            return List.copyOf(shuffled.subList(0, random.nextInt(all.size() + 1)));
        }
    }

    private static void ofAll(boolean alike, BiConsumer<String, Pool> property) {
        for (long seed = 0; seed < POOLS; seed++) {
            Pool pool = new Draw(seed, alike).pool();
            property.accept("seed " + seed + ": " + pool, pool);
        }
    }

    @Test
    void aRunIsAdmittedWholeOrWaitsAndNoReplicaHasTwoHolders() {
        ofAll(false, (name, pool) -> {
            for (Demand run : pool.runs()) {
                List<Integer> held = pool.holders(run).stream()
                        .flatMap(worker -> pool.allocation().of(worker.id()).orElseThrow().replicas().stream())
                        .sorted()
                        .toList();
                if (pool.allocation().waiting().containsKey(run.runId())) {
                    assertThat(held).as(name).isEmpty();
                } else {
                    assertThat(held)
                            .as(name)
                            .isEqualTo(
                                    IntStream.range(0, run.replicas()).boxed().toList());
                }
            }
            Set<String> known = pool.runs().stream().map(Demand::incarnation).collect(Collectors.toSet());
            assertThat(pool.allocation().holdings().values())
                    .as(name)
                    .allMatch(held -> known.contains(held.incarnation()));
        });
    }

    @Test
    void noWorkerHasWhatItCannotAndNoRunMoreWorkersThanItMay() {
        ofAll(false, (name, pool) -> {
            for (Demand run : pool.runs()) {
                assertThat(pool.holders(run)).as(name).allMatch(worker -> worker.isAble(run));
                assertThat(pool.holders(run)).as(name).hasSizeLessThanOrEqualTo(run.mostWorkers());
            }
        });
    }

    @Test
    void noWorkerIsIdleThatARunCouldUse() {
        ofAll(false, (name, pool) -> assertThat(pool.runs())
                .as(name)
                .noneMatch(run -> pool.holders(run).size() < run.mostWorkers()
                        && pool.idle().stream().anyMatch(worker -> worker.isAble(run))));
    }

    @Test
    void noRunHasAWorkerThatOneOfAHigherPriorityCouldUse() {
        ofAll(true, (name, pool) -> {
            for (Demand run : pool.runs()) {
                if (pool.holders(run).size() < run.mostWorkers()) {
                    assertThat(pool.slots(other -> other.priority() < run.priority()))
                            .as(name)
                            .isZero();
                }
            }
        });
    }

    @Test
    void noTeamHasMoreThanItIsGuaranteedWhileAnotherLacksWhatItIs() {
        ofAll(true, (name, pool) -> {
            for (int level = 0; level < 3; level++) {
                int priority = level;
                for (Team lacking : TEAMS) {
                    int has = pool.slots(
                            run -> run.priority() >= priority && run.team().equals(lacking.name()));
                    boolean wants = pool.runs().stream()
                            .anyMatch(run -> run.priority() == priority
                                    && run.team().equals(lacking.name())
                                    && pool.holders(run).size() < run.mostWorkers());
                    if (!wants || has >= lacking.quota()) {
                        continue;
                    }
                    for (Team other : TEAMS) {
                        // What it has by a higher priority is not this level's to take.
                        int above = pool.slots(
                                run -> run.priority() > priority && run.team().equals(other.name()));
                        int all = pool.slots(
                                run -> run.priority() >= priority && run.team().equals(other.name()));
                        assertThat(all).as(name).isLessThanOrEqualTo(Math.max(other.quota(), above));
                    }
                }
            }
        });
    }

    @Test
    void whoAsksAgainIsAnsweredTheSame() {
        ofAll(true, (name, pool) -> assertThat(ALLOCATOR.allocate(pool.runs(), pool.after()))
                .as(name)
                .isEqualTo(pool.allocation()));
    }

    /** Of workers of many sizes, or that cannot do everything, the first answer need not be the best there is. */
    @Test
    void whoAsksAgainAndAgainIsAnsweredTheSameSoon() {
        ofAll(false, (name, pool) -> {
            Pool last = pool;
            for (int times = 0; times < 4; times++) {
                last = new Pool(last.runs(), last.after());
            }
            assertThat(ALLOCATOR.allocate(last.runs(), last.after())).as(name).isEqualTo(last.allocation());
        });
    }

    @Test
    void theOrderInWhichItIsSaidIsNoMatter() {
        ofAll(false, (name, pool) -> {
            List<Demand> runs = new ArrayList<>(pool.runs());
            List<Worker> workers = new ArrayList<>(pool.workers());
            Collections.reverse(runs);
            Collections.reverse(workers);
            assertThat(ALLOCATOR.allocate(runs, workers)).as(name).isEqualTo(pool.allocation());
        });
    }

    /** With as many workers for each run, and replicas as evenly divided, none could keep more of what they had. */
    @Test
    void noReplicaIsMovedThatNeedNotBe() {
        ofAll(true, (name, pool) -> {
            for (Demand run : pool.runs()) {
                List<Worker> now = pool.holders(run);
                List<Integer> had = pool.workers().stream()
                        .map(worker -> worker.replicasOf(run))
                        .filter(count -> count > 0)
                        .sorted(Collections.reverseOrder())
                        .toList();
                int most = 0;
                for (int k = 0; k < Math.min(had.size(), now.size()); k++) {
                    int share = run.replicas() / now.size() + (k < run.replicas() % now.size() ? 1 : 0);
                    most += Math.min(share, had.get(k));
                }
                int kept = now.stream()
                        .filter(worker -> worker.holds(run))
                        .mapToInt(worker -> {
                            Set<Integer> both =
                                    new HashSet<>(worker.held().orElseThrow().replicas());
                            both.retainAll(pool.allocation()
                                    .of(worker.id())
                                    .orElseThrow()
                                    .replicas());
                            return both.size();
                        })
                        .sum();
                assertThat(kept).as("%s of %s", run.runId(), name).isEqualTo(most);
            }
        });
    }

    /** What the draw is good for: all of these occur. */
    @Test
    void poolsAreOfAllKinds() {
        Map<String, Integer> seen = new HashMap<>();
        ofAll(true, (name, pool) -> {
            Set<String> kinds = new TreeSet<>();
            kinds.add(pool.allocation().waiting().isEmpty() ? "nobody waits" : "some wait");
            kinds.add(pool.idle().isEmpty() ? "none idle" : "some idle");
            if (pool.runs().stream().anyMatch(run -> pool.holders(run).size() > 1)) {
                kinds.add("shared");
            }
            if (pool.workers().stream()
                    .anyMatch(worker -> worker.held().isPresent()
                            && !worker.held().equals(pool.allocation().of(worker.id())))) {
                kinds.add("moved");
            }
            kinds.forEach(kind -> seen.merge(kind, 1, Integer::sum));
        });
        assertThat(seen).hasSize(6);
        assertThat(seen.values()).allMatch(count -> count > POOLS / 20);
    }
}
