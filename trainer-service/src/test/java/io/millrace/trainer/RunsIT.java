// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.Fixtures.BATCH;
import static io.millrace.trainer.Fixtures.SIZE;
import static io.millrace.trainer.Fixtures.id;
import static io.millrace.trainer.Fixtures.run;
import static io.millrace.trainer.TrainerProcess.awaitStep;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.NamedNetworks;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.model.checkpoint.Checkpoint;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One process, many runs: good ones, and every bad one that the trainer can be given. */
class RunsIT {
    private static final byte[] GARBAGE = "these are no tensors".getBytes(UTF_8);

    @TempDir
    private static Path store;

    private static TestBroker broker;
    private static Log log;
    private static ServiceProcess trainer;

    @BeforeAll
    static void start() {
        broker = TestBroker.start();
        log = new Log(broker.bootstrapServers());
        trainer = TrainerProcess.start(
                        broker.bootstrapServers(),
                        store,
                        Map.of("millrace.trainer.stats-every-steps", "2", "millrace.trainer.max-lost-ratio", "0.5"))
                .awaitReady();
    }

    @AfterAll
    static void stop() {
        trainer.close();
        log.close();
        broker.close();
    }

    @Test
    void trainsARunOfTwoShardsAndAnnouncesCheckpointsThatCanBeRead() throws IOException {
        RunSpec run = Fixtures.withCheckpointEvery(run("two-shards", 2, 6, 2), 4);
        log.whole(run);

        RunStatus status = log.awaitEnd(run.runId());

        assertThat(status.state()).as(status.reason()).isEqualTo(State.FINISHED);
        assertThat(status.step()).isEqualTo(12);
        assertThat(status.epoch()).isEqualTo(2);
        assertThat(status.samples()).isEqualTo(12 * 2 * BATCH);
        assertThat(status.compute().precision()).isEqualTo(Precision.FP32);
        assertThat(status.compute().threads()).isEqualTo(1);
        assertThat(status.lostBatches()).isZero();
        assertThat(status.loss()).isFinite();
        assertThat(status.imagesPerSecond()).isPositive();
        assertThat(status.waitRatio()).isBetween(0.0, 1.0);

        List<CheckpointPublished> checkpoints = log.checkpoints(run.runId());
        assertThat(status.checkpoints()).isEqualTo(checkpoints.size());
        CheckpointPublished last = checkpoints.get(checkpoints.size() - 1);
        assertThat(last.isFinal()).isTrue();
        assertThat(last.position().step()).isEqualTo(12);
        assertThat(last.position().updates()).isEqualTo(12);
        assertThat(last.position().epoch()).isEqualTo(2);
        assertThat(last.compute()).isEqualTo(status.compute());
        assertThat(last.datasetDigest()).isEqualTo(run.dataset().digest());
        assertThat(last.position().loss()).isFinite().isPositive();
        assertThat(checkpoints.get(0).position().offsets().get(0).from()).isZero();
        assertGapless(checkpoints, 0, 1);
        for (CheckpointPublished checkpoint : checkpoints) {
            Checkpoint read = new DirectoryCheckpointStore(store).read(checkpoint.checkpoint());
            assertThat(read.metadata().step()).isEqualTo(checkpoint.position().step());
            assertThat(read.metadata().compute()).isEqualTo(status.compute());
        }
        assertThat(log.points(run)).extracting(MetricPoint::step).containsExactly(2L, 4L, 6L, 8L, 10L, 12L);
        assertThat(log.points(run)).allSatisfy(point -> {
            assertThat(point.loss()).isFinite();
            assertThat(point.accuracy()).isBetween(0.0, 1.0);
            assertThat(point.samples()).isEqualTo(point.step() * 2 * BATCH);
        });
    }

    @Test
    void trainsOnBatchesInParts() {
        RunSpec run = run("in-parts", 1, 3, 1);
        log.ask(run);
        for (int step = 0; step < 3; step++) {
            Fixtures.parts(run, id(run, step, 0), 1, 3).forEach(part -> log.batch(run, part));
        }

        RunStatus status = log.awaitEnd(run.runId());

        assertThat(status.state()).as(status.reason()).isEqualTo(State.FINISHED);
        assertThat(status.samples()).isEqualTo(3 * BATCH);
        assertThat(log.checkpoints(run.runId()).get(0).position().offsets()).containsEntry(0, new OffsetRange(0, 6));
    }

