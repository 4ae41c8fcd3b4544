// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static io.millrace.dataset.DatasetProcess.awaitPublished;
import static io.millrace.dataset.DatasetProcess.startRun;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.contracts.Topic;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MalformedEventException;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.kafka.KafkaConnection;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs are stopped, resumed, extended and removed over HTTP. */
class RunLifeIT {
    private static final String ORDER = """
            {"dataset":"strokes","strokes":{"trainSamples":160,"testSamples":20},"recipe":{"epochs":2,"batchSize":16}}""";
    private static final String LONG = ORDER.replace("\"epochs\":2", "\"epochs\":100000");

    private static TestBroker broker;
    private static ServiceProcess service;
    private static PublishedBatches published;
    private static Voice trainer;

    @BeforeAll
    static void start() {
        broker = TestBroker.start();
        service = start(broker).awaitReady();
        published = new PublishedBatches(broker.bootstrapServers());
        trainer = new Voice(broker.bootstrapServers());
    }

    private static ServiceProcess start(TestBroker broker) {
        return DatasetProcess.start(
                broker.bootstrapServers(),
                Map.of("millrace.dataset.max-ahead-epochs", "1000000", "millrace.dataset.keep-runs", "1"));
    }

    @AfterAll
    static void stop() {
        service.close();
        broker.close();
    }

    @Test
    void nothingIsPublishedForAStoppedRunUntilItIsResumed() {
        String runId = startRun(service, LONG);
        await().until(() -> batches(runId) > 0);

        assertThat(answered(post(runId, "stop"), 200).path("state").asText()).isEqualTo("stopped");
        assertThat(answered(post(runId, "stop"), 200).path("state").asText()).isEqualTo("stopped");
        awaitPublished(service, startRun(service, ORDER));
        assertThat(records(runId)).as("said twice, written once").hasSize(2);
        service.awaitLog("Publishing stopped: the run is stopped or removed, or has ended. runId=" + runId);
        long before = batches(runId);
        awaitPublished(service, startRun(service, ORDER));
        assertThat(batches(runId)).isEqualTo(before);

        assertThat(answered(post(runId, "resume"), 200).path("state").asText()).isEqualTo("publishing");
        answered(post(runId, "resume"), 200);
        assertThat(records(runId)).hasSize(3);
        await().until(() -> batches(runId) > before);
        answered(post(runId, "stop"), 200);
    }

    @Test
    void aRunIsExtendedInTheSameLogWhateverItsState() {
        String runId = startRun(service, ORDER);
        awaitPublished(service, runId);
        RunSpec run = DatasetProcess.run(service, runId);
        trainer.state(runId, State.RUNNING, null);
        awaitState(runId, "running");

        JsonNode extended = answered(extend(runId, "{\"epochs\":1,\"beyond\":2}"), 200);
        answered(extend(runId, "{\"epochs\":1,\"beyond\":2}"), 200);
        assertThat(extended.path("totalBatches").asLong()).isEqualTo(30);
        assertThat(records(runId)).as("said twice, written once").hasSize(2);
        await().until(() -> batches(runId) == 30);

        HttpResponse<String> otherwise = extend(runId, "{\"epochs\":2,\"beyond\":2}");
        assertThat(answered(otherwise, 409).path("detail").asText())
                .isEqualTo("the run \"" + runId + "\" has 3 epochs, not 2");
        answered(extend(runId, "{\"epochs\":2}"), 200);
        await().until(() -> batches(runId) == 50);
        assertThat(published.steps(run, 0))
                .containsExactlyElementsOf(LongStream.range(0, 50).boxed().toList());
        assertThat(DatasetProcess.run(service, runId).incarnation()).isEqualTo(run.incarnation());
    }

