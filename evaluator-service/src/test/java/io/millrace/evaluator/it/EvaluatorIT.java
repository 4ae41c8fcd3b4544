// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.it;

import static io.millrace.evaluator.it.EvaluatorProcess.http;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EvaluationCompleted.ClassScore;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.ModelPromoted.Cause;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Validated;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.evaluator.EvaluatorMetrics;
import io.millrace.evaluator.Fixtures;
import io.millrace.kafka.DeadLetters;
import io.millrace.model.Predictions;
import io.millrace.model.Scorer;
import io.millrace.model.checkpoint.StoredCheckpoint;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import io.restassured.response.ValidatableResponse;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The packaged service on a real broker; each test has a model, a run and a data set of its own. */
class EvaluatorIT {
    private static final String JSON = "application/json";

    @TempDir
    static Path directory;

    private static TestBroker broker;
    private static Topics topics;
    private static ServiceProcess service;
    private static Checkpoints checkpoints;

    private String name;

    @BeforeAll
    static void start() throws Exception {
        broker = TestBroker.start();
        service = EvaluatorProcess.start(
                broker.bootstrapServers(),
                directory,
                Map.of(
                        "millrace.evaluator.checkpoint-timeout", "5s",
                        "millrace.evaluator.test-split-timeout", "4s",
                        // Networks of these tests always give one answer.
                        "millrace.evaluator.floor", "0",
                        "millrace.evaluator.keep-best", "2"));
        topics = new Topics(broker.bootstrapServers());
        checkpoints = new Checkpoints(directory.resolve("store"));
        service.awaitReady();
    }

    @AfterAll
    static void stop() throws Exception {
        service.close();
        topics.close();
        broker.close();
    }

    @BeforeEach
    void nameEverythingAfterTheTest(TestInfo test) {
        name = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
    }

    @Test
    void aCheckpointGetsTheScoreWorkedOutByHandAndIsPromoted() throws Exception {
        // Given a network that always gives the logits 2, 0, 0
        topics.publish(Checkpoints.testSplit(name));

        // When
        CheckpointPublished cat = announced(1, checkpoints.saying(2, 0, 0));

        // Then half of the samples are cats
        EvaluationCompleted evaluation = topics.awaitEvaluation(cat);
        double p = Math.exp(2) / (Math.exp(2) + 2);
        assertThat(evaluation.checkpoint()).isEqualTo(cat.checkpoint());
        assertThat(evaluation.model()).isEqualTo(name);
        assertThat(evaluation.datasetDigest()).isEqualTo(name);
        assertThat(evaluation.step()).isEqualTo(1);
        assertThat(evaluation.samples()).isEqualTo(10);
        assertThat(evaluation.accuracy()).isEqualTo(0.5);
        assertThat(evaluation.loss()).isCloseTo(Math.log(Math.exp(2) + 2) - 0.5 * 2, within(1e-5));
        assertThat(evaluation.calibrationError()).isCloseTo(p - 0.5, within(1e-5));
        assertThat(evaluation.confusionMatrix())
                .isEqualTo(List.of(List.of(5, 0, 0), List.of(3, 0, 0), List.of(2, 0, 0)));
        assertThat(evaluation.classes())
                .containsExactly(
                        new ClassScore("cat", 0.5, 1, 2 / 3.0, 5),
                        new ClassScore("dog", 0, 0, 0, 3),
                        new ClassScore("owl", 0, 0, 0, 2));
        ModelPromoted promotion = topics.awaitPromotion(cat);
        assertThat(promotion.cause()).isEqualTo(Cause.BEST);
        assertThat(promotion.previous()).isNull();
        assertThat(promotion.evaluation()).isEqualTo(evaluation);

        // And HTTP tells the same
        String id = cat.checkpoint().checkpointId();
        http(service)
                .get("/evaluations/" + id)
                .then()
                .statusCode(200)
                .body("accuracy", equalTo(0.5f))
                .body("confusionMatrix[1]", contains(3, 0, 0))
                .body("checkpoint.checkpointId", equalTo(id));
        http(service)
                .get("/evaluations/" + id + "/misclassified")
                .then()
                .statusCode(200)
                .body("total", equalTo(5))
                .body("mistakes.index", contains(2, 4, 6, 8, 9))
                .body("mistakes.label", contains("dog", "owl", "dog", "owl", "dog"))
                .body("mistakes[0].predicted", equalTo("cat"));
        http(service)
                .get("/models/" + name)
                .then()
                .statusCode(200)
                .body("checkpointId", equalTo(id))
                .body("accuracy", equalTo(0.5f))
                .body("cause", equalTo("best"))
                .body("previous", nullValue());
    }

