// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.Fixtures.run;
import static io.millrace.trainer.TrainerProcess.awaitStep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.model.Learner;
import io.millrace.model.Torch;
import io.millrace.model.checkpoint.Checkpoint;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.CheckpointMetadata.Average;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.model.checkpoint.TrainingState;
import io.millrace.model.optimizer.Averaged;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run goes on from a checkpoint that a process wrote which then died before it announced it. */
class ResumedIT {
    private static final int STEPS = 9;

    @TempDir
    private static Path store;

    private static TestBroker broker;
    private static Log log;
    private static ServiceProcess trainer;

    @BeforeAll
    static void start() {
        broker = TestBroker.start();
        log = Log.transactional(broker.bootstrapServers());
        trainer = TrainerProcess.start(broker.bootstrapServers(), store).awaitReady();
    }

    @AfterAll
    static void stop() {
        trainer.close();
        log.close();
        broker.close();
    }

    private static Compute compute(Precision precision, String device, int threads) {
        return new Compute(precision, false, device, threads, "another processor", "another engine");
    }

    @Test
    void announcesTheCheckpointThatItFindsAndComputesAsTheRunDid() throws Exception {
        RunSpec run = Fixtures.withPrecision(run("resumed", 1, STEPS, 1), Precision.AUTO);
        Precision opposite = Torch.supportsBf16() ? Precision.FP32 : Precision.BF16;
        Compute compute = compute(opposite, "cpu", 2);
        // Given records that lie at the even offsets, as the dataset-service writes them: with a mark behind each
        checkpointAfterStep3(run, compute, 5);
        log.makeLog(run);
        log.batches(run, 0, 4);

        // When
        log.ask(run);
        awaitStep(trainer, run.runId(), 4);
        assertThat(trainer.json("/run").path("loss").asDouble())
                .as("loss after the first step of this process")
                .isPositive();
        log.batches(run, 4, STEPS);
        RunStatus status = log.awaitEnd(run.runId());

        // Then
        assertThat(status.state()).as(trainer.log()).isEqualTo(State.FINISHED);
        assertThat(status.compute()).isEqualTo(compute);
        assertThat(status.samples()).isEqualTo(STEPS * Fixtures.BATCH);
        assertThat(trainer.log()).contains("instead of another processor", "instead of another engine");
        List<CheckpointPublished> checkpoints = log.checkpoints(run.runId());
        assertThat(checkpoints)
                .extracting(checkpoint -> checkpoint.position().step())
                .containsExactly(3L, (long) STEPS);
        assertThat(checkpoints.get(0).position().offsets()).containsEntry(0, new OffsetRange(0, 5));
        assertThat(checkpoints.get(1).position().offsets()).containsEntry(0, new OffsetRange(5, 2 * STEPS - 1));
        assertThat(checkpoints.get(1).compute()).isEqualTo(compute);
        assertThat(log.points(run))
                .extracting(MetricPoint::step)
                .as("one that the process before could not publish, and the last")
                .containsExactly(2L, (long) STEPS);
        assertThat(log.deadLetters(run)).isEmpty();
        new DirectoryCheckpointStore(store).read(checkpoints.get(0).checkpoint());
    }

    @Test
    void completesTheCheckpointThatItFindsWithoutItsAverageAndAnnouncesBoth() throws Exception {
        RunSpec run = Fixtures.withOptions(run("completed", 1, STEPS, 1), "{\"averaging\": {\"decay\": 0.5}}");
        Compute compute = compute(Precision.FP32, "cpu", 2);
        TrainingState state = checkpointAfterStep3(run, compute, 5);

        log.whole(run);
        RunStatus status = log.awaitEnd(run.runId());

        assertThat(status.state()).as(trainer.log()).isEqualTo(State.FINISHED);
        assertThat(status.checkpoints()).as("an average is no further one").isEqualTo(2);
        List<CheckpointPublished> checkpoints = log.checkpoints(run.runId());
        assertThat(checkpoints)
                .extracting(checkpoint -> checkpoint.checkpoint().checkpointId())
                .containsExactly(
                        CheckpointRef.id(run.incarnation(), 3),
                        CheckpointRef.averageId(run.incarnation(), 3),
                        CheckpointRef.id(run.incarnation(), STEPS),
                        CheckpointRef.averageId(run.incarnation(), STEPS));
        assertThat(checkpoints).extracting(CheckpointPublished::isFinal).containsExactly(false, false, true, true);
        assertThat(checkpoints.get(1).position()).isEqualTo(checkpoints.get(0).position());
        CheckpointRef raw = checkpoints.get(0).checkpoint();
        CheckpointStore readable = new DirectoryCheckpointStore(store);
        Checkpoint average = readable.read(checkpoints.get(1).checkpoint());
        assertThat(average.metadata().average()).isEqualTo(new Average(0.5, raw.checkpointId(), raw.sha256()));
        assertThat(average.weights())
                .isEqualTo(Averaged.weights(readable.read(raw).weights(), state.optimizer())
                        .orElseThrow());
        assertThat(average.weights()).isNotEqualTo(readable.read(raw).weights());
    }

