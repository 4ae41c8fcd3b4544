// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

import static io.millrace.trainer.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.delta.Delta;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.RunSpec;
import io.millrace.model.StateVector;
import io.millrace.trainer.Fixtures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which deltas a round is made of, whatever else lies in the log. */
class DeltaReaderTest {
    private static final RunSpec RUN =
            Fixtures.withOptions(run("run", 1, 8, 2), "{\"sync\": {\"everySteps\": 2, \"encoding\": \"fp32\"}}");
    private static final Map<Integer, Long> BEGIN = Map.of();

    private final DeltaLog log = new DeltaLog(RUN);
    private final List<String> refused = new ArrayList<>();

    private DeltaReader reader(Optional<Map<Integer, Long>> offsets, boolean leads) {
        return new DeltaReader(
                settings -> log.consumer(),
                RUN,
                offsets,
                leads,
                (replica, records, reason) -> refused.add(replica + ": " + reason));
    }

    /** Where all stand after a step. */
    private static Shared shared(long step) {
        return Shared.at(
                new StateVector(new float[] {step}, List.of(new float[1]), new float[0], new double[0], step), 0);
    }

    private static Delta delta(long from, int replica, Shared before, int parameters) {
        return new Delta(
                RUN.incarnation(),
                from,
                from + 2,
                replica,
                before.digest(),
                1,
                0,
                8,
                from + 2,
                Collections.nCopies(2, new Delta.Batch(new OffsetRange(from, from + 1), 4)),
                new float[parameters],
                List.of(new float[parameters]),
                new float[0],
                new double[0]);
    }

    private static Delta right(long from, int replica) {
        return delta(from, replica, shared(from), 1);
    }

    private static Delta stray(long from, int replica) {
        return delta(from, replica, shared(99), 1);
    }

    private static void poll(DeltaReader reader) throws Exception {
        for (int k = 0; k < 5; k++) {
            reader.poll(Duration.ZERO);
        }
    }

    @Test
    void aRoundIsWholeWhenTheDeltasOfAllReplicasAreThereAndTheNextOneBeginsBehindThem() throws Exception {
        try (DeltaReader reader = reader(Optional.of(BEGIN), true)) {
            reader.begin(shared(0), 0);
            assertThat(reader.lacks(0)).as("nobody has looked yet").isFalse();
            poll(reader);
            assertThat(reader.lacks(0)).isTrue();

            log.add(right(0, 1));
            poll(reader);
            assertThat(reader.has(1)).isTrue();
            assertThat(reader.lacks(1)).isFalse();
            assertThat(reader.isWhole()).isFalse();
            log.add(right(0, 0));
            log.add(right(0, 0));
            poll(reader);

            assertThat(reader.isWhole()).isTrue();
            assertThat(reader.takeRound()).extracting(Delta::replica).containsExactly(0, 1);
            assertThat(reader.next()).isEqualTo(Map.of(0, 1L, 1, 1L));
            reader.begin(shared(2), 2);
            assertThat(reader.to()).isEqualTo(4);
            poll(reader);
            assertThat(reader.lacks(0))
                    .as("the same once more is none of the next")
                    .isTrue();
            assertThat(refused).isEmpty();
        }
    }

