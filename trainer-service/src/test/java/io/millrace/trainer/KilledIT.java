// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.Fixtures.run;
import static io.millrace.trainer.TrainerProcess.awaitStep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.model.checkpoint.StoredCheckpoint;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import io.millrace.trainer.checkpoint.BatchChain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The trainer is killed again and again in the middle of its epochs; in the end it must look as if nothing happened. */
class KilledIT {
    private static final int EPOCHS = 2;
    private static final int BATCHES_PER_EPOCH = 40;
    private static final int STEPS = EPOCHS * BATCHES_PER_EPOCH;

    @TempDir
    private Path store;

    private static RunSpec spec(String runId, String options) {
        return Fixtures.withCheckpointEvery(
                Fixtures.withOptions(run(runId, EPOCHS, BATCHES_PER_EPOCH, 2), options), 11);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"optimizer\": {\"kind\": \"adamw\", \"decayNormAndBias\": false}, \"clipNorm\": 0.5, \"accumulate\": 2,"
                        + " \"groups\": [{\"pattern\": \"head\", \"rateFactor\": 2}], \"averaging\": {\"decay\": 0.9},"
                        + " \"schedule\": {\"kind\": \"one-cycle\", \"learningRate\": 0.002}}",
                "{\"freeze\": {\"what\": [\"backbone\"], \"untilEpoch\": 1}, \"averaging\": {\"decay\": 0.9}}"
            })
    void trainsEveryBatchExactlyOnceAndToTheSameWeightsHoweverOftenItIsKilled(String options) throws IOException {
        try (TestBroker broker = TestBroker.start();
                Log log = new Log(broker.bootstrapServers())) {
            RunSpec killed = spec("killed", options);
            RunSpec undisturbed = spec("undisturbed", options);
            log.whole(killed);

            // When
            killAt(broker, killed, 24, 2);
            truncateNewestState(killed);
            assertThat(killAt(broker, killed, 46, 1)).contains("Passed over a checkpoint that is not whole");
            deleteNewestAverage(killed);
            terminateAt(broker, killed, 62);
            RunStatus status;
            try (ServiceProcess trainer = TrainerProcess.start(broker.bootstrapServers(), store)) {
                status = log.awaitEnd(killed.runId());
                log.whole(undisturbed);
                assertThat(log.awaitEnd(undisturbed.runId()).state())
                        .as(trainer.log())
                        .isEqualTo(State.FINISHED);
            }

            // Then
            assertThat(status.state()).as(status.reason()).isEqualTo(State.FINISHED);
            assertThat(status.samples()).isEqualTo((long) STEPS * 2 * Fixtures.BATCH);
            assertEveryBatchOnceInOrder(killed, assertGaplessAndReadable(log, killed));
            assertThat(weights(log, killed, false)).isEqualTo(weights(log, undisturbed, false));
            if (killed.recipe().averaging() != null) {
                assertAnnouncedWithTheirAverages(log, killed);
                assertThat(weights(log, killed, true))
                        .isEqualTo(weights(log, undisturbed, true))
                        .isNotEqualTo(weights(log, killed, false));
            }
            assertThat(log.points(killed))
                    .extracting(MetricPoint::step)
                    .as("a point every 10 steps, whatever happened in between")
                    .containsExactly(10L, 20L, 30L, 40L, 50L, 60L, 70L, 80L);
        }
    }

    /** @return what it logged */
    private String killAt(TestBroker broker, RunSpec run, int step, int checkpoints) {
        try (ServiceProcess trainer = TrainerProcess.start(broker.bootstrapServers(), store)) {
            awaitStep(trainer, run.runId(), step);
            await().until(() -> trainer.json("/run").path("checkpoints").asInt() >= checkpoints);
            trainer.kill();
            return trainer.log();
        }
    }

    /** An orderly end keeps what was trained since the last checkpoint. */
    private void terminateAt(TestBroker broker, RunSpec run, int step) {
        try (ServiceProcess trainer = TrainerProcess.start(broker.bootstrapServers(), store)) {
            awaitStep(trainer, run.runId(), step);
            trainer.terminate();
            assertThat(trainer.log()).doesNotContain("ERROR");
        }
        assertThat(newestStep(run)).isGreaterThanOrEqualTo(step);
    }

    private long newestStep(RunSpec run) {
        return states(run).map(KilledIT::step).max(Comparator.naturalOrder()).orElseThrow();
    }

    private Stream<Path> states(RunSpec run) {
        try (Stream<Path> files = Files.list(store.resolve(run.incarnation()))) {
            return files.filter(file -> file.toString().endsWith(".state.safetensors")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void truncateNewestState(RunSpec run) throws IOException {
        Path newest = states(run).max(Comparator.comparing(KilledIT::step)).orElseThrow();
        try (FileChannel channel = FileChannel.open(newest, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2);
        }
    }

    /** As if the process had been killed after the checkpoint and before its average. */
    private void deleteNewestAverage(RunSpec run) throws IOException {
        CheckpointStore checkpoints = new DirectoryCheckpointStore(store);
        String newest = CheckpointRef.averageId(run.incarnation(), newestStep(run));
        for (StoredCheckpoint stored : checkpoints.list(run.incarnation())) {
            if (stored.checkpointId().equals(newest)) {
                Files.delete(store.resolve(stored.uri()));
            }
        }
    }

    /** Each in the transaction of its average: nothing, not even the mark of an end, lies between the two. */
    private static void assertAnnouncedWithTheirAverages(Log log, RunSpec run) throws IOException {
        List<String> raw = new ArrayList<>();
        List<String> averaged = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : log.records(Topic.CHECKPOINTS, 0)) {
            CheckpointPublished checkpoint = EventCodec.decode(record.value(), CheckpointPublished.class);
            if (checkpoint.checkpoint().runId().equals(run.runId())) {
                boolean average = checkpoint.checkpoint().averaged();
                (average ? averaged : raw).add(checkpoint.position() + " " + (record.offset() - (average ? 1 : 0)));
            }
        }
        assertThat(averaged).isEqualTo(raw).isNotEmpty();
    }

    private static long step(Path file) {
        return Long.parseLong(file.getFileName().toString().split("-")[1]);
    }

    private void assertEveryBatchOnceInOrder(RunSpec run, List<CheckpointPublished> checkpoints) throws IOException {
        List<String> lines = new DirectoryCheckpointStore(store).batches(run.incarnation());
        BatchChain chain = new BatchChain(Position.NO_BATCHES);
        assertThat(lines).hasSize(STEPS);
        for (int step = 0; step < STEPS; step++) {
            assertThat(lines.get(step))
                    .isEqualTo("%d %d %d %d,%d"
                            .formatted(step + 1, step / BATCHES_PER_EPOCH, step % BATCHES_PER_EPOCH, step, step));
            chain.add(Fixtures.id(run, step, 0));
            chain.add(Fixtures.id(run, step, 1));
        }
        assertThat(checkpoints.get(checkpoints.size() - 1).position().batchesDigest())
                .isEqualTo(chain.digest());
    }

    private List<CheckpointPublished> assertGaplessAndReadable(Log log, RunSpec run) throws IOException {
        // After a death one is announced again, or, where its state was damaged or a newer one took its place
        // meanwhile, one
        // that goes on from before it: the history of the weights is what the later ones leave standing.
        List<CheckpointPublished> checkpoints = new ArrayList<>();
        for (CheckpointPublished checkpoint : log.checkpoints(run.runId())) {
            new DirectoryCheckpointStore(store).read(checkpoint.checkpoint());
            if (checkpoint.checkpoint().averaged()) {
                continue;
            }
            long from = checkpoint.position().offsets().get(0).from();
            checkpoints.removeIf(before -> before.position().offsets().get(0).to() > from);
            checkpoints.add(checkpoint);
        }
        assertThat(checkpoints.get(0).position().offsets().get(0).from()).isZero();
        RunsIT.assertGapless(checkpoints, 0, 1);
        CheckpointPublished last = checkpoints.get(checkpoints.size() - 1);
        assertThat(last.position().offsets().get(1).to()).isEqualTo(STEPS);
        assertThat(last.position().updates()).isEqualTo(STEPS);
        return checkpoints;
    }

    private Map<String, ByteBuffer> weights(Log log, RunSpec run, boolean averaged) throws IOException {
        List<CheckpointPublished> checkpoints = log.checkpoints(run.runId()).stream()
                .filter(checkpoint -> checkpoint.checkpoint().averaged() == averaged)
                .toList();
        Map<String, ByteBuffer> weights = new TreeMap<>();
        for (Tensor tensor : new DirectoryCheckpointStore(store)
                .read(checkpoints.get(checkpoints.size() - 1).checkpoint())
                .weights()) {
            weights.put(tensor.name(), tensor.data());
        }
        return weights;
    }
}