    @Test
    void itsMistakesCanBeLookedAtPageByPage() throws Exception {
        // Given
        topics.publish(Checkpoints.testSplit(name));
        CheckpointPublished cat = announced(1, checkpoints.saying(2, 0, 0));
        topics.awaitEvaluation(cat);
        String base = "/evaluations/" + id(cat);

        // Then
        String next = http(service)
                .get(base + "/misclassified?from=1&count=3")
                .then()
                .statusCode(200)
                .body("mistakes.n", contains(1, 2, 3))
                .body("mistakes[0].probability", equalTo((float) (Math.exp(2) / (Math.exp(2) + 2))))
                .body("mistakes[0].labelProbability", equalTo((float) (1 / (Math.exp(2) + 2))))
                .extract()
                .path("next");
        http(service)
                .get(next)
                .then()
                .body("mistakes.n", contains(4))
                .body("mistakes[0].image", equalTo(base + "/misclassified/4.png"))
                .body("next", nullValue());
        // Those of one cell of the confusion, under the numbers that they have among all
        String more = http(service)
                .get(base + "/misclassified?label=dog&predicted=cat&count=2")
                .then()
                .body("total", equalTo(3))
                .body("mistakes.label", contains("dog", "dog"))
                .extract()
                .path("next");
        http(service)
                .get(more)
                .then()
                .body("mistakes.n", contains(4))
                .body("mistakes.label", contains("dog"))
                .body("next", nullValue());
        // The image as it is, and three times with what speaks for two classes
        assertThat(List.of(size(base + "/misclassified/4.png"), size(base + "/misclassified/4.png?cam=true")))
                .containsExactly("224x224", "688x224");
    }

    @Test
    void itsReportIsTextOrJsonAndItsConfusionAPicture() throws Exception {
        topics.publish(Checkpoints.testSplit(name));
        CheckpointPublished cat = announced(1, checkpoints.saying(2, 0, 0));
        topics.awaitEvaluation(cat);
        String base = "/evaluations/" + id(cat);

        http(service)
                .get(base + "/report?digits=3")
                .then()
                .statusCode(200)
                .contentType("text/plain")
                .body(containsString("         cat      0.500     1.000     0.667         5\n"));
        http(service)
                .accept(JSON)
                .get(base + "/report")
                .then()
                .statusCode(200)
                .contentType(JSON)
                .body("classes.label", contains("cat", "dog", "owl"))
                .body("macroAverage.recall", equalTo((float) (1 / 3.0)))
                .body("confused[0].count", equalTo(3))
                .body("calibration.uncalibrated", containsString("nothing is known of its run"));
        assertThat(size(base + "/confusion.png?theme=dark")).isEqualTo("1080x1080");
    }

    @Test
    void whatCannotBeShownIsRefusedWithTheReason() throws Exception {
        topics.publish(Checkpoints.testSplit(name));
        CheckpointPublished cat = announced(1, checkpoints.saying(2, 0, 0));
        topics.awaitEvaluation(cat);
        String base = "/evaluations/" + id(cat);

        Map.of(
                        "/misclassified?from=-1", "400 from is \"-1\"; it must be a whole number from 0 on",
                        "/misclassified?label=cow",
                                "400 label is \"cow\"; it must be one of the classes: cat, dog, owl",
                        "/misclassified?count=501", "400 count is \"501\"; it must be a whole number from 1 to 500",
                        "/misclassified/5.png",
                                "404 \"" + id(cat) + "\" has 5 mistakes, 0 to 4, and none with the number 5",
                        "/misclassified/one.png",
                                "400 the number of the picture is \"one\"; it must be a whole number from 0 on",
                        "/misclassified/0.png?cam=yes", "400 cam is \"yes\"; it must be true or false",
                        "/confusion.png?theme=blue", "400 theme is \"blue\"; it must be light or dark",
                        "/report?digits=many", "400 digits is \"many\"; it must be a whole number from 0 to 15")
                .forEach((path, refusal) -> http(service)
                        .get(base + path)
                        .then()
                        .contentType("application/problem+json")
                        .statusCode(Integer.parseInt(refusal.substring(0, 3)))
                        .body("detail", equalTo(refusal.substring(4))));
    }

