// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.EventLog;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import io.millrace.trainer.checkpoint.Retry;
import io.millrace.trainer.consume.ReaderSettings;
import io.millrace.trainer.training.Outcome;
import io.millrace.trainer.training.Progress;
import io.millrace.trainer.training.RunQueue;
import io.millrace.trainer.training.StatusSink;
import io.millrace.trainer.training.Trainer;
import io.millrace.trainer.training.Trainer.Phase;
import io.millrace.trainer.training.TrainerSettings;
import io.millrace.trainer.training.TrainingObserver;
import io.millrace.trainer.training.Workshop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the machine does wrong is no fault of the run: it waits, or it goes on in the next process. */
class DiedIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    private Path folder;

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

    @Test
    void diesOfWhatIsNotTheRunsFaultAndGivesTheRunUpWhenThatComesBack() throws Exception {
        RunSpec run = run("dies", 1, 5, 1);
        List<RunStatus> told = new CopyOnWriteArrayList<>();
        try (TestBroker broker = TestBroker.start();
                Log log = new Log(broker.bootstrapServers())) {
            log.batches(run, 0, 5);
            for (int life = 0; life < 3; life++) {
                assertThat(phaseAtItsEnd(broker, run, told)).isEqualTo(Phase.DEAD);
                assertThat(told).noneMatch(RunStatus::ended);
            }
            assertThat(phaseAtItsEnd(broker, run, told)).isEqualTo(Phase.STOPPED);
        }
        assertThat(told.get(told.size() - 1).state()).isEqualTo(State.FAILED);
        assertThat(told.get(told.size() - 1).reason())
                .isEqualTo("training died 3 times in a row at step 2: ai.djl.engine.EngineException: CUDA error");
    }

    /** One life of a trainer whose machine fails at step 2. */
    private Phase phaseAtItsEnd(TestBroker broker, RunSpec run, List<RunStatus> told) throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        RunQueue queue = new RunQueue(() -> List.of(new EventLog.Entry<>(run.runId(), run, 0)));
        StatusSink statuses = status -> {
            told.add(status);
            queue.status(status);
            if (status.ended()) {
                end.countDown();
            }
        };
        try (BrokerWatch watch = new BrokerWatch(broker.bootstrapServers())) {
            Trainer trainer = new Trainer(workshop(broker, queue, statuses), watch, end::countDown);
            trainer.start();
            assertThat(end.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(trainer.stop(PATIENCE)).isTrue();
            return trainer.phase();
        }
    }

    private Workshop workshop(TestBroker broker, RunQueue queue, StatusSink statuses) {
        TrainerMetrics metrics = new TrainerMetrics(new SimpleMeterRegistry());
        TrainingObserver failing = new TrainingObserver() {
            @Override
            public void waited(long nanos) {}

            @Override
            public void stepped(Progress progress, int samples, long nanos) {
                if (progress.step() == 2) {
                    throw new EngineException("CUDA error");
                }
            }

            @Override
            public void ended(Outcome outcome) {}
        };
        Duration second = Duration.ofSeconds(1);
        return new Workshop(
                new TrainerSettings(
                        new ReaderSettings(broker.bootstrapServers(), TrainerService.GROUP, 4, 1 << 20, second),
                        folder,
                        10,
                        second,
                        new Retry(Duration.ofMillis(10), second),
                        second,
                        5),
                queue,
                new DirectoryCheckpointStore(folder),
                checkpoint -> {},
                statuses,
                metrics,
                metrics,
                failing,
                new CountDownLatch(1));
    }

    @Test
    void waitsForTheFolderOfTemporaryFilesToTakeTheNetwork() throws IOException {
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        Path aside = folder.resolve("aside");
        RunSpec run = run("no-room", 1, 3, 1);
        try (TestBroker broker = TestBroker.start();
                Log log = new Log(broker.bootstrapServers());
                ServiceProcess trainer = TrainerProcess.start(
                        broker.bootstrapServers(),
                        folder.resolve("store"),
                        Map.of("java.io.tmpdir", temporary.toString()))) {
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
}
