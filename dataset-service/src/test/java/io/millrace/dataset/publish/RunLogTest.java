// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.run.LogLimits;
import io.millrace.dataset.run.RunSpecs;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class RunLogTest {
    private static final Dataset DATA = new Dataset(
            "data", "digest", 1000, 10, 1, 28, 28, List.of("a", "b"), new Normalization(List.of(1f), List.of(0f)));
    private static final LogTopics.Identity IDENTITY = new LogTopics.Identity(Uuid.ZERO_UUID, Map.of());

    private static RunSpec run(int epochs, int batchSize, int shards, int checkpointEverySteps) {
        return RunSpecs.ordered(
                "run", Instant.EPOCH, """
                {"shards":%d,"recipe":{"epochs":%d,"batchSize":%d,"checkpointEverySteps":%d}}""".formatted(shards, epochs, batchSize, checkpointEverySteps), DATA);
    }

    private static RunLog log(RunSpec run, LogLimits limits) {
        RunLog log = new RunLog(run, limits);
        log.opened(IDENTITY, 0, 0);
        return log;
    }

    private static Position position(long step) {
        return new Position(step, step, 1, step, 0, Map.of(0, new OffsetRange(0, step)), Position.NO_BATCHES, 1, 0, 1);
    }

    private static void checkpointed(RunLog log, long... steps) {
        log.checkpointed(
                java.util.Arrays.stream(steps).mapToObj(RunLogTest::position).toList());
    }

    @Test
    void deltasAreNeededFromTheSecondNewestCheckpointOn() {
        RunLog log = log(
                RunSpecs.ordered(
                        "run",
                        Instant.EPOCH,
                        "{\"shards\":2,\"recipe\":{\"batchSize\":10,\"sync\":{\"everySteps\":4}}}",
                        DATA),
                new LogLimits(1 << 20, 1, 1 << 20));
        assertThat(log.topics()).hasSize(2);
        checkpointed(log, 8);
        assertThat(log.behindDeltas()).isEmpty();
        checkpointed(log, 8, 16);
        assertThat(log.behindDeltas()).contains(position(8));

        log.deltasTrimmed(position(8));

        assertThat(log.behindDeltas()).isEmpty();
        checkpointed(log, 16, 24);
        assertThat(log.behindDeltas()).contains(position(16));

        RunLog other = log(run(1, 10, 2, 4), new LogLimits(1 << 20, 1, 1 << 20));
        checkpointed(other, 8, 16);
        assertThat(other.behindDeltas()).as("it shares nothing").isEmpty();
        assertThat(other.topics()).hasSize(1);
    }

    /**
     * Whatever the limits and the run: a trainer that makes a checkpoint of each boundary, but only after it has trained
     * all that is in the log, never waits for what waits for its checkpoint. And a run that was ordered under these limits
     * keeps to its budget, unless a single step is larger.
     */
    @Test
    void aTrainerNeverWaitsForWhatWaitsForItsCheckpoint() {
        Random random = new Random(1);
        for (int k = 0; k < 500; k++) {
            RunSpec asked =
                    run(1 + random.nextInt(4), 2 + random.nextInt(40), 1 + random.nextInt(3), random.nextInt(80));
            long step = LogLimits.stepBytes(asked);
            LogLimits limits = new LogLimits((long) (step * 60 * random.nextDouble()), 1 + random.nextInt(3), (long)
                    (step * 200 * random.nextDouble()));
            RunSpec ordered = RunSpecs.fitting(asked, limits);
            boolean ours = random.nextInt(4) > 0;

            long peak = train(ours ? ordered : asked, limits);

            long least = 4 * step;
            assertThat(peak)
                    .as("%s %s", limits, asked.recipe())
                    .isLessThanOrEqualTo(ours ? Math.max(limits.budget(), least) : Long.MAX_VALUE);
        }
    }

    /** Trains a run; the most bytes that were in its log. */
    private static long train(RunSpec run, LogLimits limits) {
        RunLog log = log(run, limits);
        List<Position> checkpoints = new ArrayList<>();
        int every = run.recipe().checkpointEverySteps();
        long peak = 0;
        long trained = 0;
        while (trained < run.steps()) {
            for (int steps = log.room(32); steps > 0; steps = log.room(32)) {
                log.published(log.next() + steps);
                log.surplus().ifPresent(behind -> log.opened(IDENTITY, behind.step(), log.next()));
                peak = Math.max(peak, log.bytes());
            }
            assertThat(log.next()).as("%s %s", limits, run.recipe()).isGreaterThan(trained);
            long announced = 0;
            while (trained < log.next()) {
                trained++;
                boolean boundary = trained % run.batchesPerEpoch() == 0 || every > 0 && trained % every == 0;
                announced = boundary ? trained : announced;
            }
            assertThat(announced).as("%s %s", limits, run.recipe()).isPositive();
            checkpoints.add(position(announced));
            log.checkpointed(checkpoints.subList(Math.max(0, checkpoints.size() - 2), checkpoints.size()));
        }
        return peak;
    }

    @Test
    void whatIsInNoCheckpointIsAhead() {
        RunLog log = log(run(1, 10, 2, 0), new LogLimits(Long.MAX_VALUE, 9, Long.MAX_VALUE));
        log.published(30);
        assertThat(log.ahead()).isEqualTo(30);

        checkpointed(log, 10, 20);
        assertThat(log.ahead()).isEqualTo(10);
        assertThat(log.fill().aheadBatches()).isEqualTo(20);
        assertThat(log.fill().bytes()).isEqualTo(30 * LogLimits.stepBytes(log.run()));
    }

    @Test
    void aLogIsCutBehindTheSecondNewestCheckpointOnceItHoldsTooMuch() {
        RunSpec run = run(2, 10, 1, 0);
        RunLog log = log(run, new LogLimits(Long.MAX_VALUE, 9, 40 * LogLimits.stepBytes(run)));
        checkpointed(log, 10, 20);
        log.published(40);
        assertThat(log.surplus()).isEmpty();
        log.published(41);
        assertThat(log.surplus()).map(Position::step).contains(10L);

        log.opened(IDENTITY, 10, 41);
        assertThat(log.surplus()).isEmpty();
        log.published(60);
        assertThat(log.surplus()).as("nothing more to cut").isEmpty();
        checkpointed(log, 20);
        assertThat(log.surplus()).as("only one checkpoint").isEmpty();
    }

    @Test
    void afterARestartFromBehindTheCheckpointsTheirOffsetsMeanNothing() {
        RunSpec run = run(2, 10, 1, 0);
        RunLog log = log(run, new LogLimits(Long.MAX_VALUE, 9, LogLimits.stepBytes(run)));
        log.published(100);
        checkpointed(log, 40, 80);

        log.restarted(IDENTITY, 20);
        log.published(100);
        checkpointed(log, 40, 80);

        assertThat(log.ahead()).isEqualTo(80);
        assertThat(log.surplus()).isEmpty();
        checkpointed(log, 50, 60);
        assertThat(log.ahead()).isEqualTo(40);
        assertThat(log.surplus()).map(Position::step).contains(50L);
    }

    @Test
    void itBeginsAgainOnceForEachTimeThatSomethingIsLacked() {
        RunLog log = log(run(1, 10, 1, 0), new LogLimits(1, 1, 1));
        assertThat(log.hasToRestart(null)).isFalse();
        assertThat(log.hasToRestart(100L)).as("the run has no such step").isFalse();

        // It begins with that step, but the trainer may be beyond it.
        assertThat(log.hasToRestart(0L)).isTrue();
        log.restarted(IDENTITY, 0);
        assertThat(log.hasToRestart(0L)).isFalse();
        assertThat(log.hasToRestart(7L)).isTrue();
        log.restarted(IDENTITY, 7);
        assertThat(log.hasToRestart(7L)).isFalse();
        assertThat(log.hasToRestart(null)).isFalse();
        assertThat(log.hasToRestart(7L)).isTrue();
        log.restarted(IDENTITY, 7);
        log.lost();
        assertThat(log.hasToRestart(7L)).isTrue();
    }
}
