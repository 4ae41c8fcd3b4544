// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Members of a group that comes together by hand: no broker. */
class PoolMemberTest {
    private static final Leader LEADER = new Leader(new Allocator(List.of()));
    private static final Holding OLD = Holding.of("old-x", List.of(0));
    private static final Holding YOUNG = Holding.of("young-x", List.of(0));

    private final List<Demand> runs = new ArrayList<>();
    private final Map<String, PoolMember> members = new TreeMap<>();
    private final PoolMember first = member("first", Duration.ofHours(1));

    private PoolMember member(String name, Duration session) {
        PoolMember member = new PoolMember(name, new Capacity(1, null), () -> List.copyOf(runs), LEADER, session);
        members.put(name, member);
        return member;
    }

    private static Demand run(String id, int priority, int age) {
        return new Demand(id, id + "-x", priority, Team.DEFAULT, 1, 1, Instant.EPOCH.minusSeconds(age));
    }

    private Map<String, byte[]> reports() {
        Map<String, byte[]> reports = new TreeMap<>();
        members.forEach((name, member) -> reports.put(name, member.report()));
        return reports;
    }

    /** The group comes together; its first member leads. */
    private void together() {
        first.lead(reports()).forEach((name, answer) -> members.get(name).handed(answer));
    }

    @Test
    void holdsWhatItIsHandedAndTellsWhoElseHoldsWhat() {
        runs.add(run("old", 0, 1));
        PoolMember second = member("second", Duration.ofHours(1));
        assertThat(first.holding()).isEmpty();

        together();

        assertThat(first.holding()).contains(OLD);
        assertThat(second.holding()).isEmpty();
        assertThat(first.view().leader()).isTrue();
        assertThat(second.view().leader()).isFalse();
        assertThat(second.view().workers())
                .extracting(PoolView.WorkerLine::worker, PoolView.WorkerLine::target)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("first", OLD),
                        org.assertj.core.groups.Tuple.tuple("second", null));
    }

    @Test
    void hasNewsWhenTheRunsChangeAndWhenItLeavesWhatItWasAtButNotWhenItBegins() {
        runs.add(run("old", 0, 1));
        together();
        assertThat(first.hasNews()).isFalse();
        first.begin(OLD);
        assertThat(first.hasNews()).isFalse();

        runs.add(run("young", 1, 0));
        assertThat(first.hasNews()).isTrue();
        together();
        assertThat(first.hasNews()).isFalse();

        first.leave();
        assertThat(first.hasNews()).isTrue();
    }

    @Test
    void isGivenNothingThatAnotherOneIsStillAt() {
        // Given one that is at a run, and another one that is to have it, since the first is to have a better one
        runs.add(run("old", 0, 1));
        together();
        first.begin(OLD);
        PoolMember second = member("second", Duration.ofHours(1));
        runs.add(run("young", 1, 0));
        second.refuse("young-x", "it cannot");
        together();

        // Then it is not given it
        assertThat(first.holding()).as("from the next boundary on").contains(YOUNG);
        assertThat(second.holding()).isEmpty();
        assertThat(second.view().isInUse("old-x")).isTrue();

        // When the first has left it
        first.leave();
        together();
        assertThat(second.holding()).contains(OLD);
    }

    @Test
    void beginsNothingBetweenItsReportAndTheAnswerAndGoesOnWithWhatItIsAt() {
        runs.add(run("old", 0, 1));
        together();
        first.report();
        assertThat(first.holding()).as("not begun").isEmpty();

        together();
        first.begin(OLD);
        first.report();
        assertThat(first.holding()).contains(OLD);
    }

    @Test
    void beginsOnlyWhatIsStillItsAtThatMoment() {
        // Given a worker that was told what it holds
        runs.add(run("old", 0, 1));
        together();
        Holding told = first.holding().orElseThrow();

        // When it reports, before it begins, that it is at nothing
        first.report();

        // Then it does not begin: the leader may have given the run away
        assertThat(first.begin(told)).isFalse();
        assertThat(first.hasNews()).isFalse();

        // And where it was given another one, that one alone
        runs.add(run("young", 1, 0));
        together();
        assertThat(first.begin(told)).isFalse();
        assertThat(first.begin(YOUNG)).isTrue();
        assertThat(first.view().isInUse("old-x")).isFalse();
    }

    @Test
    void beginsNothingThatItIsNotSureOf() {
        PoolMember paused = member("a-paused", Duration.ofNanos(1));
        runs.add(run("old", 0, 1));
        together();

        assertThat(paused.begin(OLD)).isFalse();
    }

    @Test
    void holdsNothingAfterItStoodStillForASessionUntilTheGroupHasComeTogether() {
        PoolMember paused = member("a-paused", Duration.ofNanos(1));
        runs.add(run("old", 0, 1));
        together();
        assertThat(paused.holding())
                .as("nobody knows whether the others count on it")
                .isEmpty();

        paused.beat();

        assertThat(paused.hasNews()).isTrue();
        assertThat(paused.holding()).isEmpty();
    }

    @Test
    void leavesARunAloneThatItCannotTrainAndForgetsItWithTheRun() {
        runs.add(run("old", 0, 1));
        together();
        first.refuse("old-x", "there is no device \"tpu\" here");
        assertThat(first.hasNews()).isTrue();
        assertThat(first.leftAlone()).contains("run old is left alone: there is no device \"tpu\" here");

        together();
        assertThat(first.holding()).isEmpty();
        assertThat(first.view().waiting())
                .containsEntry("old", "no worker that there is can train it: there is no device \"tpu\" here");

        runs.clear();
        together();
        assertThat(first.leftAlone()).isEmpty();
    }

    @Test
    void refusesAWorkerThatReportsInAnotherFormatAndGoesOnWithTheOthers() {
        runs.add(run("old", 0, 1));
        Map<String, byte[]> reports = reports();
        PoolMember later = member("later", Duration.ofHours(1));
        reports.put("later", "{\"version\":2,\"shape\":[1,2]}".getBytes(UTF_8));
        reports.put("silent", null);
        Map<String, byte[]> answers = first.lead(reports);

        first.handed(answers.get("first"));
        later.handed(answers.get("later"));

        assertThat(first.holding()).contains(OLD);
        assertThat(later.holding()).isEmpty();
        assertThat(later.problem())
                .contains("it reports to the pool in format 2, and the pool's leader knows 1: run the same version of"
                        + " trainer-service everywhere, or give this one another pool (millrace.trainer.pool.group)");
        assertThat(first.view().workers())
                .extracting(PoolView.WorkerLine::refused)
                .filteredOn(java.util.Objects::nonNull)
                .hasSize(2);
    }

    @Test
    void isRefusedByAnAnswerThatItDoesNotUnderstand() {
        first.report();
        first.handed("{\"version\":2}".getBytes(UTF_8));
        assertThat(first.problem()).hasValueSatisfying(why -> assertThat(why)
                .startsWith("the pool's leader answers in format 2, and this worker knows 1"));

        first.handed("no JSON".getBytes(UTF_8));
        assertThat(first.problem())
                .hasValueSatisfying(why -> assertThat(why).startsWith("what the pool's leader answers cannot be read"));
    }
}
