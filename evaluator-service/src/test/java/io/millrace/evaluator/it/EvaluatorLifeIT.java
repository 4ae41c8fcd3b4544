// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.it;

import static io.millrace.evaluator.it.EvaluatorProcess.http;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import io.millrace.test.Wire;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the packaged service starts, dies and starts again. */
class EvaluatorLifeIT {
    /** Networks of these tests always give one answer. */
    private static final Map<String, String> FLOORLESS = Map.of("millrace.evaluator.floor", "0");

    @TempDir
    static Path directory;

    private static TestBroker broker;
    private static Topics topics;

    @BeforeAll
    static void start() {
        broker = TestBroker.start();
        topics = new Topics(broker.bootstrapServers());
    }

    @AfterAll
    static void stop() {
        topics.close();
        broker.close();
    }

    @Test
    void whatWasKnownBeforeASigkillIsKnownAfterIt() throws Exception {
        // Given a service that has promoted a checkpoint, and was rolled back to the one before
        String name = "killed";
        Checkpoints checkpoints = new Checkpoints(directory.resolve("store"));
        topics.publish(Checkpoints.testSplit(name));
        CheckpointPublished dog = checkpoints.write(name, name, name, 1, checkpoints.saying(0, 2, 0));
        CheckpointPublished cat = checkpoints.write(name, name, name, 2, checkpoints.saying(2, 0, 0));
        CheckpointPublished owl = checkpoints.write(name, name, name, 3, checkpoints.saying(0, 0, 2));
        ServiceProcess first = EvaluatorProcess.start(broker.bootstrapServers(), directory, FLOORLESS);
        first.awaitReady();
        topics.publish(dog);
        topics.publish(cat);
        topics.awaitPromotion(cat);
        http(first).post("/models/" + name + "/rollback").then().statusCode(200);

        // When it is killed, and checkpoints come meanwhile: one for the second time, and a new one
        first.kill();
        topics.publish(cat);
        topics.publish(owl);
        try (ServiceProcess second = EvaluatorProcess.start(broker.bootstrapServers(), directory, FLOORLESS)) {
            second.awaitReady();
            topics.awaitEvaluation(owl);

            // Then
            http(second)
                    .queryParam("model", name)
                    .get("/leaderboard")
                    .then()
                    .body("checkpointId", contains("killed-step-2", "killed-step-1", "killed-step-3"))
                    .body("promoted", contains(false, true, false));
            http(second).get("/evaluations/killed-step-2").then().body("accuracy", equalTo(0.5f));
            // What the first one remembered of it, the second finds again, as long as there are weights
            http(second)
                    .get("/evaluations/killed-step-2/misclassified")
                    .then()
                    .statusCode(200)
                    .body("mistakes.index", contains(2, 4, 6, 8, 9));
            Files.delete(directory.resolve("store").resolve(dog.checkpoint().uri()));
            http(second)
                    .get("/evaluations/killed-step-1/misclassified")
                    .then()
                    .statusCode(410)
                    .contentType("application/problem+json")
                    .body("detail", containsString("its weights cannot be asked again"));
            assertThat(topics.evaluations("killed-step-2")).hasSize(1);
            assertThat(topics.promotions(name))
                    .extracting(ModelPromoted::checkpoint)
                    .containsExactly(dog.checkpoint(), cat.checkpoint(), dog.checkpoint());
        }
    }