    static void assertGapless(List<CheckpointPublished> checkpoints, int... partitions) {
        for (int partition : partitions) {
            for (int k = 1; k < checkpoints.size(); k++) {
                OffsetRange before = checkpoints.get(k - 1).position().offsets().get(partition);
                OffsetRange after = checkpoints.get(k).position().offsets().get(partition);
                assertThat(after.from()).isEqualTo(before.to());
            }
        }
    }

    @Test
    void deadLettersWhatItCannotReadAndFinishesTheRun() {
        RunSpec run = run("bad-records", 1, 8, 1);
        BatchId unreadable = id(run, 2, 0);
        BatchId misshapen = id(run, 4, 0);
        BatchId futuristic = id(run, 5, 0);
        log.ask(run);
        log.batches(run, 0, 2);
        log.batch(run, unreadable, GARBAGE);
        log.send(Topic.batches(run.incarnation()), 0, run.incarnation(), Optional.empty(), GARBAGE);
        log.batch(run, 3, 0);
        log.batch(run, 1, 0);
        log.batch(run, misshapen, wide(run, misshapen));
        log.batch(run, futuristic, version9(run, futuristic));
        log.batch(run, new BatchId("nobody-asked-1", Split.TRAIN, 0, 0, 0), GARBAGE);
        log.batches(run, 6, 8);

        RunStatus status = log.awaitEnd(run.runId());

        assertThat(status.state()).as(status.reason()).isEqualTo(State.FINISHED);
        assertThat(status.step()).isEqualTo(8);
        assertThat(status.samples()).isEqualTo(5 * BATCH);
        assertThat(status.lostBatches()).isEqualTo(3);
        assertThat(log.checkpoints(run.runId()).get(0).position().lostBatches()).isEqualTo(3);
        assertThat(log.checkpoints(run.runId()).get(0).position().updates()).isEqualTo(5);
        assertThat(log.deadLetters(run))
                .satisfiesExactly(
                        reason -> assertThat(reason)
                                .isEqualTo(
                                        "malformed safetensors (HEADER_TOO_LARGE): a header of 8241904413164529780 bytes is"
                                                + " over 100000000"),
                        reason -> assertThat(reason).isEqualTo("its header ce_id names no batch: it is missing"),
                        reason -> assertThat(reason)
                                .isEqualTo("images should be of shape [4, 1, 8, 8], they are [4, 1, 8, 16]"),
                        reason -> assertThat(reason).isEqualTo("unknown format_version 9; this reader knows 1"),
                        reason -> assertThat(reason)
                                .isEqualTo("the run has no batch nobody-asked-1/train/0/0/0 in partition 0"));
        assertThat(trainer.metric("millrace_trainer_duplicates_total")).isPositive();
        assertThat(trainer.metric("millrace_trainer_dead_letters_total")).isGreaterThanOrEqualTo(5);
        assertThat(trainer.metric("millrace_trainer_lost_batches_total")).isGreaterThanOrEqualTo(3);
    }

    @Test
    void failsARunThatLosesTooManyBatches() {
        RunSpec run = run("all-bad", 1, 8, 1);
        log.ask(run);
        for (int step = 0; step < 8; step++) {
            log.batch(run, id(run, step, 0), GARBAGE);
        }

        RunStatus status = log.awaitEnd(run.runId());

        assertThat(status.state()).isEqualTo(State.FAILED);
        assertThat(status.step()).isEqualTo(5);
        assertThat(status.lostBatches()).isEqualTo(5);
        assertThat(status.reason())
                .isEqualTo("5 of the run's 8 batches are lost, 62.5 % of them after 5 steps;"
                        + " millrace.trainer.max-lost-ratio=0.5 is what it may lose; the dead letters say why, mend that"
                        + " and order the run again");
        assertThat(log.checkpoints(run.runId())).isEmpty();
    }

    @Test
    void isNotHeldUpByARecordThatIsTooLargeToBeDeadLetteredAsItIs() {
        RunSpec run = run("unburied", 1, 4, 1);
        log.ask(run);
        ProducerRecord<String, byte[]> huge =
                new ProducerRecord<>(Topic.batches(run.incarnation()).name(), 0, run.incarnation(), GARBAGE);
        huge.headers().add("a-foreign-header", new byte[1_048_400]);
        log.send(huge);
        log.batches(run, 0, 4);

        RunStatus status = log.awaitEnd(run.runId());

        assertThat(status.state()).as(status.reason()).isEqualTo(State.FINISHED);
        assertThat(status.lostBatches()).isZero();
        assertThat(log.deadLetters(run)).containsExactly("its header ce_id names no batch: it is missing");
    }