    /** Of a picture, {@code width x height}. */
    private static String size(String path) throws Exception {
        byte[] png = http(service)
                .get(path)
                .then()
                .statusCode(200)
                .contentType("image/png")
                .extract()
                .asByteArray();
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
        return image.getWidth() + "x" + image.getHeight();
    }

    @Test
    void anImageIsSeenAsTheModelModuleSeesIt() throws Exception {
        // Given a network whose answer depends on the image, and what it says when asked directly
        List<ImageBatch> split = Checkpoints.testSplit(name);
        double loss = 0;
        int correct = 0;
        try (Scorer scorer = Scorer.of(
                Checkpoints.NETWORK,
                Fixtures.NORMALIZATION,
                Checkpoints.SIZE,
                Checkpoints.SIZE,
                checkpoints.untrained())) {
            for (ImageBatch batch : split) {
                Predictions predictions = scorer.score(batch);
                for (int n = 0; n < batch.size(); n++) {
                    loss += predictions.loss(n, batch.labels()[n]);
                    correct += predictions.predicted(n) == batch.labels()[n] ? 1 : 0;
                }
            }
        }
        topics.publish(split);

        // When
        EvaluationCompleted evaluation = topics.awaitEvaluation(announced(1, checkpoints.untrained()));

        // Then
        assertThat(evaluation.accuracy()).isEqualTo(correct / 10.0);
        assertThat(evaluation.loss()).isCloseTo(loss / 10, within(1e-4));
    }

    @Test
    void onlyABetterOneIsPromotedAndTheLeaderboardIsInOrder() throws Exception {
        topics.publish(Checkpoints.testSplit(name));

        // When the second is worse than the first, and the third better
        CheckpointPublished dog = announced(1, checkpoints.saying(0, 2, 0));
        topics.awaitPromotion(dog);
        CheckpointPublished owl = announced(2, checkpoints.saying(0, 0, 2));
        CheckpointPublished cat = announced(3, checkpoints.saying(2, 0, 0));
        ModelPromoted promotion = topics.awaitPromotion(cat);

        // Then
        assertThat(promotion.previous()).isEqualTo(dog.checkpoint());
        assertThat(topics.promotions(name))
                .extracting(ModelPromoted::checkpoint)
                .containsExactly(dog.checkpoint(), cat.checkpoint());
        http(service)
                .queryParam("model", name)
                .get("/leaderboard")
                .then()
                .statusCode(200)
                .body("checkpointId", contains(id(cat), id(dog), id(owl)))
                .body("accuracy", contains(0.5f, 0.3f, 0.2f))
                .body("promoted", contains(true, false, false))
                .body("runId[0]", equalTo(name))
                .body("step[0]", equalTo(3))
                .body("epoch[0]", equalTo(2));
    }

    @Test
    void anAverageIsScoredBesideItsCheckpointAndEitherCanBePromoted() throws Exception {
        topics.publish(Checkpoints.testSplit(name));

        // When the average is better than its checkpoint
        CheckpointPublished raw = announced(1, checkpoints.saying(0, 2, 0));
        CheckpointPublished average = checkpoints.writeAverage(raw, checkpoints.saying(2, 0, 0));
        topics.publish(average);

        // Then
        assertThat(topics.awaitPromotion(average).previous()).isEqualTo(raw.checkpoint());
        assertThat(topics.awaitEvaluation(raw).accuracy()).isEqualTo(0.3);
        EvaluationCompleted evaluation = topics.awaitEvaluation(average);
        assertThat(evaluation.accuracy()).isEqualTo(0.5);
        assertThat(evaluation.step()).isEqualTo(1);
        http(service)
                .queryParam("model", name)
                .get("/leaderboard")
                .then()
                .statusCode(200)
                .body("checkpointId", contains(id(raw) + "-average", id(raw)))
                .body("averaged", contains(true, false))
                .body("promoted", contains(true, false));
        assertThat(service.metric(prometheus(EvaluatorMetrics.ACCURACY))).isEqualTo(0.3);
        assertThat(service.metric(prometheus(EvaluatorMetrics.AVERAGE_ACCURACY)))
                .isEqualTo(0.5);

        // And by hand, each of them
        promote("{\"checkpointId\":\"" + id(raw) + "\"}", 200, null);
        assertThat(topics.awaitPromotion(raw).previous()).isEqualTo(average.checkpoint());
        promote("{\"checkpointId\":\"" + id(average) + "\"}", 200, null);
        assertThat(topics.awaitPromotion(average).cause()).isEqualTo(Cause.MANUAL);

        // And when a checkpoint is better than its average, that one is promoted
        http(service).post("/models/" + name + "/unpin").then().statusCode(200);
        CheckpointPublished better = announced(2, checkpoints.saying(1, 0, 0));
        CheckpointPublished worse = checkpoints.writeAverage(better, checkpoints.saying(0, 0, 2));
        topics.publish(worse);
        topics.awaitEvaluation(worse);
        assertThat(topics.awaitPromotion(better).previous()).isEqualTo(average.checkpoint());
    }

