// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.Fixtures.BATCH;
import static io.millrace.trainer.Fixtures.SIZE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.ResidualLayout;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.contracts.event.StrictJson;
import io.millrace.contracts.event.Validated;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.Predictions;
import io.millrace.model.Scorer;
import io.millrace.model.checkpoint.Checkpoint;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run decides by its validation split. The data are noise, so that it soon gets worse. */
class ValidationIT {
    private static final int EPOCHS = 30;
    private static final int BATCHES_PER_EPOCH = 6;
    private static final int PATIENCE = 2;
    private static final int BATCHES = 2;
    private static final int SAMPLES = BATCHES * BATCH;
    private static final Network TINY = new Network(
            "tiny",
            Network.Stem.CIFAR,
            1,
            Fixtures.CLASSES.size(),
            new ResidualLayout(ResidualLayout.Block.BASIC, List.of(1), List.of(8), null, null, null, null));

    @TempDir
    private static Path store;

    private static TestBroker broker;
    private static Log log;

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

    private static RunSpec run(String runId, String digest) {
        Recipe recipe = Recipes.of(StrictJson.tree(Map.of(
                "epochs",
                EPOCHS,
                "batchSize",
                BATCH,
                "precision",
                "fp32",
                "channelsLast",
                false,
                "schedule",
                Map.of("kind", "plateau", "learningRate", 0.1, "warmupFraction", 0, "factor", 0.5, "patience", 0),
                "earlyStopping",
                Map.of("metric", "loss", "patience", PATIENCE))));
        RunSpec plain = Fixtures.run(runId, EPOCHS, BATCHES_PER_EPOCH, 1);
        return Fixtures.withValidation(
                Fixtures.withNetwork(Fixtures.withRecipe(plain, recipe), TINY),
                new Dataset.Validation(0.1, digest, SAMPLES));
    }

    /** A batch of a validation split: noise, the same for the same place. */
    private static ImageBatch apart(RunSpec run, int index, int batches) {
        Random random = new Random(index + 1000);
        byte[] pixels = new byte[BATCH * SIZE * SIZE];
        random.nextBytes(pixels);
        int[] labels = random.ints(BATCH, 0, Fixtures.CLASSES.size()).toArray();
        BatchId id = new BatchId(run.dataset().validation().digest(), Split.TEST, 0, index, 0);
        return new ImageBatch(
                id,
                batches,
                run.encoding(),
                Fixtures.NORMALIZATION,
                BATCH,
                1,
                SIZE,
                SIZE,
                ByteBuffer.wrap(pixels),
                labels,
                "s");
    }

    private static void publish(ImageBatch batch) {
        String id = batch.id().toString();
        log.send(Topic.TEST_BATCHES, 0, batch.id().owner(), Optional.of(id), BatchCodec.encode(batch));
    }