    private static byte[] wide(RunSpec run, BatchId id) {
        return BatchCodec.encode(new ImageBatch(
                id,
                run.batchesPerEpoch(),
                Encoding.UINT8,
                Fixtures.NORMALIZATION,
                BATCH,
                1,
                SIZE,
                2 * SIZE,
                ByteBuffer.allocate(BATCH * SIZE * SIZE * 2),
                new int[BATCH],
                "cd".repeat(32)));
    }

    private static byte[] version9(RunSpec run, BatchId id) {
        String text =
                new String(BatchCodec.encode(Fixtures.batch(run, id)), java.nio.charset.StandardCharsets.ISO_8859_1);
        return text.replace("\"format_version\":\"1\"", "\"format_version\":\"9\"")
                .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    @Test
    void failsARunThatDivergesAndKeepsItsLastGoodCheckpoint() throws IOException {
        RunSpec run =
                Fixtures.withEncoding(Fixtures.withCheckpointEvery(run("not-a-number", 1, 8, 1), 4), Encoding.FLOAT32);
        log.ask(run);
        for (int step = 0; step < 8; step++) {
            log.batch(run, floats(run, id(run, step, 0), step < 4 ? 0.5f : Float.NaN));
        }

        RunStatus status = log.awaitEnd(run.runId());

        assertThat(status.state()).isEqualTo(State.FAILED);
        assertThat(status.reason()).startsWith("loss is not finite at step 6 (learning rate ");
        assertThat(log.checkpoints(run.runId()))
                .extracting(checkpoint -> checkpoint.position().step())
                .containsExactly(4L);
        await().untilAsserted(() -> assertThat(trainer.get("/q/metrics").body())
                .containsPattern("millrace_trainer_runs_total\\{outcome=\"diverged\"} [1-9]"));
    }

    private static ImageBatch floats(RunSpec run, BatchId id, float pixel) {
        ByteBuffer images = ByteBuffer.allocate(BATCH * SIZE * SIZE * 4).order(ByteOrder.LITTLE_ENDIAN);
        while (images.hasRemaining()) {
            images.putFloat(pixel);
        }
        return Fixtures.batch(run, id, Encoding.FLOAT32, images.flip(), new int[BATCH]);
    }

    @Test
    void failsARunWhoseLearningRateIsAbsurd() {
        RunSpec run = Fixtures.withLearningRate(run("absurd", 1, 20, 1), 1e10);
        log.whole(run);

        RunStatus status = log.awaitEnd(run.runId());

        assertThat(status.state()).isEqualTo(State.FAILED);
        assertThat(status.reason()).contains("not finite").contains("learning rate 1.0E10");
        assertThat(log.checkpoints(run.runId())).isEmpty();
    }

    @Test
    void failsARunOfANetworkThatNobodyKnowsOrThatIsTooLargeAndOneThatNobodyUnderstands() {
        RunSpec run = run("unknown-network", 1, 2, 1);
        log.ask(Fixtures.withNetwork(run, new Network("resnet19", Network.Stem.CIFAR, 1, 4)));
        RunSpec small = run("small-images", 1, 2, 1);
        log.ask(Fixtures.withNetwork(small, new Network("resnet9", Network.Stem.IMAGENET, 1, 4)));
        RunSpec groupless = run("no-such-group", 1, 2, 1);
        log.ask(Fixtures.withOptions(groupless, "{\"groups\": [{\"pattern\": \"layer5.*\"}]}"));
        byte[] later = new String(EventCodec.encode(run("later-version", 1, 2, 1)), UTF_8)
                .replace("\"labelSmoothing\"", "\"warp\":9,\"labelSmoothing\"")
                .getBytes(UTF_8);
        log.send(Topic.RUNS, 0, "later-version", Optional.of("later-version"), later);
        log.send(Topic.RUNS, 0, "no-json", Optional.of("no-json"), GARBAGE);

        RunStatus unknown = log.awaitEnd(run.runId());
        RunStatus tooSmall = log.awaitEnd(small.runId());
        RunStatus noSuchGroup = log.awaitEnd(groupless.runId());
        RunStatus laterVersion = log.awaitEnd("later-version");
        RunStatus malformed = log.awaitEnd("no-json");

        assertThat(unknown.state()).isEqualTo(State.FAILED);
        assertThat(unknown.reason()).contains("resnet19", "the nearest is resnet1");
        assertThat(tooSmall.state()).isEqualTo(State.FAILED);
        assertThat(tooSmall.reason()).contains("MaxPool2d", "the image is too small for the network");
        assertThat(noSuchGroup.state()).isEqualTo(State.FAILED);
        assertThat(noSuchGroup.reason())
                .startsWith("recipe.groups: no parameter is left for the pattern \"layer5.*\"; the first names are");
        assertThat(laterVersion.state()).isEqualTo(State.FAILED);
        assertThat(laterVersion.reason()).startsWith("malformed RunSpec: ").contains("recipe.warp is not known");
        assertThat(malformed.state()).isEqualTo(State.FAILED);
        assertThat(malformed.reason()).startsWith("malformed RunSpec: ");
    }

    @Test
    void leavesARunThatIsRemovedWithoutAWordAndGoesOnWithTheNext() {
        RunSpec removed = run("removed", 1, 100, 1);
        RunSpec next = run("after-the-removed", 1, 3, 1);
        log.ask(removed);
        log.batches(removed, 0, 5);
        awaitStep(trainer, removed.runId(), 5);
        log.ask(removed.asRemoved());
        log.whole(next);

        assertThat(log.awaitEnd(next.runId()).state()).isEqualTo(State.FINISHED);
        assertThat(log.status(removed.runId()).map(RunStatus::state)).contains(State.RUNNING);
        assertThat(log.checkpoints(removed.runId())).isEmpty();
    }

    @Test
    void tellsHowTheRunStands() {
        RunSpec run = run("told", 2, 10, 1);
        log.ask(run);
        log.batches(run, 0, 13);
        awaitStep(trainer, run.runId(), 13);

        JsonNode running = trainer.json("/run");
        log.batches(run, 13, 20);
        log.awaitEnd(run.runId());
        await().untilAsserted(() ->
                assertThat(trainer.json("/run").path("state").asText()).isEqualTo("finished"));
        JsonNode finished = trainer.json("/run");

        assertThat(running.path("state").asText()).isEqualTo("running");
        assertThat(running.path("step").asLong()).isEqualTo(13);
        assertThat(running.path("steps").asLong()).isEqualTo(20);
        assertThat(running.path("epoch").asInt()).isEqualTo(2);
        assertThat(running.path("epochs").asInt()).isEqualTo(2);
        assertThat(running.path("samples").asLong()).isEqualTo(13 * BATCH);
        assertThat(running.path("loss").asDouble()).isPositive();
        assertThat(running.path("accuracy").asDouble()).isBetween(0.0, 1.0);
        assertThat(running.path("learningRate").asDouble()).isPositive();
        assertThat(running.path("imagesPerSecond").asDouble()).isPositive();
        assertThat(running.path("etaSeconds").asDouble()).isPositive();
        assertThat(running.path("dataset").asText()).isEqualTo("test");
        assertThat(running.path("network").asText()).isEqualTo("resnet18");
        assertThat(running.path("compute").path("precision").asText()).isEqualTo("fp32");
        assertThat(running.path("lostBatches").asLong(-1)).isZero();
        assertThat(running.has("lacks")).isFalse();
        assertThat(finished.path("runId").asText()).isEqualTo(run.runId());
        assertThat(finished.path("checkpoints").asInt())
                .isEqualTo(log.checkpoints(run.runId()).size());
        assertThat(finished.path("trainSeconds").asDouble()).isPositive();
        assertThat(finished.path("waitRatio").asDouble()).isPositive();
    }

    @Test
    void answersAnUnknownPathWithAProblem() {
        HttpResponse<String> response = trainer.get("/runs-and-more");

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.headers().firstValue("content-type").orElse("")).startsWith("application/problem+json");
        assertThat(response.body()).contains("\"status\":404");
    }