    @Test
    void anAverageThatIsAnnouncedAsNoneIsRefused() throws Exception {
        topics.publish(Checkpoints.testSplit(name));
        CheckpointRef average = checkpoints
                .writeAverage(written(1, name, checkpoints.saying(0, 2, 0)), checkpoints.saying(2, 0, 0))
                .checkpoint();
        CheckpointRef other = new CheckpointRef(
                average.checkpointId(), average.runId(), average.uri(), average.sha256(), average.size());

        topics.publish(Fixtures.announcement(other, name, name, 1));

        ConsumerRecord<String, byte[]> letter = topics.awaitDeadLetter(Topic.CHECKPOINTS, name);
        assertThat(Topics.header(letter, DeadLetters.REASON)).contains("average true, expected false");
    }

    @Test
    void withinARunThatStopsEarlyTheValidationSplitDecidesAndItsResultIsTold() throws Exception {
        topics.publish(Checkpoints.testSplit(name));

        // When the validation split prefers the second, the test split the first and the third
        CheckpointPublished cat = announced(1, checkpoints.saying(2, 0, 0), true);
        topics.awaitPromotion(cat);
        CheckpointPublished dog = announced(2, checkpoints.saying(0, 2, 0), true);
        topics.awaitPromotion(dog);
        CheckpointPublished again = announced(3, checkpoints.saying(2, 0, 0), false);
        topics.awaitEvaluation(again);

        // And the second is announced once more when the run has ended
        topics.publish(dog.asFinal(true));
        await().until(() -> topics.evaluations(id(dog)).size() == 2);

        // Then
        assertThat(topics.evaluations(id(dog)))
                .extracting(EvaluationCompleted::isFinal)
                .containsExactly(false, true);
        assertThat(topics.promotions(name))
                .extracting(ModelPromoted::checkpoint)
                .containsExactly(cat.checkpoint(), dog.checkpoint());
        http(service)
                .queryParam("model", name)
                .get("/leaderboard")
                .then()
                .statusCode(200)
                .body("checkpointId", contains(id(cat), id(again), id(dog)))
                .body("result", contains(false, false, true))
                .body("validation.best", contains(true, false, true))
                .body("promoted", contains(false, false, true));
    }

    private CheckpointPublished announced(long step, List<Tensor> weights, boolean best) throws Exception {
        CheckpointPublished plain = written(step, name, weights);
        CheckpointPublished validated = new CheckpointPublished(
                plain.checkpoint(),
                plain.model(),
                plain.datasetDigest(),
                plain.position(),
                plain.compute(),
                false,
                new Validated((int) step, step, 0.5, 0.5, best, null, null));
        topics.publish(validated);
        return validated;
    }

    @Test
    void aCheckpointThatComesAgainIsNotEvaluatedAgain() throws Exception {
        topics.publish(Checkpoints.testSplit(name));
        CheckpointPublished dog = announced(1, checkpoints.saying(0, 2, 0));
        topics.publish(dog);
        topics.publish(dog);
        topics.awaitPromotion(announced(2, checkpoints.saying(2, 0, 0)));

        assertThat(topics.evaluations(id(dog))).hasSize(1);
        assertThat(topics.promotions(name)).hasSize(2);
    }