    @Test
    void theSameIsDecidedAgainAfterADeathBetweenValidationAndCheckpointAndTheBestWeightsAreTheResult()
            throws Exception {
        RunSpec killed = run("killed", "va1");
        RunSpec undisturbed = run("undisturbed", "va1");
        String incarnation = killed.incarnation();

        // Given a split that is not there, and comes batch by batch
        log.ask(killed);
        log.batches(killed, 0, BATCHES_PER_EPOCH);
        try (ServiceProcess trainer = TrainerProcess.start(broker.bootstrapServers(), store)) {
            awaitProblem(killed, "no batch of it is there");
            publish(apart(killed, 1, BATCHES));
            awaitProblem(killed, "1 of 2 batches are there, missing 0");
            assertThat(log.status(killed.runId()).orElseThrow().step()).isZero();
            publish(apart(killed, 0, BATCHES));
            await().until(() -> !log.checkpoints(killed.runId()).isEmpty());

            // When it dies after a validation that no checkpoint holds
            Files.move(store.resolve(incarnation), store.resolve("elsewhere"));
            Files.createFile(store.resolve(incarnation));
            log.batches(killed, BATCHES_PER_EPOCH, killed.steps());
            await().until(() -> trainer.log().contains("Validated. runId=killed epoch=2"));
            trainer.kill();
            Files.delete(store.resolve(incarnation));
            Files.move(store.resolve("elsewhere"), store.resolve(incarnation));
        }
        RunStatus status;
        try (ServiceProcess trainer = TrainerProcess.start(broker.bootstrapServers(), store)) {
            status = log.awaitEnd(killed.runId());
            assertThat(trainer.log()).contains("Run resumes. runId=killed step=" + BATCHES_PER_EPOCH);
            log.whole(undisturbed);
            assertThat(log.awaitEnd(undisturbed.runId()).state()).isEqualTo(State.FINISHED);
            assertShown(trainer);
        }

        // Then it ended early, and says why
        List<Validated> history = last(killed).metadata().validation();
        Validated end = history.get(history.size() - 1);
        assertThat(status.state()).as(status.reason()).isEqualTo(State.FINISHED);
        assertThat(status.reason()).isEqualTo(end.stop()).startsWith("stopped early at epoch " + end.epoch());
        assertThat(status.validation()).isEqualTo(end);
        assertThat(status.step()).isEqualTo(end.step()).isLessThan(killed.steps());

        // And what was best is the result, and can be read
        CheckpointPublished result = result(killed);
        Validated best = history.get(history.size() - 1 - PATIENCE);
        assertThat(result.validation()).isEqualTo(best);
        assertThat(result.position().step()).isEqualTo(best.step());
        assertThat(history)
                .extracting(Validated::epoch)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, end.epoch()).boxed().toList());
        assertThat(history).filteredOn(epoch -> epoch.epoch() > best.epoch()).noneMatch(Validated::kept);
        assertThat(score(killed, read(result))).isCloseTo(best.loss(), within(1e-5));

        // And the same was decided as without a death, by the same weights
        assertThat(history).isEqualTo(last(undisturbed).metadata().validation());
        assertThat(weights(last(killed))).isEqualTo(weights(last(undisturbed)));
        assertThat(weights(read(result))).isEqualTo(weights(read(result(undisturbed))));

        // And rates fell from the step on that was said
        assertThat(history).extracting(Validated::learningRate).contains(0.1, 0.05);
        for (MetricPoint point : log.points(killed)) {
            int epochsBefore = (int) ((point.step() - 1) / BATCHES_PER_EPOCH);
            double rate =
                    epochsBefore == 0 ? 0.1 : history.get(epochsBefore - 1).learningRate();
            assertThat(point.learningRate()).as("step " + point.step()).isEqualTo(rate);
        }
        assertThat(log.points(killed))
                .filteredOn(point -> point.validationLoss() != null)
                .extracting(MetricPoint::step, MetricPoint::validationLoss, MetricPoint::validationAccuracy)
                .containsExactlyElementsOf(history.stream()
                        .map(epoch -> tuple(epoch.step(), epoch.loss(), epoch.accuracy()))
                        .toList());
    }

    private static void awaitProblem(RunSpec run, String problem) {
        await().until(() -> log.status(run.runId())
                .filter(status -> problem.equals(status.validationProblem()))
                .isPresent());
    }

    private static void assertShown(ServiceProcess trainer) {
        JsonNode shown = trainer.json("/run");
        assertThat(shown.at("/validation/loss").asDouble()).isPositive();
        assertThat(shown.path("reason").asText()).startsWith("stopped early");
        assertThat(trainer.get("/q/metrics").body())
                .contains("millrace_trainer_validation_loss "
                        + shown.at("/validation/loss").asDouble())
                .contains("millrace_trainer_validation_accuracy_ratio");
    }

    /** The last announcement of a run, and the only one that says so. */
    private static CheckpointPublished result(RunSpec run) {
        List<CheckpointPublished> all = log.checkpoints(run.runId());
        assertThat(all).filteredOn(CheckpointPublished::isFinal).hasSize(1);
        assertThat(all.get(all.size() - 1).isFinal()).isTrue();
        return all.get(all.size() - 1);
    }

    /** The checkpoint after the last step. */
    private static Checkpoint last(RunSpec run) throws IOException {
        List<CheckpointPublished> all = log.checkpoints(run.runId());
        return read(all.get(all.size() - 2));
    }

    private static Checkpoint read(CheckpointPublished announced) throws IOException {
        return new DirectoryCheckpointStore(store).read(announced.checkpoint());
    }

    private static Map<String, ByteBuffer> weights(Checkpoint checkpoint) {
        Map<String, ByteBuffer> weights = new TreeMap<>();
        for (Tensor tensor : checkpoint.weights()) {
            weights.put(tensor.name(), tensor.data());
        }
        return weights;
    }

    /** The mean loss on the validation split, by whoever would serve the weights. */
    private static double score(RunSpec run, Checkpoint checkpoint) {
        double loss = 0;
        try (Scorer scorer =
                Scorer.of(run.network(), run.dataset().normalization(), SIZE, SIZE, checkpoint.weights())) {
            for (int index = 0; index < BATCHES; index++) {
                ImageBatch batch = apart(run, index, BATCHES);
                Predictions predictions = scorer.score(batch);
                for (int k = 0; k < BATCH; k++) {
                    loss += predictions.loss(k, batch.labels()[k]);
                }
            }
        }
        return loss / SAMPLES;
    }

    @Test
    void aSplitThatIsNotTheOneThatTheRunWasOrderedWithEndsIt() {
        RunSpec run = run("other-split", "va2");
        publish(apart(run, 0, 1));
        log.ask(run);

        try (ServiceProcess trainer = TrainerProcess.start(broker.bootstrapServers(), store)) {
            RunStatus status = log.awaitEnd(run.runId());

            assertThat(status.state()).as(trainer.log()).isEqualTo(State.FAILED);
            assertThat(status.reason())
                    .contains(
                            "the validation split va2 in millrace.test-batches.v1 has 4 samples, the run was ordered with 8");
        }
    }
}