    @Test
    void aRunThatEndedLongAgoIsNotExtended() {
        String runId = startRun(service, ORDER);
        awaitPublished(service, runId);
        trainer.checkpoint(DatasetProcess.run(service, runId), 20);
        trainer.state(runId, State.FINISHED, null);
        awaitState(runId, "finished");
        String later = startRun(service, ORDER);
        trainer.state(later, State.FINISHED, null);
        awaitState(later, "finished");

        await().untilAsserted(() -> refused(
                extend(runId, "{\"epochs\":1}"),
                "ended before the last 1 (millrace.dataset.keep-runs)",
                "./millrace status lists"));
        assertThat(records(runId)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"epochs\":0}", "{\"epochs\":-1}", "{}", "{\"epochs\":1.5}", "{\"epoch\":1}", "[]", "1"})
    void anExtensionByNothingIsRefused(String body) {
        String runId = startRun(service, ORDER);

        HttpResponse<String> refused = extend(runId, body);

        assertThat(refused.statusCode()).as(refused.body()).isBetween(400, 422);
        assertThat(refused.body()).contains("remedy").containsAnyOf("epochs", "JSON object");
        assertThat(records(runId)).hasSize(1);
    }

    @Test
    void whatMakesNoSenseIsRefusedWithTheRemedy() {
        String runId = startRun(service, ORDER);
        RunSpec run = DatasetProcess.run(service, runId);
        awaitPublished(service, runId);
        refused(post(runId, "resume"), "was not stopped, it is published", "resume a run that is stopped");

        trainer.state(runId, State.RUNNING, null);
        awaitState(runId, "running");
        refused(service.delete("/runs/" + runId), "is running", "stop it first: ./millrace stop " + runId);
        answered(post(runId, "stop"), 200);
        HttpResponse<String> leaving = service.delete("/runs/" + runId);
        assertThat(answered(leaving, 503).path("detail").asText()).contains("the trainer is leaving the run");
        assertThat(leaving.headers().firstValue("Retry-After")).isPresent();

        trainer.checkpoint(run, 3);
        trainer.state(runId, State.FAILED, "loss is not finite");
        awaitState(runId, "failed");
        String from = "a checkpoint of this one that ./millrace status lists: ./millrace start --from CHECKPOINT";
        await().untilAsserted(() -> refused(extend(runId, "{\"epochs\":1}"), "failed: it cannot be extended", from));
        refused(post(runId, "resume"), "was not stopped, it is failed", from);
        refused(post(runId, "stop"), "is failed: there is nothing to stop", "remove it");
        for (String what : List.of("stop", "resume")) {
            assertThat(answered(post("nope", what), 404).path("detail").asText())
                    .startsWith("there is no run \"nope\"; ")
                    .contains(runId);
        }
        assertThat(answered(extend("nope", "{\"epochs\":1}"), 404)
                        .path("detail")
                        .asText())
                .contains(runId);
    }

    @Test
    void aRunWhoseCheckpointIsServedOrStartedFromIsNotRemoved() {
        String runId = startRun(service, ORDER);
        awaitPublished(service, runId);
        RunSpec run = DatasetProcess.run(service, runId);
        trainer.checkpoint(run, 5);
        trainer.promoted("digits", run, 5);
        trainer.state(runId, State.FINISHED, null);
        awaitState(runId, "finished");
        await().untilAsserted(() -> refused(
                service.delete("/runs/" + runId),
                "has the checkpoint that the model digits is served from, " + run.incarnation() + "-step-5",
                "or delete the model (DELETE evaluator:/models/digits)"));

        trainer.say(Topic.PROMOTIONS, "digits", null);
        String next = startRun(
                service, ORDER.replace("\"recipe\"", "\"weights\":\"" + run.incarnation() + "-step-5\",\"recipe\""));
        await().untilAsserted(() -> refused(
                service.delete("/runs/" + runId),
                "has the checkpoint that the run \"" + next + "\" is about to start from",
                "or remove it first: ./millrace rm " + next));
        answered(post(next, "stop"), 200);
        refused(
                service.delete("/runs/" + runId),
                "has the checkpoint that the run \"" + next + "\"",
                "./millrace rm " + next);
        assertThat(service.delete("/runs/" + next).statusCode()).isEqualTo(204);
        assertThat(service.delete("/runs/" + runId).statusCode()).isEqualTo(204);
    }

