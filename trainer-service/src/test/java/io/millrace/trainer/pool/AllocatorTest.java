// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AllocatorTest {
    private static final Allocator ALLOCATOR =
            new Allocator(List.of(new Team("vision", 2, 0), new Team("speech", 1, 0), new Team("sure", 1, 2)));

    private static Demand run(String id, int priority, String team, int replicas, int age) {
        return new Demand(id, id + "-x", priority, team, replicas, replicas, Instant.EPOCH.minusSeconds(age));
    }

    private static Demand run(String id, int age) {
        return run(id, 0, Team.DEFAULT, 1, age);
    }

    private static Worker worker(String id) {
        return new Worker(id, 1, Optional.empty(), Map.of());
    }

    private static Worker worker(String id, String run, Integer... replicas) {
        return new Worker(id, 1, Optional.of(Holding.of(run + "-x", List.of(replicas))), Map.of());
    }

    private static Holding holding(String run, Integer... replicas) {
        return Holding.of(run + "-x", List.of(replicas));
    }

    private static Map<String, Holding> holdings(List<Demand> runs, Worker... workers) {
        return ALLOCATOR.allocate(runs, List.of(workers)).holdings();
    }

    @Test
    void givesOneWorkerAllReplicasOfTheOldestRunAndSaysWhatTheOthersWaitFor() {
        Allocation allocation =
                ALLOCATOR.allocate(List.of(run("young", 1), run("old", 0, Team.DEFAULT, 4, 2)), List.of(worker("a")));

        assertThat(allocation.holdings()).containsExactly(Map.entry("a", holding("old", 0, 1, 2, 3)));
        assertThat(allocation.waiting()).containsExactly(Map.entry("young", "the one that there is trains old"));
    }

    @Test
    void givesEachRunAWorkerBeforeItGivesOneASecond() {
        assertThat(holdings(
                        List.of(run("old", 0, Team.DEFAULT, 4, 2), run("young", 0, Team.DEFAULT, 4, 1)),
                        worker("a"),
                        worker("b"),
                        worker("c")))
                .isEqualTo(Map.of(
                        "a", holding("old", 0, 1), "b", holding("young", 0, 1, 2, 3), "c", holding("old", 2, 3)));
    }

    @Test
    void letsARunOfAHigherPriorityTakeAllThatItCanUse() {
        assertThat(holdings(
                        List.of(run("first", 1, Team.DEFAULT, 2, 1), run("later", 0, Team.DEFAULT, 2, 2)),
                        worker("a", "later", 0),
                        worker("b", "later", 1)))
                .isEqualTo(Map.of("a", holding("first", 0), "b", holding("first", 1)));
    }

    @Test
    void givesARunNoMoreWorkersThanItMayHave() {
        Demand modest = new Demand("modest", "modest-x", 0, Team.DEFAULT, 4, 2, Instant.EPOCH);

        assertThat(holdings(List.of(modest), worker("a"), worker("b"), worker("c")))
                .isEqualTo(Map.of("a", holding("modest", 0, 1), "b", holding("modest", 2, 3)));
    }

    @Test
    void lastsAmongEqualsWithWhoIsThere() {
        assertThat(holdings(List.of(run("old", 2), run("young", 1)), worker("a", "young", 0)))
                .isEqualTo(Map.of("a", holding("young", 0)));
    }

    @Test
    void givesATeamWhatItIsGuaranteedBeforeAnyGetsMore() {
        List<Demand> runs = List.of(
                run("v1", 0, "vision", 1, 9),
                run("v2", 0, "vision", 1, 8),
                run("v3", 0, "vision", 1, 7),
                run("s1", 0, "sure", 1, 2),
                run("s2", 0, "sure", 1, 1));

        assertThat(holdings(runs, worker("a", "v1", 0), worker("b", "v2", 0), worker("c", "v3", 0))
                        .values())
                .containsExactlyInAnyOrder(holding("s1", 0), holding("s2", 0), holding("v1", 0));
    }

    @Test
    void sharesTheRestByWeight() {
        List<Demand> runs = List.of(run("v", 0, "vision", 9, 1), run("s", 0, "speech", 9, 2));

        assertThat(holdings(runs, worker("a"), worker("b"), worker("c"), worker("d"), worker("e"), worker("f"))
                        .values())
                .as("two slots for one")
                .filteredOn(holding -> holding.isOf("v-x"))
                .hasSize(4);
    }

    @Test
    void countsAWorkersSlots() {
        Worker big = new Worker("a", 3, Optional.empty(), Map.of());

        assertThat(holdings(List.of(run("x", 0, Team.DEFAULT, 4, 1)), big, worker("b")))
                .isEqualTo(Map.of("a", holding("x", 0, 1, 2), "b", holding("x", 3)));
    }

    @Test
    void leavesARunToWhoIsAbleAndSaysWhenNobodyIs() {
        Worker unable = new Worker("a", 1, Optional.empty(), Map.of("x-x", "there is no device \"tpu\" here"));

        assertThat(holdings(List.of(run("x", 1)), unable, worker("b"))).isEqualTo(Map.of("b", holding("x", 0)));
        assertThat(ALLOCATOR.allocate(List.of(run("x", 1)), List.of(unable)).waiting())
                .containsExactly(
                        Map.entry("x", "no worker that there is can train it: there is no device \"tpu\" here"));
    }

    @Test
    void movesWhatANewcomerGetsAndNothingElse() {
        assertThat(holdings(
                        List.of(run("x", 0, Team.DEFAULT, 4, 1)),
                        worker("b", "x", 0, 1),
                        worker("c", "x", 2, 3),
                        worker("a")))
                .isEqualTo(Map.of("a", holding("x", 3), "b", holding("x", 0, 1), "c", holding("x", 2)));
    }
}