    /** With fewer records than before, and with more; the group's place in the old topic says nothing about the new one. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void whenTheTopicOfCheckpointsIsMadeAnewWhatHasNoEvaluationIsEvaluated(int count) throws Exception {
        // Given a service on a broker of its own that has evaluated three checkpoints
        String name = "anew-" + count;
        try (TestBroker own = TestBroker.start();
                Topics ofOwn = new Topics(own.bootstrapServers());
                ServiceProcess service =
                        EvaluatorProcess.start(own.bootstrapServers(), directory.resolve(name), FLOORLESS)) {
            Checkpoints checkpoints = new Checkpoints(directory.resolve(name).resolve("store"));
            service.awaitReady();
            ofOwn.publish(Checkpoints.testSplit(name));
            CheckpointPublished known = checkpoints.write(name, name, name, 1, checkpoints.saying(2, 0, 0));
            for (int k = 0; k < 3; k++) {
                ofOwn.publish(known);
            }
            ofOwn.awaitEvaluation(known);

            // When
            ofOwn.makeAnew(Topic.CHECKPOINTS);
            List<CheckpointPublished> announced = new ArrayList<>();
            for (int step = 2; step < 2 + count; step++) {
                announced.add(checkpoints.write(name, name, name, step, checkpoints.saying(0, step, 0)));
                ofOwn.publish(announced.get(announced.size() - 1));
            }
            ofOwn.publish(known);

            // Then
            announced.forEach(ofOwn::awaitEvaluation);
            assertThat(ofOwn.evaluations(known.checkpoint().checkpointId())).hasSize(1);
        }
    }

    @Test
    void whenWhatWasEvaluatedIsLostItIsEvaluatedAgainAndNothingOldIsShown() throws Exception {
        String name = "lost";
        try (TestBroker own = TestBroker.start();
                Topics ofOwn = new Topics(own.bootstrapServers());
                ServiceProcess service =
                        EvaluatorProcess.start(own.bootstrapServers(), directory.resolve(name), FLOORLESS)) {
            Checkpoints checkpoints = new Checkpoints(directory.resolve(name).resolve("store"));
            service.awaitReady();
            ofOwn.publish(Checkpoints.testSplit(name));
            CheckpointPublished cat = checkpoints.write(name, name, name, 1, checkpoints.saying(2, 0, 0));
            ofOwn.publish(cat);
            ofOwn.awaitPromotion(cat);

            // When both logs are lost
            ofOwn.makeAnew(Topic.EVALUATIONS);
            ofOwn.makeAnew(Topic.PROMOTIONS);

            // Then
            ofOwn.awaitEvaluation(cat);
            ofOwn.awaitPromotion(cat);
            await().untilAsserted(() ->
                    http(service).get("/leaderboard").then().body("checkpointId", contains("lost-step-1")));
            http(service).get("/models/" + name).then().body("checkpointId", equalTo("lost-step-1"));
        }
    }

    /** Neither a temporary folder that cannot be written nor a store that cannot be read says anything about a checkpoint. */
    @Test
    void aMachineThatIsNotFitForItIsNoFaultOfTheCheckpoint() throws Exception {
        String name = "unfit";
        Checkpoints checkpoints = new Checkpoints(directory.resolve(name).resolve("store"));
        Path temporary = directory.resolve(name).resolve("tmp");
        topics.publish(Checkpoints.testSplit(name));
        try (ServiceProcess service = ServiceProcess.start(
                broker.bootstrapServers(),
                Map.of("millrace.evaluator.checkpoint-timeout", "1s"),
                "-Dmillrace.checkpoints.uri=file:" + checkpoints.directory,
                "-Djava.io.tmpdir=" + Files.createDirectories(temporary))) {
            service.awaitReady();
            CheckpointPublished first = checkpoints.write(name, name, name, 1, checkpoints.saying(2, 0, 0));
            topics.publish(first);
            topics.awaitEvaluation(first);

            // When the folder is gone
            Path aside = Files.move(temporary, temporary.resolveSibling("aside"));
            CheckpointPublished second = checkpoints.write(name, name, name, 2, checkpoints.saying(0, 2, 0));
            topics.publish(second);
            service.awaitLog("Checkpoint cannot be evaluated yet; trying on. runId=unfit");
            // Longer than a file may be missing.
            await().during(Duration.ofSeconds(3))
                    .until(() -> topics.deadLetters(Topic.CHECKPOINTS, name).isEmpty());
            Files.move(aside, temporary);

            // Then
            topics.awaitEvaluation(second);
            assertThat(topics.deadLetters(Topic.CHECKPOINTS, name)).isEmpty();
            assertThat(service.log().lines().filter(line -> line.contains("cannot be evaluated yet")))
                    .hasSize(1);
        }
    }

    @Test
    void withoutABrokerItLivesIsNotReadySaysSoOnceAndGoesOnWhenThereIsOne() {
        try (Wire wire = new Wire();
                ServiceProcess service = EvaluatorProcess.start(wire.address(), directory, FLOORLESS)) {
            // When
            service.awaitStatus("/q/health/ready", 503);
            service.awaitLog("Kafka does not answer");

            // Then
            assertThat(service.status("/q/health/live")).isEqualTo(200);
            assertThat(service.get("/q/health/ready").body()).contains("Kafka does not answer; retrying until it does");
            http(service)
                    .post("/models/any/rollback")
                    .then()
                    .statusCode(503)
                    .contentType("application/problem+json")
                    .header("Retry-After", "5");
            // What a page of somebody else can send from a user's browser
            http(service)
                    .header("Origin", "https://evil.example")
                    .contentType("text/plain")
                    .post("/models/any/rollback")
                    .then()
                    .statusCode(403)
                    .contentType("application/problem+json");
            http(service)
                    .header("Host", "evil.example")
                    .post("/models/any/rollback")
                    .then()
                    .statusCode(421);

            // And when there is one
            wire.mend(broker.bootstrapServers());
            service.awaitReady();
            http(service).get("/leaderboard").then().statusCode(200);
            assertThat(Pattern.compile("WARN|ERROR").matcher(service.log()).results())
                    .as(service.log())
                    .hasSize(1);
        }
    }

    @Test
    void aBrokerWhoseNameCannotBeResolvedIsWaitedForAndToldOnce() {
        try (ServiceProcess service = EvaluatorProcess.start("broker.invalid:9092", directory, FLOORLESS)) {
            service.awaitStatus("/q/health/ready", 503);
            service.awaitLog("Kafka does not answer");
            // Long enough for a second attempt of everything that tries again.
            await().during(Duration.ofSeconds(5))
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> service.status("/q/health/live") == 200);

            http(service).post("/models/any/rollback").then().statusCode(503);
            assertThat(service.log().lines().filter(line -> line.contains("WARN") || line.contains("ERROR")))
                    .singleElement()
                    .satisfies(line -> assertThat(line).contains("Kafka does not answer", "broker.invalid:9092"));
        }
    }

    @Test
    void aWrongSettingEndsTheStartNamingKeyAndValue() {
        try (ServiceProcess service = EvaluatorProcess.start(
                broker.bootstrapServers(), directory, Map.of("millrace.evaluator.keep-best", "0"))) {
            assertThat(service.awaitExit()).isNotZero();
            assertThat(service.log()).contains("millrace.evaluator.keep-best is 0; it must be at least 1");
        }
        try (ServiceProcess service = EvaluatorProcess.start(
                broker.bootstrapServers(), directory, Map.of("millrace.evaluator.floor", "99 %"))) {
            assertThat(service.awaitExit()).isNotZero();
            assertThat(service.log())
                    .contains("millrace.evaluator.floor", "\"auto\" or an accuracy from 0 to 1, not \"99 %\"");
        }
    }
}