    @Test
    void aTruncatedAnAlteredAndAMissingCheckpointAreRefusedAndTheLiveOneStays() throws Exception {
        // Given
        topics.publish(Checkpoints.testSplit(name));
        CheckpointPublished live = announced(1, checkpoints.saying(0, 0, 2));
        topics.awaitPromotion(live);
        double failures = failures();

        // When
        CheckpointPublished truncated = written(2, "truncated", checkpoints.saying(2, 0, 0));
        try (RandomAccessFile file = new RandomAccessFile(file(truncated).toFile(), "rw")) {
            file.setLength(file.length() / 2);
        }
        topics.publish(truncated);
        CheckpointPublished altered = written(3, "altered", checkpoints.saying(2, 0, 0));
        try (RandomAccessFile file = new RandomAccessFile(file(altered).toFile(), "rw")) {
            file.seek(file.length() - 1);
            file.write(77);
        }
        topics.publish(altered);
        CheckpointPublished missing = written(4, "missing", checkpoints.saying(2, 0, 0));
        Files.delete(file(missing));
        topics.publish(missing);
        CheckpointPublished notNumbers = written(5, "notnumbers", checkpoints.saying(Float.NaN, 0, 0));
        topics.publish(notNumbers);

        // Then
        assertThat(reason(truncated)).contains("/step-2-");
        assertThat(reason(altered)).contains("/step-3-").contains("SHA-256");
        assertThat(reason(missing)).contains("/step-4-");
        assertThat(reason(notNumbers)).contains("NaN");
        await().untilAsserted(() -> assertThat(failures()).isEqualTo(failures + 4));
        assertThat(topics.promotions(name)).hasSize(1);
        assertThat(topics.evaluations(id(altered))).isEmpty();
        http(service).get("/models/" + name).then().body("checkpointId", equalTo(id(live)));
        http(service).get("/evaluations/" + id(truncated)).then().statusCode(404);
    }

    @Test
    void aFileThatTheVolumeShowsLateIsEvaluated() throws Exception {
        // Given
        topics.publish(Checkpoints.testSplit(name));
        CheckpointPublished late = written(1, name, checkpoints.saying(2, 0, 0));
        Path hidden = file(late).resolveSibling("hidden");
        Files.move(file(late), hidden);
        topics.publish(late);
        service.awaitLog("Checkpoint cannot be evaluated yet; trying on. runId=" + name);

        // When
        Files.move(hidden, file(late));

        // Then
        assertThat(topics.awaitEvaluation(late).accuracy()).isEqualTo(0.5);
        assertThat(topics.deadLetters(Topic.CHECKPOINTS, name)).isEmpty();
    }

    @Test
    void anIncompletePromotionInTheLogHindersNobody() throws Exception {
        // Given
        topics.publish(Checkpoints.testSplit(name));
        CheckpointPublished dog = announced(1, checkpoints.saying(0, 2, 0));
        topics.awaitPromotion(dog);

        // When
        String incomplete = "{\"model\":\"" + name + "\",\"cause\":\"best\"}";
        topics.publish(Topic.PROMOTIONS, name + "-broken", "id", incomplete.getBytes(UTF_8));
        service.awaitLog("Passed over an event that cannot be read. topic=" + Topic.PROMOTIONS.name());

        // Then
        http(service).get("/leaderboard").then().statusCode(200);
        http(service).get("/models/" + name).then().statusCode(200).body("checkpointId", equalTo(id(dog)));
        CheckpointPublished cat = announced(2, checkpoints.saying(2, 0, 0));
        assertThat(topics.awaitPromotion(cat).previous()).isEqualTo(dog.checkpoint());
    }

    @Test
    void aCheckpointThatIsNotWhatWasAnnouncedIsRefused() throws Exception {
        topics.publish(Checkpoints.testSplit(name));
        CheckpointPublished written = written(1, name, checkpoints.saying(2, 0, 0));

        // When it is announced under another step
        topics.publish(Fixtures.announcement(written.checkpoint(), name, name, 2));

        // Then
        assertThat(reason(written)).contains("step 1, expected 2");
        assertThat(topics.promotions(name)).isEmpty();
    }

    @Test
    void malformedAnnouncementsAreDeadLettersUntouched() throws Exception {
        String incomplete =
                "{\"step\":1,\"epoch\":1,\"samplesSeen\":1,\"trainingLoss\":1,\"offsets\":{},\"final\":true}";
        for (String value : List.of("not json", incomplete, "null")) {
            String key = name + value.length();

            topics.publish(Topic.CHECKPOINTS, key, "id", value.getBytes(UTF_8));

            ConsumerRecord<String, byte[]> letter = topics.awaitDeadLetter(Topic.CHECKPOINTS, key);
            assertThat(new String(letter.value(), UTF_8)).isEqualTo(value);
            assertThat(Topics.header(letter, DeadLetters.REASON)).contains("CheckpointPublished");
            assertThat(Topics.header(letter, "ce_id")).isEqualTo("id");
        }
        assertThat(service.status("/q/health/live")).isEqualTo(200);
    }

