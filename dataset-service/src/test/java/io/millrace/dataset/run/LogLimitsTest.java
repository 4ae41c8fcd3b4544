// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogLimitsTest {
    private static final long STEP = 10 * 785 + 768;

    private static final Dataset DATA = new Dataset(
            "data", "digest", 1000, 10, 1, 28, 28, List.of("a", "b"), new Normalization(List.of(1f), List.of(0f)));

    /** A hundred steps an epoch. */
    private static RunSpec run(int checkpointEverySteps) {
        return RunSpecs.ordered(
                "run",
                Instant.EPOCH,
                "{\"recipe\":{\"batchSize\":10,\"checkpointEverySteps\":%d}}".formatted(checkpointEverySteps),
                DATA);
    }

    @Test
    void checkpointsThatFitStayAsTheyAre() {
        LogLimits limits = new LogLimits(200 * STEP, 2, 1000 * STEP);

        assertThat(limits.nearerCheckpoints(run(0))).isEmpty();
        assertThat(limits.nearerCheckpoints(run(7))).isEmpty();
        // They are made at the ends of epochs in any case.
        assertThat(limits.nearerCheckpoints(run(5000))).isEmpty();
    }

    @Test
    void checkpointsThatDoNotFitComeNearerAndItIsSaid() {
        LogLimits limits = new LogLimits(100 * STEP, 2, 1000 * STEP);

        assertThat(limits.nearerCheckpoints(run(0))).contains(50);
        assertThat(limits.nearerCheckpoints(run(51))).contains(50);
        assertThat(limits.nearerCheckpoints(run(50))).isEmpty();
        assertThat(limits.note(run(0), 50))
                .startsWith("A checkpoint is made every 50 steps instead of every 100: a step is 8618 bytes")
                .contains("861800 bytes", "millrace.dataset.max-ahead", "millrace.dataset.log-budget");
    }

    @Test
    void thoseOfARunInRoundsStayWhereRoundsEnd() {
        RunSpec run = RunSpecs.ordered(
                "run", Instant.EPOCH, "{\"shards\":2,\"recipe\":{\"batchSize\":10,\"sync\":{\"everySteps\":8}}}", DATA);
        long step = 2 * STEP;

        assertThat(new LogLimits(60 * step, 2, 1000 * step).nearerCheckpoints(run))
                .contains(24);
        // A round is never cut, and has room: the log takes what the next checkpoint needs.
        LogLimits small = new LogLimits(2 * step, 2, 1000 * step);
        assertThat(small.nearerCheckpoints(run)).contains(8);
        assertThat(small.hasRoom(RunSpecs.fitting(run, small), 0, 8)).isTrue();
    }

    @Test
    void aRecipeWithRoundsForOneShardIsCutToWholeOnesToo() {
        RunSpec run = RunSpecs.ordered(
                "run",
                Instant.EPOCH,
                "{\"shards\":1,\"recipe\":{\"batchSize\":10,\"sync\":{\"everySteps\":16}}}",
                DATA);
        LogLimits limits = new LogLimits(75 * STEP, 2, 1000 * STEP);

        assertThat(limits.nearerCheckpoints(run)).contains(32);
        assertThat(RunSpecs.fitting(run, limits).recipe().checkpointEverySteps())
                .isEqualTo(32);
    }

    @Test
    void aBudgetThatIsSmallerThanWhatMayBeAheadCounts() {
        assertThat(new LogLimits(1000 * STEP, 2, 100 * STEP).nearerCheckpoints(run(0)))
                .contains(25);
        assertThat(new LogLimits(1, 1, 1).nearerCheckpoints(run(0))).contains(1);
    }

    @Test
    void aStepIsAlwaysWelcomeWhenNothingWaits() {
        assertThat(new LogLimits(1, 1, 1).hasRoom(run(1), 0, 1)).isTrue();
        assertThat(new LogLimits(1, 1, 1).hasRoom(run(1), 1, 1)).isFalse();
    }

    @Test
    void aRunThatWasOrderedUnderOtherLimitsReachesItsNextCheckpoint() {
        LogLimits limits = new LogLimits(STEP, 1, STEP);

        assertThat(limits.hasRoom(run(0), 99, 1)).isTrue();
        assertThat(limits.hasRoom(run(0), 100, 1)).isFalse();
    }

    @Test
    void epochsAheadAreBounded() {
        LogLimits limits = new LogLimits(10_000 * STEP, 2, 100_000 * STEP);

        assertThat(limits.hasRoom(run(10), 199, 1)).isTrue();
        assertThat(limits.hasRoom(run(10), 199, 2)).isFalse();
    }
}