    @Test
    void aCheckpointThatWasRemovedOrNeverWasIsNotStartedFrom() {
        String runId = startRun(service, ORDER);
        awaitPublished(service, runId);
        RunSpec run = DatasetProcess.run(service, runId);
        trainer.checkpoint(run, 5);
        String order = ORDER.replace("\"recipe\"", "\"weights\":\"%s\",\"recipe\"");
        await().untilAsserted(() -> assertThat(
                        answered(service.post("/runs", order.formatted(run.incarnation() + "-step-6")), 422)
                                .path("detail")
                                .asText())
                .contains("a checkpoint that there is: one that ./millrace status lists"));
        assertThat(answered(service.post("/runs", order.formatted("never-was-step-6")), 422)
                        .path("detail")
                        .asText())
                .contains("a checkpoint that there is: one that ./millrace status lists");

        service.delete("/runs/" + runId);
        assertThat(answered(service.post("/runs", order.formatted(run.incarnation() + "-step-5")), 422)
                        .path("detail")
                        .asText())
                .contains("the run of this one was removed");
    }

    /** The process is killed right after the word: another one finds it. */
    @Test
    void aRemovedRunLeavesNothingInKafkaAndItsNameCanBeUsedAgain() {
        String runId = startRun(service, ORDER);
        awaitPublished(service, runId);
        RunSpec run = DatasetProcess.run(service, runId);
        RunSpec other = DatasetProcess.run(service, startRun(service, ORDER));
        LongStream.rangeClosed(1, 20).forEach(step -> trainer.point(run, step));
        trainer.point(other, 1);
        trainer.state(runId, State.FINISHED, null);
        awaitState(runId, "finished");

        assertThat(service.delete("/runs/" + runId).statusCode()).isEqualTo(204);
        service.kill();
        service = start(broker).awaitReady();

        await().until(() -> left(Topic.RUN_STATUS, runId).isEmpty());
        assertThat(left(Topic.METRICS, run.incarnation() + "/")).isEmpty();
        assertThat(left(Topic.METRICS, other.incarnation() + "/")).hasSize(1);
        await().until(() -> !topics().contains(Topic.batches(run.incarnation()).name()));
        assertThat(service.status("/runs/" + runId)).isEqualTo(404);
        List<RunSpec> word = records(runId);
        assertThat(word.get(word.size() - 1).removedIncarnations()).containsExactly(run.incarnation());

        startRun(service, ORDER.replace("\"recipe\"", "\"runId\":\"" + runId + "\",\"recipe\""));
        RunSpec again = DatasetProcess.run(service, runId);
        assertThat(again.removed()).isFalse();
        assertThat(again.removedIncarnations()).containsExactly(run.incarnation());
        awaitPublished(service, runId);
    }

    private static HttpResponse<String> post(String runId, String what) {
        return service.post("/runs/" + runId + "/" + what, "");
    }

    private static HttpResponse<String> extend(String runId, String body) {
        return service.post("/runs/" + runId + "/extend", body);
    }

    private static JsonNode answered(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return ServiceProcess.json(response);
    }

    private static void refused(HttpResponse<String> response, String why, String remedy) {
        JsonNode problem = answered(response, 409);
        assertThat(problem.path("detail").asText()).contains(why);
        assertThat(problem.path("remedy").asText()).contains(remedy);
    }

    private static void awaitState(String runId, String state) {
        await().untilAsserted(() -> assertThat(
                        service.json("/runs/" + runId).path("state").asText())
                .isEqualTo(state));
    }

    private static long batches(String runId) {
        return service.json("/runs/" + runId).path("publishedBatches").asLong();
    }

    /** What was written of a run, in its order. */
    private static List<RunSpec> records(String runId) {
        return published.read(Topic.RUNS, 0).stream()
                .filter(record -> record.key().equals(runId))
                .map(RunLifeIT::spec)
                .toList();
    }

    private static RunSpec spec(ConsumerRecord<String, byte[]> record) {
        try {
            return EventCodec.decode(record.value(), RunSpec.class);
        } catch (MalformedEventException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The keys of a table that begin so and stand for something. */
    private static Set<String> left(Topic table, String prefix) {
        Set<String> keys = new HashSet<>();
        for (ConsumerRecord<String, byte[]> record : published.read(table, 0)) {
            if (record.key().startsWith(prefix) && record.value() != null) {
                keys.add(record.key());
            } else {
                keys.remove(record.key());
            }
        }
        return keys;
    }

    private static Set<String> topics() throws Exception {
        try (Admin admin = KafkaConnection.of(broker.bootstrapServers()).admin("test")) {
            return admin.listTopics().names().get();
        }
    }
}