    @Test
    void aMalformedTestBatchIsADeadLetterAndItsSoundCopyCounts() throws Exception {
        // Given a split whose second record cannot be read, and which comes again later
        List<ImageBatch> split = Checkpoints.testSplit(name);
        topics.publish(split.subList(0, 1));
        topics.publish(Topic.TEST_BATCHES, name, split.get(1).id().toString(), "garbage".getBytes(UTF_8));
        topics.publish(split.subList(2, 3));

        // When
        CheckpointPublished cat = announced(1, checkpoints.saying(2, 0, 0));

        // Then
        ConsumerRecord<String, byte[]> letter = topics.awaitDeadLetter(Topic.TEST_BATCHES, name);
        assertThat(new String(letter.value(), UTF_8)).isEqualTo("garbage");
        assertThat(Topics.header(letter, DeadLetters.REASON)).contains("safetensors");
        topics.publish(split.subList(0, 2));
        assertThat(topics.awaitEvaluation(cat).samples()).isEqualTo(10);
        assertThat(topics.deadLetters(Topic.TEST_BATCHES, name)).hasSize(1);
    }

    @Test
    void aTestSplitThatStaysIncompleteIsTheReasonOfTheDeadLetter() throws Exception {
        topics.publish(Checkpoints.testSplit(name).subList(0, 2));

        CheckpointPublished cat = announced(1, checkpoints.saying(2, 0, 0));

        assertThat(reason(cat)).contains("2 of 3 batches are there, missing 2");
    }

    @Test
    void promotionAndRollbackByHand() throws Exception {
        // Given
        topics.publish(Checkpoints.testSplit(name));
        CheckpointPublished dog = announced(1, checkpoints.saying(0, 2, 0));
        topics.awaitPromotion(dog);
        rollback(409, "from the start");
        CheckpointPublished cat = announced(2, checkpoints.saying(2, 0, 0));
        topics.awaitPromotion(cat);

        // When
        http(service)
                .post("/models/" + name + "/rollback")
                .then()
                .statusCode(200)
                .body("checkpointId", equalTo(id(dog)))
                .body("previous", equalTo(id(cat)))
                .body("cause", equalTo("rollback"));
        assertThat(topics.awaitPromotion(dog).cause()).isEqualTo(Cause.ROLLBACK);

        // Then a redelivery of what was rolled back from does not undo it
        topics.publish(cat);
        CheckpointPublished owl = announced(3, checkpoints.saying(0, 0, 2));
        topics.awaitEvaluation(owl);
        assertThat(topics.promotions(name)).hasSize(3);

        // And any evaluated one can be promoted
        promote("{\"checkpointId\":\"" + id(owl) + "\"}", 200, null);
        assertThat(topics.awaitPromotion(owl).cause()).isEqualTo(Cause.MANUAL);

        // And stays, whatever is better, until it is unpinned
        CheckpointPublished better = announced(4, checkpoints.saying(2, 0, 0));
        topics.awaitEvaluation(better);
        http(service)
                .queryParam("model", name)
                .get("/leaderboard")
                .then()
                .body("find { it.promoted }.pinned", equalTo(true))
                .body("find { it.step == 4 }.pinned", equalTo(false))
                .body("find { it.step == 4 }.objection", containsString("is pinned"));
        http(service)
                .post("/models/" + name + "/unpin")
                .then()
                .statusCode(200)
                .body("checkpointId", equalTo(id(better)))
                .body("pinned", equalTo(false));
        topics.awaitPromotion(better);
        promote("{\"checkpointId\":\"" + id(owl) + "\"}", 200, null);
        topics.awaitPromotion(owl);

        // But nothing else
        promote("{\"checkpointId\":\"nobody\"}", 404, "nobody");
        promote("{}", 422, "checkpointId");
        http(service)
                .contentType(JSON)
                .body("{}")
                .post("/models/" + name + "/promote")
                .then()
                .body("title", equalTo("Unprocessable Content"));
        promote("", 400, "checkpointId");
        promote("{\"checkpointId\":", 400, "");
        promote("[1]", 400, "checkpointId");
        promote("{\"checkpointId\":7}", 422, "a string");
        promote("{\"checkpointId\":\"" + id(cat) + "\",\"pin\":false}", 422, "pin");
        promote("{\"checkpointId\":\"" + id(cat) + "\"} and more", 400, "not valid JSON");
        // Neither the best, nor the newest, nor what a rollback goes back to
        await().until(() -> !Files.exists(file(dog)));
        promote("{\"checkpointId\":\"" + id(dog) + "\"}", 409, "/step-1-");

        // And one can be asked beside what is served
        shadow("{\"checkpointId\":\"" + id(better) + "\"}", 200, null)
                .body("checkpointId", equalTo(id(owl)))
                .body("shadow", equalTo(id(better)))
                .body("pinned", equalTo(true));
        shadow("{\"checkpointId\":\"" + id(owl) + "\"}", 409, "is what is promoted");
        shadow("{\"checkpointId\":\"nobody\"}", 404, "nobody");
        shadow("{\"version\":\"nobody\"}", 422, "checkpointId is missing");
        shadow("{\"checkpointId\":\"" + id(better) + "\",\"pin\":true}", 422, "pin");
        shadow("", 400, "checkpointId");
        http(service)
                .delete("/models/" + name + "/shadow")
                .then()
                .statusCode(200)
                .body("shadow", nullValue());

        // And a model can be forgotten
        http(service).delete("/models/" + name).then().statusCode(204);
        http(service).delete("/models/" + name + "/shadow").then().statusCode(404);
        http(service).get("/models/" + name).then().statusCode(404);
        http(service).delete("/models/" + name).then().statusCode(404);
        rollback(404, "nothing is promoted");
    }

