// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.Fixtures.run;
import static io.millrace.trainer.TrainerProcess.awaitStep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run is stopped, resumed and extended, and the trainer killed in between; its weights know nothing of it. */
class StoppedIT {
    private static final int BATCHES_PER_EPOCH = 40;

    @TempDir
    private Path store;

    private TestBroker broker;
    private Log log;

    private static RunSpec spec(String runId) {
        return Fixtures.withCheckpointEvery(
                Fixtures.withOptions(
                        run(runId, 2, BATCHES_PER_EPOCH, 1),
                        "{\"schedule\": {\"kind\": \"cosine\", \"learningRate\": 0.05, \"warmupFraction\": 0.1},"
                                + " \"averaging\": {\"decay\": 0.9}}"),
                17);
    }

    @Test
    void endsWithTheWeightsOfAnUndisturbedRunHoweverItIsStoppedResumedExtendedAndKilled() throws IOException {
        try (TestBroker started = TestBroker.start();
                Log told = new Log(started.bootstrapServers())) {
            broker = started;
            log = told;
            RunSpec run = spec("disturbed");
            log.whole(run);

            // When
            long stopped;
            try (ServiceProcess trainer = trainer()) {
                awaitStep(trainer, run.runId(), 20);
                log.ask(run.withStopped(true));
                log.ask(run.withStopped(true));
                stopped = awaitState(run, State.STOPPED).step();
                assertThat(trainer.json("/run").path("state").asText()).isEqualTo("stopped");
                assertThat(newest(run).position().step())
                        .as("nothing is trained twice")
                        .isEqualTo(stopped);
                trainer.kill();
            }
            log.ask(run.withStopped(false));
            try (ServiceProcess trainer = trainer()) {
                awaitStep(trainer, run.runId(), stopped + 10);
                log.ask(run.withStopped(true));
                trainer.kill();
            }
            try (ServiceProcess trainer = trainer()) {
                awaitState(run, State.STOPPED);
                log.ask(run.withStopped(false));
                awaitStep(trainer, run.runId(), stopped + 12);
                run = run.withStopped(false).withExtension(1);
                log.ask(run);
                log.batches(run, 80, 120);
                trainer.awaitLog("More is wanted of the run");
                awaitStep(trainer, run.runId(), 95);
                trainer.kill();
            }
            try (ServiceProcess trainer = trainer()) {
                assertThat(awaitState(run, State.FINISHED).step()).isEqualTo(120);
                run = run.withExtension(1);
                log.ask(run);
                log.batches(run, 120, 160);
                RunSpec extended = run;
                await().until(() -> newest(extended).position().step() == 160);
                RunStatus status = awaitState(run, State.FINISHED);
                assertThat(status.steps()).isEqualTo(160);
                assertThat(status.epochs()).isEqualTo(4);

                // Then
                RunSpec undisturbed = spec("undisturbed").withExtension(1).withExtension(1);
                log.whole(undisturbed);
                assertThat(log.awaitEnd(undisturbed.runId()).state())
                        .as(trainer.log())
                        .isEqualTo(State.FINISHED);
                assertThat(newest(run).position().samples())
                        .isEqualTo(newest(undisturbed).position().samples());
                assertThat(weights(run)).isEqualTo(weights(undisturbed));
                assertThat(log.points(run)).extracting(MetricPoint::step).hasSize(16);
                assertThat(log.points(run))
                        .extracting(MetricPoint::learningRate)
                        .isEqualTo(log.points(undisturbed).stream()
                                .map(MetricPoint::learningRate)
                                .toList());
            }
        }
    }

    private ServiceProcess trainer() {
        return TrainerProcess.start(broker.bootstrapServers(), store);
    }

    private RunStatus awaitState(RunSpec run, State state) {
        return await().pollInterval(Duration.ofMillis(100))
                .until(
                        () -> log.status(run.runId()).orElseThrow(),
                        status -> status.state() == state && (state == State.STOPPED || status.steps() == run.steps()));
    }

    private CheckpointPublished newest(RunSpec run) {
        List<CheckpointPublished> checkpoints = log.checkpoints(run.runId());
        return checkpoints.get(checkpoints.size() - 1);
    }

    /** Of the newest checkpoint and its average. */
    private List<Map<String, ByteBuffer>> weights(RunSpec run) throws IOException {
        List<CheckpointPublished> checkpoints = log.checkpoints(run.runId());
        List<Map<String, ByteBuffer>> both = new java.util.ArrayList<>();
        for (CheckpointPublished checkpoint : checkpoints.subList(checkpoints.size() - 2, checkpoints.size())) {
            Map<String, ByteBuffer> weights = new TreeMap<>();
            for (Tensor tensor : new DirectoryCheckpointStore(store)
                    .read(checkpoint.checkpoint())
                    .weights()) {
                weights.put(tensor.name(), tensor.data());
            }
            both.add(weights);
        }
        return both;
    }
}
