// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.Fixtures.run;
import static io.millrace.trainer.TrainerProcess.awaitStep;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.model.Learner;
import io.millrace.model.Torch;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import io.millrace.trainer.checkpoint.BatchChain;
import io.millrace.trainer.checkpoint.CheckpointObserver;
import io.millrace.trainer.checkpoint.CheckpointWriter;
import io.millrace.trainer.checkpoint.Checkpointer;
import io.millrace.trainer.checkpoint.Retry;
import io.millrace.trainer.checkpoint.Snapshot;
import io.millrace.trainer.checkpoint.Snapshot.LossSum;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run goes on from a checkpoint that a process wrote which then died before it announced it. */
class ResumedIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int STEPS = 9;

    @TempDir
    private Path store;

    @Test
    void announcesTheCheckpointThatItFindsAndKeepsItsPrecisionOnAnyMachine() throws Exception {
        RunSpec run = Fixtures.withPrecision(run("resumed", 1, STEPS, 1), Precision.AUTO);
        Precision opposite = Torch.supportsBf16() ? Precision.FP32 : Precision.BF16;
        try (TestBroker broker = TestBroker.start();
                Log log = Log.transactional(broker.bootstrapServers())) {
            // Given records that lie at the even offsets, as the dataset-service writes them: with a mark behind each
            log.ask(run);
            log.batches(run, 0, 4);
            checkpointAfterStep3(run, opposite, 5);

            // When
            try (ServiceProcess trainer = TrainerProcess.start(broker.bootstrapServers(), store)) {
                awaitStep(trainer, run.runId(), 4);
                assertThat(trainer.json("/run").path("loss").asDouble())
                        .as("loss after the first step of this process")
                        .isPositive();
                log.batches(run, 4, STEPS);
                RunStatus status = log.awaitEnd(run.runId());

                // Then
                assertThat(status.state()).as(trainer.log()).isEqualTo(State.FINISHED);
                assertThat(status.precision()).isEqualTo(opposite);
                assertThat(status.samples()).isEqualTo(STEPS * Fixtures.BATCH);
                assertThat(trainer.log()).contains("The run keeps the precision that it began with");
                List<CheckpointPublished> checkpoints = log.checkpoints(run.runId());
                assertThat(checkpoints).extracting(CheckpointPublished::step).containsExactly(3L, (long) STEPS);
                assertThat(checkpoints.get(0).offsets()).containsEntry(0, new OffsetRange(0, 5));
                assertThat(checkpoints.get(1).offsets()).containsEntry(0, new OffsetRange(5, 2 * STEPS - 1));
                assertThat(log.deadLetters(run.runId())).isEmpty();
                new DirectoryCheckpointStore(store).read(checkpoints.get(0).checkpoint());
            }
        }
    }

    @Test
    void beginsAnewWhenTheCheckpointIsOfAnEarlierRunOfTheSameName() throws Exception {
        RunSpec run = run("start-up", 1, STEPS, 1);
        RunSpec earlier = Fixtures.withCreatedAt(run, run.createdAt().minus(Duration.ofDays(1)));
        try (TestBroker broker = TestBroker.start();
                Log log = new Log(broker.bootstrapServers())) {
            // Given
            log.whole(run);
            checkpointAfterStep3(earlier, Precision.FP32, 3);

            // When
            try (ServiceProcess trainer = TrainerProcess.start(broker.bootstrapServers(), store)) {
                RunStatus status = log.awaitEnd(run.runId());

                // Then
                assertThat(status.state()).as(trainer.log()).isEqualTo(State.FINISHED);
                assertThat(log.checkpoints(run.runId()))
                        .extracting(checkpoint -> checkpoint.offsets().get(0))
                        .containsExactly(new OffsetRange(0, STEPS));
                assertThat(trainer.log())
                        .contains("Passed over a checkpoint of another run of this name. checkpointId=start-up-step-3")
                        .contains("createdAt=" + earlier.createdAt());
                assertThat(store).isDirectoryContaining("glob:**/start-up.aside-*");
            }
        }
    }

    /** As a process leaves it that is killed between the renaming and the announcement. */
    private void checkpointAfterStep3(RunSpec run, Precision precision, long nextOffset)
            throws IOException, InterruptedException {
        CheckpointWriter writer = new CheckpointWriter(
                run,
                precision,
                new DirectoryCheckpointStore(store),
                store.resolve(run.runId()),
                checkpoint -> {},
                Optional.empty());
        Retry retry = new Retry(Duration.ofMillis(10), Duration.ofSeconds(1));
        try (Learner learner = Learner.create(run.network(), run.dataset().normalization(), run.recipe(), run.seed());
                Checkpointer checkpointer = new Checkpointer(writer, Optional.empty(), retry, silent())) {
            checkpointer.submit(new Snapshot(
                    3,
                    1,
                    3 * Fixtures.BATCH,
                    new LossSum(12, 3 * Fixtures.BATCH),
                    Map.of(0, 0L),
                    Map.of(0, nextOffset),
                    BatchChain.EMPTY,
                    "1 0 0 0\n2 0 1 1\n3 0 2 2\n",
                    1,
                    0,
                    learner.weights(),
                    learner.optimizerState(),
                    false));
            assertThat(checkpointer.awaitIdle(PATIENCE)).isTrue();
        }
    }

    private static CheckpointObserver silent() {
        return new TrainerMetrics(new io.micrometer.core.instrument.simple.SimpleMeterRegistry());
    }
}