    @Test
    void retentionKeepsTheBestTheNewestAndWhatIsPromoted() throws Exception {
        // Given five checkpoints, the first by far the best, the others ever worse
        topics.publish(Checkpoints.testSplit(name));
        CheckpointPublished[] all = new CheckpointPublished[5];
        all[0] = announced(1, checkpoints.saying(2, 0, 0));
        for (int k = 1; k < all.length; k++) {
            all[k] = announced(k + 1, checkpoints.saying(0, 0, k));
        }
        topics.awaitEvaluation(all[4]);

        // Then the best two stay, and the newest two
        awaitStored(1L, 2L, 4L, 5L);

        // And when a bad one is promoted by hand, it stays, as does the one before
        promote("{\"checkpointId\":\"" + id(all[3]) + "\"}", 200, null);
        announced(6, checkpoints.saying(0, 0, 6));
        topics.awaitEvaluation(announced(7, checkpoints.saying(0, 0, 7)));
        awaitStored(1L, 2L, 4L, 6L, 7L);
        promote("{\"checkpointId\":\"" + id(all[4]) + "\"}", 409, "/step-5-");
    }

    private void awaitStored(Long... steps) {
        await().untilAsserted(() -> assertThat(checkpoints.store.list(name))
                .extracting(StoredCheckpoint::step)
                .containsExactly(steps));
    }

    @Test
    void theMetersShowTheLatestEvaluation() throws Exception {
        topics.publish(Checkpoints.testSplit(name));
        topics.awaitPromotion(announced(1, checkpoints.saying(2, 0, 0)));
        topics.awaitEvaluation(announced(2, checkpoints.saying(0, 2, 0)));

        await().untilAsserted(() -> {
            assertThat(service.metric(prometheus(EvaluatorMetrics.ACCURACY))).isEqualTo(0.3);
            assertThat(service.metric(prometheus(EvaluatorMetrics.BEST_ACCURACY)))
                    .isEqualTo(0.5);
            assertThat(service.metric(prometheus(EvaluatorMetrics.LOSS))).isGreaterThan(0);
            assertThat(service.metric(prometheus(EvaluatorMetrics.CLASS_RECALL) + "{class=\"dog\"}"))
                    .isEqualTo(1);
            assertThat(service.metric(prometheus(EvaluatorMetrics.CLASS_RECALL) + "{class=\"cat\"}"))
                    .isZero();
            assertThat(service.metric(prometheus(EvaluatorMetrics.EVALUATIONS) + "_total{outcome=\"success\"}"))
                    .isGreaterThanOrEqualTo(2);
            assertThat(service.metric(prometheus(EvaluatorMetrics.DURATION) + "_seconds_count"))
                    .isGreaterThanOrEqualTo(2);
            assertThat(service.metric(prometheus(EvaluatorMetrics.DURATION) + "_seconds_bucket{le=\"+Inf\"}"))
                    .isGreaterThanOrEqualTo(2);
        });
    }

    @Test
    void whatIsUnknownIsAProblem() {
        for (String path :
                List.of("/evaluations/nobody", "/evaluations/nobody/misclassified", "/models/nobody", "/no")) {
            http(service)
                    .get(path)
                    .then()
                    .statusCode(404)
                    .contentType("application/problem+json")
                    .body("status", equalTo(404))
                    .body("title", equalTo("Not Found"))
                    .body("type", equalTo("about:blank"))
                    .header("Allow", nullValue());
        }
        http(service).post("/leaderboard").then().statusCode(405).contentType("application/problem+json");
        http(service).queryParam("model", "nobody").get("/leaderboard").then().body("", hasSize(0));
        http(service).post("/models/nobody/rollback").then().statusCode(404);
    }

