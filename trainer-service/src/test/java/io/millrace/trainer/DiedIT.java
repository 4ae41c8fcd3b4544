// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.djl.engine.EngineException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.KafkaConnection;
import io.millrace.model.Calibration;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import io.millrace.trainer.pool.Capacity;
import io.millrace.trainer.pool.PoolGroup;
import io.millrace.trainer.start.WeightsCache;
import io.millrace.trainer.training.Progress;
import io.millrace.trainer.training.RunQueue;
import io.millrace.trainer.training.Trainer;
import io.millrace.trainer.training.Trainer.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the machine does wrong is no fault of the run: it waits, or it goes on in the next process. */
class DiedIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static TestBroker broker;
    private static Log log;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        broker = TestBroker.start();
        log = new Log(broker.bootstrapServers());
    }

    @AfterAll
    static void stop() {
        log.close();
        broker.close();
    }

    @Test
    void endsTheProcessThatCannotLoadPyTorch() throws IOException {
        Path libraries = Files.createDirectory(folder.resolve("libraries"));
        Files.writeString(libraries.resolve(System.mapLibraryName("torch")), "no library");
        try (ServiceProcess trainer = TrainerProcess.start(
                "127.0.0.1:1", folder.resolve("store"), Map.of("PYTORCH_LIBRARY_PATH", libraries.toString()))) {
            assertThat(trainer.awaitExit()).isNotZero();
            assertThat(trainer.log()).contains("Training cannot go on; the process ends");
        }
    }

    /** A step that kills silently, as the OOM killer does: nobody can say a word. */
    @Test
    void givesARunUpThatIsKilledAgainAndAgainBeforeItsFirstStep() throws IOException {
        RunSpec run = run("killed-at-once", 1, 5, 1);
        log.ask(run);
        CheckpointStore store = new DirectoryCheckpointStore(folder);
        store.noteAttempt(run.incarnation(), 0);
        store.noteAttempt(run.incarnation(), 0);
        for (int life = 3; life <= 5; life++) {
            try (ServiceProcess trainer = TrainerProcess.start(broker.bootstrapServers(), folder)) {
                Path note = folder.resolve(run.incarnation()).resolve("attempt-0-" + life);
                await().until(() -> Files.exists(note));
                trainer.kill();
            }
            assertThat(log.status(run.runId()).filter(RunStatus::ended)).isEmpty();
        }
        try (ServiceProcess trainer = TrainerProcess.start(broker.bootstrapServers(), folder)) {
            RunStatus status = log.awaitEnd(run.runId());

            assertThat(status.state()).as(trainer.log()).isEqualTo(State.FAILED);
            assertThat(status.reason()).isEqualTo("training died 5 times in a row at step 0, without a word");
        }
    }

    @Test
    void comesOnAfterDeathsAsFarAsItCanAndGivesTheRunUpAtTheStepThatKillsIt() throws Exception {
        RunSpec run = run("dies", 1, 5, 1);
        log.whole(run);
        int lives = 0;
        while (log.status(run.runId()).filter(RunStatus::ended).isEmpty()) {
            live(run);
            lives++;
        }

        RunStatus status = log.awaitEnd(run.runId());
        assertThat(status.reason())
                .isEqualTo("training died 5 times in a row at step 1: ai.djl.engine.EngineException: CUDA error");
        assertThat(log.checkpoints(run.runId()))
                .as("after the first two deaths at a step a checkpoint follows each first few")
                .extracting(checkpoint -> checkpoint.position().step())
                .containsOnly(1L);
        assertThat(lives).isEqualTo(9);
        log.delete(run.runId());
    }

    /** One life of a trainer whose machine fails in step 2. */
    private void live(RunSpec run) throws Exception {
        TrainerMetrics failing = new TrainerMetrics(new SimpleMeterRegistry()) {
            @Override
            public void stepped(Progress progress, int samples, long lost, long nanos) {
                if (progress.step() == 2) {
                    throw new EngineException("CUDA error");
                }
            }
        };
        TrainerConfig config = Fixtures.config(Map.of("millrace.trainer.status-every", "100ms"));
        KafkaConnection connection = KafkaConnection.of(broker.bootstrapServers());
        RunQueue queue = new RunQueue();
        PoolGroup group =
                new PoolGroup(connection, "trainer-service", "test", new Capacity(1, null), List.of(), queue::demands);
        Trainer.Tools tools = new Trainer.Tools(
                config,
                connection,
                queue,
                group.pool(),
                new DirectoryCheckpointStore(folder),
                new Calibration(folder.resolve("calibration.json"), said -> {}),
                new WeightsCache(folder.resolve("weights"), Duration.ofSeconds(1), () -> false),
                new Patience(Duration.ofMillis(10), Duration.ofSeconds(1)),
                failing);
        try (BrokerWatch watch = new BrokerWatch(connection)) {
            Trainer trainer = new Trainer(tools, group, watch, () -> {});
            trainer.start();
            await().until(() -> trainer.phase() == Phase.DEAD
                    || queue.statusOf(run).filter(RunStatus::ended).isPresent());
            assertThat(trainer.stop(PATIENCE)).isTrue();
        }
    }

    @Test
    void waitsForTheFolderOfTemporaryFilesToTakeTheNetwork() throws IOException {
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        Path aside = folder.resolve("aside");
        RunSpec run = run("no-room", 1, 3, 1);
        try (ServiceProcess trainer = TrainerProcess.start(
                broker.bootstrapServers(), folder.resolve("store"), Map.of("java.io.tmpdir", temporary.toString()))) {
            // Given
            trainer.awaitReady();
            Files.move(temporary, aside);

            // When
            log.whole(run);
            trainer.awaitLog("Cannot hand run no-room to PyTorch yet, it is tried again");
            Files.move(aside, temporary);

            // Then
            RunStatus status = log.awaitEnd(run.runId());
            assertThat(status.state()).as(status.reason()).isEqualTo(State.FINISHED);
        }
    }

    /** A store that cannot be written is told to whoever looks at the run, wherever that is. */
    @Test
    void tellsOfACheckpointThatCannotBeWrittenInTheStatusOfTheRun() throws IOException {
        Path store = Files.createDirectory(folder.resolve("full"));
        RunSpec run = run("full", 2, 3, 1);
        log.ask(run);
        try (ServiceProcess trainer = TrainerProcess.start(broker.bootstrapServers(), store)) {
            TrainerProcess.awaitOpened(trainer, run);
            Path runFolder = store.resolve(run.incarnation());
            Path aside = Files.move(runFolder, store.resolve("aside"));
            Files.writeString(runFolder, "no folder");
            log.batches(run, 0, 3);

            RunStatus told = await().until(
                            () -> log.status(run.runId()).filter(status -> status.checkpointProblem() != null),
                            java.util.Optional::isPresent)
                    .orElseThrow();
            assertThat(told.state()).isEqualTo(State.RUNNING);
            assertThat(told.checkpoints()).isZero();

            Files.delete(runFolder);
            Files.move(aside, runFolder);
            log.batches(run, 3, 6);
            RunStatus status = log.awaitEnd(run.runId());
            assertThat(status.state()).as(status.reason()).isEqualTo(State.FINISHED);
            assertThat(status.checkpointProblem()).isNull();
        }
    }
}