    @Test
    void saysWhatCanBeTrainedAndWhatItIsMadeOf() {
        JsonNode networks = trainer.json("/networks?shape=3x32x32&classes=100");
        assertThat(networks).hasSize(NamedNetworks.NAMES.size());
        assertThat(networks.get(0).path("name").asText()).isEqualTo("resnet18");
        assertThat(networks.get(0).path("stem").asText()).isEqualTo("imagenet");
        assertThat(networks.get(0).path("parameters").asLong()).isEqualTo(11_227_812);

        JsonNode summary = trainer.json("/networks/resnet18?shape=1x28x28&classes=10&batch=64&stem=imagenet");
        assertThat(summary.path("parameters").asLong()).isEqualTo(11_175_370);
        assertThat(summary.path("live").asLong()).isEqualTo(4_228_554);
        assertThat(summary.path("memory").path("batchSize").asInt()).isEqualTo(64);
        assertThat(summary.path("rows").get(0).path("name").asText()).isEqualTo("conv1");
        assertThat(summary.path("rows").get(0).path("output").path("height").asInt())
                .isEqualTo(14);
        assertThat(trainer.send(trainer.request("/networks/resnet9?shape=3x32x32")
                                .header("Accept", "text/plain"))
                        .body())
                .startsWith("resnet9, stem cifar, images of 3x32x32, 10 classes\n")
                .contains("6,573,120")
                .contains("──");
        assertThat(trainer.send(trainer.request("/networks").header("Accept", "text/plain"))
                        .body())
                .contains("resnet152");
        assertThat(trainer.get("/q/openapi").body())
                .contains("/networks:", "/networks/{name}:", "name: shape", "trainingBytes");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /networks?shape=28x28                           | 400 | such as 1x28x28
            /networks?size=32                               | 400 | there are shape, classes, batch, stem
            /networks/resnet18?classes=1                    | 400 | from 2 to 65536
            /networks/resnet18?batch=many                   | 400 | from 1 to 1000000
            /networks/resnet18?stem=mnist                   | 400 | one of imagenet, cifar
            /networks/resnet9?shape=1x28x28&stem=imagenet   | 400 | at least 31 pixels
            /networks/resnet81                              | 404 | the nearest is resnet18
            """)
    void aQuestionThatCannotBeAnsweredIsRefusedWithTheRemedy(String path, int status, String remedy) {
        HttpResponse<String> response = trainer.get(path);

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("content-type").orElse("")).startsWith("application/problem+json");
        assertThat(response.body()).contains(remedy);
    }

    @Test
    void measuresWhatTheDesignNames() {
        log.whole(run("measured", 1, 3, 1));
        log.awaitEnd("measured");

        String scrape = trainer.get("/q/metrics").body();

        for (String counter : List.of(
                TrainerMetrics.SAMPLES,
                TrainerMetrics.DUPLICATES,
                TrainerMetrics.DEAD_LETTERS,
                TrainerMetrics.LOST_BATCHES)) {
            assertThat(scrape).contains(prometheus(counter) + "_total");
        }
        for (String histogram : List.of(
                TrainerMetrics.STEP_DURATION, TrainerMetrics.WAIT_DURATION, TrainerMetrics.CHECKPOINT_DURATION)) {
            assertThat(scrape).contains(prometheus(histogram) + "_seconds_bucket");
        }
        for (String gauge : List.of(
                TrainerMetrics.LOSS,
                TrainerMetrics.ACCURACY,
                TrainerMetrics.LEARNING_RATE,
                TrainerMetrics.EPOCH,
                TrainerMetrics.STEP,
                TrainerMetrics.LOG_LACKS)) {
            assertThat(scrape).contains("\n" + prometheus(gauge) + " ");
        }
        for (String outcome : List.of("success", "failure", "superseded")) {
            assertThat(scrape)
                    .contains(prometheus(TrainerMetrics.CHECKPOINTS) + "_total{" + TrainerMetrics.OUTCOME + "=\""
                            + outcome);
        }
        for (String outcome : List.of("finished", "failed", "diverged", "refused", "stopped")) {
            assertThat(scrape)
                    .contains(prometheus(TrainerMetrics.RUNS) + "_total{" + TrainerMetrics.OUTCOME + "=\"" + outcome);
        }
        assertThat(trainer.metric("millrace_trainer_samples_total")).isPositive();
        assertThat(trainer.metric("millrace_trainer_step_duration_seconds_count"))
                .isPositive();
    }

    private static String prometheus(String name) {
        return name.replace('.', '_');
    }

    @Test
    void isLiveAndStarted() {
        await().untilAsserted(() -> {
            assertThat(trainer.status("/q/health/live")).isEqualTo(200);
            assertThat(trainer.status("/q/health/started")).isEqualTo(200);
        });
    }
}