    @Test
    void aBodyBeyondTheLimitIsAProblem() {
        problem(
                http(service)
                        .contentType(JSON)
                        .body(new byte[11 << 20])
                        .post("/models/nobody/promote")
                        .then(),
                413,
                "the body has 11534336 bytes, more than the 10485760 that are taken");
    }

    @Test
    void aRunThatIsRemovedLeavesWhatIsPromotedAndNoMore() throws Exception {
        // Given a run of which one checkpoint is promoted
        topics.publish(Checkpoints.testSplit(name));
        RunSpec run = Fixtures.run("removed", 0);
        CheckpointPublished cat = of(run, 1, checkpoints.saying(2, 0, 0));
        topics.publish(cat);
        topics.awaitPromotion(cat);
        CheckpointPublished dog = of(run, 2, checkpoints.saying(0, 2, 0));
        topics.publish(dog);
        topics.awaitEvaluation(dog);

        // When it is removed all the same, and its trainer does not know yet
        topics.publish(Topic.RUNS, run.runId(), run.incarnation(), EventCodec.encode(run.asRemoved()));
        await().until(() -> topics.isWithdrawn(id(dog)));
        CheckpointPublished late = of(run, 3, checkpoints.saying(2, 0, 0));
        topics.publish(late);

        // Then
        await().until(() -> !Files.exists(file(late)));
        assertThat(file(dog)).doesNotExist();
        assertThat(file(cat)).exists();
        http(service).queryParam("model", name).get("/leaderboard").then().body("checkpointId", contains(id(cat)));
        assertThat(topics.evaluations(id(late))).isEmpty();
        promote("{\"checkpointId\":\"" + id(dog) + "\"}", 404, "no checkpoint");

        // And when it is promoted no more
        http(service).delete("/models/" + name).then().statusCode(204);
        await().until(() -> !Files.exists(file(cat).getParent()));
        await().until(() -> topics.isWithdrawn(id(cat)));
        http(service).queryParam("model", name).get("/leaderboard").then().body("", hasSize(0));
    }

    private CheckpointPublished of(RunSpec run, long step, List<Tensor> weights) throws Exception {
        return checkpoints.write(name, name, run.runId(), run.incarnation(), step, weights);
    }

    private CheckpointPublished announced(long step, List<Tensor> weights) throws Exception {
        CheckpointPublished checkpoint = written(step, name, weights);
        topics.publish(checkpoint);
        return checkpoint;
    }

    private CheckpointPublished written(long step, String runId, List<Tensor> weights) throws Exception {
        return checkpoints.write(name, name, runId, step, weights);
    }

    private static String id(CheckpointPublished checkpoint) {
        return checkpoint.checkpoint().checkpointId();
    }

    private static Path file(CheckpointPublished checkpoint) {
        return checkpoints.directory.resolve(checkpoint.checkpoint().uri());
    }

    private static String reason(CheckpointPublished checkpoint) {
        CheckpointRef ref = checkpoint.checkpoint();
        return Topics.header(topics.awaitDeadLetter(Topic.CHECKPOINTS, ref.runId()), DeadLetters.REASON);
    }

    private void promote(String body, int status, String detail) {
        problem(
                http(service)
                        .contentType(JSON)
                        .body(body)
                        .post("/models/" + name + "/promote")
                        .then(),
                status,
                detail);
    }

    private ValidatableResponse shadow(String body, int status, String detail) {
        ValidatableResponse answer = http(service)
                .contentType(JSON)
                .body(body)
                .post("/models/" + name + "/shadow")
                .then();
        if (detail == null) {
            return answer.statusCode(status);
        }
        problem(answer, status, detail);
        return answer;
    }

    private void rollback(int status, String detail) {
        problem(http(service).post("/models/" + name + "/rollback").then(), status, detail);
    }

    private static void problem(ValidatableResponse response, int status, String detail) {
        response.statusCode(status);
        if (detail != null) {
            response.contentType("application/problem+json")
                    .body("status", equalTo(status))
                    .body("detail", containsString(detail));
        }
    }

    private static double failures() {
        return service.metric(prometheus(EvaluatorMetrics.EVALUATIONS) + "_total{outcome=\"failure\"}");
    }

    private static String prometheus(String meter) {
        return meter.replace('.', '_');
    }
}