    @Test
    void beginsAnewWhenTheCheckpointIsOfAnEarlierRunOfTheSameName() throws Exception {
        RunSpec run = run("start-up", 1, STEPS, 1);
        RunSpec earlier = Fixtures.withCreatedAt(run, run.createdAt().minus(Duration.ofDays(1)));
        checkpointAfterStep3(earlier, compute(Precision.FP32, "cpu", 1), 3);

        log.whole(run);
        RunStatus status = log.awaitEnd(run.runId());

        assertThat(status.state()).as(trainer.log()).isEqualTo(State.FINISHED);
        assertThat(log.checkpoints(run.runId()))
                .extracting(checkpoint -> checkpoint.position().offsets().get(0))
                .containsExactly(new OffsetRange(0, 2 * STEPS - 1));
    }

    @Test
    void leavesARunAloneThatThisMachineCannotCompute() throws Exception {
        RunSpec run = run("elsewhere", 1, STEPS, 1);
        RunSpec other = run("here", 1, 2, 1);
        checkpointAfterStep3(run, compute(Precision.FP32, "tpu", 1), 3);

        log.whole(run);
        trainer.awaitLog("The run is left alone. runId=elsewhere");
        log.whole(other);

        assertThat(log.awaitEnd(other.runId()).state()).isEqualTo(State.FINISHED);
        await().untilAsserted(
                        () -> assertThat(trainer.json("/run").path("problem").asText())
                                .startsWith(
                                        "run elsewhere is left alone: the run is computed on tpu, and there is no device \"tpu\" here"));
        await().untilAsserted(() -> assertThat(log.status(run.runId())).hasValueSatisfying(status -> assertThat(
                        status.waits())
                .startsWith("waits for a worker: no worker that there is can train it: the run is computed on tpu")));
        // One that is removed is left without a word
        log.delete(run.runId());
        await().until(() -> !trainer.json("/run").path("problem").asText().contains("elsewhere"));
    }

    /** As a process leaves it that is killed between the writing and the announcement. */
    private static TrainingState checkpointAfterStep3(RunSpec run, Compute compute, long nextOffset)
            throws IOException {
        Map<Integer, OffsetRange> offsets = Map.of(0, new OffsetRange(0, nextOffset));
        Position position = new Position(3, 3, 1, 3 * Fixtures.BATCH, 0, offsets, Position.NO_BATCHES, 1, 0, 1.5);
        MetricPoint point = new MetricPoint(
                run.runId(), run.incarnation(), 2, 1, 8, 1.5, 0.5, 0.1, 10, 0, 1, 0, null, null, Instant.now());
        Compute here = new Compute(compute.precision(), false, "cpu", 1, "here", "here");
        try (Learner learner = Learner.create(
                run.network(),
                run.dataset().normalization(),
                run.dataset().height(),
                run.dataset().width(),
                run.recipe(),
                here,
                run.seed())) {
            for (int step = 0; step < 3; step++) {
                learner.step(List.of(Fixtures.batch(run, Fixtures.id(run, step, 0))), 0.05);
            }
            TrainingState state = new TrainingState(learner.optimizerState(), position, 1, false, List.of(point), null);
            new DirectoryCheckpointStore(store)
                    .write(
                            CheckpointMetadata.of(run, position, compute),
                            learner.weights(),
                            state,
                            "1 0 0 0\n2 0 1 1\n3 0 2 2\n");
            return state;
        }
    }
}