    @Test
    void whatCannotBeUsedIsRefusedHoweverMuchThereIsAndTheCorrectedOneCounts() throws Exception {
        log.add(delta(0, 1, shared(0), 7));
        log.add(stray(0, 1));
        log.add(right(0, 0), 1);
        log.add(right(4, 1));
        log.add(right(0, 1));
        log.add(right(0, 0));
        try (DeltaReader reader = reader(Optional.of(BEGIN), true)) {
            reader.begin(shared(0), 0);
            poll(reader);

            assertThat(reader.isWhole()).isTrue();
            assertThat(reader.next()).as("where the round begins").isEqualTo(Map.of(0, 0L, 1, 0L));
            reader.takeRound();
            assertThat(reader.next()).isEqualTo(Map.of(0, 1L, 1, 5L));
            assertThat(refused)
                    .satisfiesExactly(
                            reason -> assertThat(reason).isEqualTo("1: it has 7 parameters, the run's have 1"),
                            reason -> assertThat(reason)
                                    .isEqualTo("1: the weights that it began with at step 0 have digest "
                                            + shared(99).digest() + ", the run's have "
                                            + shared(0).digest()),
                            reason -> assertThat(reason).isEqualTo("1: it is of replica 0, in partition 1"),
                            reason -> assertThat(reason)
                                    .isEqualTo("1: it begins at step 4, and its replica has not got to step 2 yet"));
            assertThat(reader.astray(Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void whoeverComesLaterReadsAllRoundsOneAfterTheOther() throws Exception {
        for (long from = 0; from < 6; from += 2) {
            log.add(right(from, 0));
            log.add(right(from, 1));
        }
        try (DeltaReader reader = reader(Optional.of(Map.of(0, 1L, 1, 1L)), false)) {
            for (long from = 2; from < 6; from += 2) {
                reader.begin(shared(from), from);
                poll(reader);
                assertThat(reader.isWhole()).isTrue();
                assertThat(reader.takeRound()).extracting(Delta::from).containsOnly(from);
            }
            assertThat(refused).isEmpty();
        }
    }

    @Test
    void whereTheOthersWentOnWithoutItsWeightsAWorkerKnowsThatItStrayed() throws Exception {
        log.add(stray(0, 1));
        log.add(right(2, 1));
        try (DeltaReader reader = reader(Optional.of(BEGIN), true)) {
            reader.begin(shared(0), 0);
            poll(reader);

            assertThat(reader.astray(Duration.ofMinutes(1)))
                    .as("it may still come right")
                    .isEmpty();
            assertThat(reader.astray(Duration.ZERO).orElseThrow())
                    .hasMessage("replica 1 has gone on to step 4")
                    .returns(false, StrayedException::deltasGone);

            // When it does come right, what was ahead counts in its round
            log.add(right(0, 1));
            log.add(right(0, 0));
            log.add(right(2, 0));
            poll(reader);
            assertThat(reader.isWhole()).isTrue();
            assertThat(reader.astray(Duration.ZERO)).isEmpty();
            reader.begin(shared(2), 2);
            poll(reader);
            assertThat(reader.isWhole()).isTrue();
        }
    }

    @Test
    void allGoByTheWeightsOfTheOneThatHoldsTheFirstReplica() throws Exception {
        log.add(stray(0, 0));
        try (DeltaReader follows = reader(Optional.of(BEGIN), false);
                DeltaReader leads = reader(Optional.of(BEGIN), true)) {
            follows.begin(shared(0), 0);
            leads.begin(shared(0), 0);
            poll(follows);
            poll(leads);

            assertThat(follows.astray(Duration.ZERO).orElseThrow())
                    .hasMessageContaining(shared(99).digest());
            assertThat(leads.astray(Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void whoeverBeginsAnewPassesOverWhatIsThere() throws Exception {
        log.add(stray(0, 0));
        log.add(stray(0, 1));
        try (DeltaReader reader = reader(Optional.empty(), true)) {
            reader.begin(shared(0), 0);
            poll(reader);
            assertThat(reader.lacks(0)).isTrue();
            log.add(right(0, 0));
            log.add(right(0, 1));
            poll(reader);

            assertThat(reader.isWhole()).isTrue();
            assertThat(reader.next()).isEqualTo(Map.of(0, 1L, 1, 1L));
            assertThat(refused).isEmpty();
        }
    }

    @Test
    void aLogThatWasMadeAnewIsReadFromItsBeginningAndWhatWasSharedMayBeLost() throws Exception {
        log.add(right(0, 0));
        log.add(right(0, 1));
        try (DeltaReader reader = reader(Optional.of(Map.of(0, 40L, 1, 40L)), true)) {
            reader.begin(shared(0), 0);
            poll(reader);

            assertThat(reader.isWhole()).isTrue();
            assertThat(reader.takeLost()).isTrue();
            assertThat(reader.takeLost()).isFalse();
        }
    }

    @Test
    void whereDeltasWereDeletedThatIsSaidAndNotThatTheWorkerWentWrong() throws Exception {
        // Given those of a later round, at the beginning of a log whose records before it were deleted
        log.add(right(4, 0));
        log.add(right(4, 1));
        try (DeltaReader reader = reader(Optional.of(Map.of(0, 40L, 1, 40L)), false)) {
            reader.begin(shared(0), 0);
            poll(reader);

            assertThat(reader.astray(Duration.ZERO).orElseThrow())
                    .hasMessage(
                            "millrace.deltas.v1." + RUN.incarnation() + "-0 does not hold what replica 0 learnt from"
                                    + " step 0 on, and goes on at step 4: records of it were deleted")
                    .returns(true, StrayedException::deltasGone);
        }
    }

    @Test
    void whatAReplicaIsAheadByStaysInTheLog() throws Exception {
        for (int k = 0; k < 100; k++) {
            log.add(right(0, 1));
        }
        try (DeltaReader reader = reader(Optional.of(BEGIN), true)) {
            reader.begin(shared(0), 0);
            for (int k = 0; k < 100; k++) {
                reader.poll(Duration.ZERO);
            }

            assertThat(reader.has(1)).isTrue();
            assertThat(log.handed(1)).isLessThanOrEqualTo(DeltaLog.AT_ONCE);
        }
    }
}
