// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static io.millrace.dataset.DatasetProcess.awaitPublished;
import static io.millrace.dataset.DatasetProcess.startRun;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.kafka.CloudEventHeaders;
import io.millrace.kafka.KafkaConnection;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs from order to log, with one service on a real broker. */
class RunsIT {
    private static final String ORDER = """
            {"dataset":"strokes","strokes":{"trainSamples":260,"testSamples":1040},"recipe":{"epochs":3,"batchSize":16,"augmentation":{"shift":2}}}""";

    private static TestBroker broker;
    private static ServiceProcess service;
    private static PublishedBatches published;

    @BeforeAll
    static void start() {
        broker = TestBroker.start();
        service = DatasetProcess.start(
                        broker.bootstrapServers(),
                        Map.of(
                                "millrace.dataset.strokes.train-samples", "500",
                                "millrace.dataset.max-ahead-epochs", "1000000"))
                .awaitReady();
        published = new PublishedBatches(broker.bootstrapServers());
    }

    @AfterAll
    static void stop() {
        service.close();
        broker.close();
    }

    @Test
    void aRunIsPublishedInOrderWithAllItsHeaders() {
        // When
        String runId = startRun(service, ORDER.replace("\"recipe\"", "\"shards\":2,\"seed\":7,\"recipe\""));
        awaitPublished(service, runId);
        RunSpec run = DatasetProcess.run(service, runId);

        // Then
        for (int shard = 0; shard < 2; shard++) {
            int partition = shard;
            List<ConsumerRecord<String, byte[]>> records = published.read(Topic.batches(run.incarnation()), shard);
            assertThat(records)
                    .extracting(record -> header(record, CloudEvent.ID))
                    .containsExactlyElementsOf(IntStream.range(0, 3 * 8)
                            .mapToObj(step -> new BatchId(run.incarnation(), Split.TRAIN, step / 8, step % 8, partition)
                                    .toString())
                            .toList());
            assertThat(records).allSatisfy(record -> {
                assertThat(header(record, CloudEvent.TYPE)).isEqualTo("io.millrace.batch.published.v1");
                assertThat(header(record, CloudEvent.SOURCE)).isEqualTo("/dataset-service");
                assertThat(header(record, CloudEvent.CONTENT_TYPE)).isEqualTo("application/vnd.safetensors");
                assertThat(record.key()).isEqualTo(run.incarnation());
                ImageBatch batch = PublishedBatches.decode(record);
                assertThat(batch.id().toString()).isEqualTo(header(record, CloudEvent.ID));
                assertThat(batch.size()).isEqualTo(16);
                assertThat(batch.batchesPerEpoch()).isEqualTo(8);
            });
        }
    }

    @Test
    void theTestSplitIsPublishedOnceHoweverManyRunsUseIt() {
        // When
        String first = startRun(service, ORDER);
        String second = startRun(service, ORDER);
        awaitPublished(service, first);
        awaitPublished(service, second);

        // Then
        String digest =
                service.json("/runs/" + first).at("/spec/dataset/digest").asText();
        List<ImageBatch> test = published.read(Topic.TEST_BATCHES, 0, digest);
        assertThat(test).extracting(batch -> batch.id().index()).containsExactly(0, 1, 2);
        assertThat(test).extracting(ImageBatch::size).containsExactly(500, 500, 40);
        assertThat(test).extracting(ImageBatch::batchesPerEpoch).containsOnly(3);
    }

    @Test
    void aRunIsAnnouncedBeforeItsBatchesAndShownWithItsProgress() throws Exception {
        // When
        HttpResponse<String> created =
                service.post("/runs", ORDER.replace("\"recipe\"", "\"model\":\"digits\",\"recipe\""));

        // Then
        assertThat(created.statusCode()).isEqualTo(201);
        String runId = ServiceProcess.json(created).path("runId").asText();
        assertThat(created.headers().firstValue("Location"))
                .hasValueSatisfying(location -> assertThat(location).endsWith("/runs/" + runId));
        assertThat(runId).matches("strokes-\\d{8}-\\d{6}-[0-9a-f]{4}");
        assertThat(ServiceProcess.json(created).path("notes")).isEmpty();
        List<ConsumerRecord<String, byte[]>> announced = published.read(Topic.RUNS, 0).stream()
                .filter(record -> record.key().equals(runId))
                .toList();
        assertThat(announced).hasSize(1);
        RunSpec run = EventCodec.decode(announced.get(0).value(), RunSpec.class);
        assertThat(run.model()).isEqualTo("digits");
        assertThat(run.recipe().augmentation().shift()).isEqualTo(2);
        assertThat(run.batchesPerEpoch()).isEqualTo(16);
        awaitPublished(service, runId);
        JsonNode shown = service.json("/runs/" + runId);
        assertThat(shown.path("publishedBatches").asLong()).isEqualTo(48);
        assertThat(shown.path("totalBatches").asLong()).isEqualTo(48);
        assertThat(shown.at("/spec/runId").asText()).isEqualTo(runId);
        assertThat(service.json("/runs")).anySatisfy(each -> assertThat(each).isEqualTo(shown));
    }

    @Test
    void aRemovedRunStopsAndIsForgotten() {
        // Given
        String runId = startRun(service, ORDER.replace("\"epochs\":3", "\"epochs\":100000"));
        await().until(() ->
                service.json("/runs/" + runId).path("publishedBatches").asLong() > 0);

        // When
        HttpResponse<String> deleted = service.delete("/runs/" + runId);

        // Then
        assertThat(deleted.statusCode()).isEqualTo(204);
        assertThat(service.get("/runs/" + runId).statusCode()).isEqualTo(404);
        assertThat(published.read(Topic.RUNS, 0))
                .filteredOn(record -> record.key().equals(runId))
                .extracting(record -> new String(record.value(), UTF_8).contains("\"removed\":true"))
                .containsExactly(false, true);
        String next = startRun(service, ORDER);
        awaitPublished(service, next);
    }

    @Test
    void whatATrainerSaysOfARunIsShownAndAnEndedRunIsNotPublishedAnyFurther() {
        // Given
        String runId = startRun(service, ORDER.replace("\"epochs\":3", "\"epochs\":100000"));
        await().until(() ->
                service.json("/runs/" + runId).path("publishedBatches").asLong() > 0);

        // When the trainer gives it up
        new Voice(broker.bootstrapServers()).state(runId, RunStatus.State.FAILED, "the loss is not finite");

        // Then
        await().untilAsserted(() -> {
            JsonNode run = service.json("/runs/" + runId);
            assertThat(run.path("state").asText()).isEqualTo("failed");
            assertThat(run.path("reason").asText()).isEqualTo("the loss is not finite");
            assertThat(run.at("/status/imagesPerSecond").asDouble()).isEqualTo(13.3);
        });
        awaitPublished(service, startRun(service, ORDER));
        JsonNode given = service.json("/runs/" + runId);
        assertThat(given.path("publishedBatches").asLong())
                .isLessThan(given.path("totalBatches").asLong());
    }

    @Test
    void aRunMayBeNamedAndANameHoldsOneRunAtATime() throws Exception {
        // Given a run that carries the name that dead letters have, and is over
        String order = ORDER.replace("\"recipe\"", "\"runId\":\"dlq\",\"recipe\"");
        assertThat(startRun(service, order)).isEqualTo("dlq");
        awaitPublished(service, "dlq");
        RunSpec former = DatasetProcess.run(service, "dlq");
        new Voice(broker.bootstrapServers()).state("dlq", RunStatus.State.FINISHED, null);
        await().until(() -> service.json("/runs/dlq").path("state").asText().equals("finished"));

        // When the name is wanted again, then it is refused while the run is there
        HttpResponse<String> refused = service.post("/runs", order);
        assertProblem(refused, 409);
        assertThat(refused.body()).contains("there is a run \\\"dlq\\\" already");

        // When it is deleted, then its log goes, and another run has the name and a log of its own
        service.delete("/runs/dlq");
        await().until(() ->
                !topics().contains(Topic.batches(former.incarnation()).name()));
        assertThat(startRun(service, order)).isEqualTo("dlq");
        awaitPublished(service, "dlq");
        RunSpec latter = DatasetProcess.run(service, "dlq");
        assertThat(latter.incarnation()).isNotEqualTo(former.incarnation());
        assertThat(published.steps(latter, 0)).hasSize(48);
        assertThat(topics())
                .contains(Topic.batches(latter.incarnation()).name())
                .doesNotContain(Topic.batches(former.incarnation()).name());
    }

    @Test
    void aNameOfThreeHundredCharactersIsRefused() {
        HttpResponse<String> refused = service.post("/runs", "{\"runId\":\"" + "a".repeat(300) + "\"}");

        assertProblem(refused, 422);
        assertThat(ServiceProcess.json(refused).path("field").asText()).isEqualTo("runId");
    }

    private static Set<String> topics() throws Exception {
        try (Admin admin = KafkaConnection.of(broker.bootstrapServers()).admin("test")) {
            return admin.listTopics().names().get();
        }
    }

    @Test
    void whatIsUnknownIsNotFound() {
        for (HttpResponse<String> response : List.of(service.get("/runs/nope"), service.delete("/runs/nope"))) {
            assertProblem(response, 404);
            assertThat(response.body()).contains("there is no run \\\"nope\\\"");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"dataset\":\"cifar\"}            | 422 | dataset      | mnist, fashion-mnist, kmnist, cifar10, cifar100, strokes",
                "{\"recipe\":\"slow\"}              | 422 | recipe       | quick, accurate, textbook",
                "{\"network\":\"resnet81\"}         | 422 | network      | the nearest is resnet18",
                "{\"network\":[1]}                | 422 | network      | a name, or an object",
                "{\"network\":{\"block\":\"basic\"}}  | 422 | network.depths | given",
                "{\"network\":{\"block\":\"basic\",\"depth\":[1]}} | 422 | network.depth | the nearest is depths",
                "{\"network\":{\"name\":\"resnet18\",\"block\":\"basic\",\"depths\":[1]}} | 422 | network.name | a name of its own",
                "{\"network\":{\"block\":\"basic\",\"depths\":[1],\"stem\":\"cifar\"},\"stem\":\"cifar\"} | 422 | stem | network.stem says it",
                "{\"dataset\":\"strokes\",\"network\":\"resnet9\",\"stem\":\"imagenet\"} | 422 | network | at least 31 pixels",
                "{\"stem\":\"tiny\"}                | 422 | stem         | imagenet, cifar",
                "{\"recipe\":{\"epochs\":0}} | 422 | recipe.epochs | from 1",
                "{\"recipe\":{\"epochs\":1.5}} | 422 | recipe.epochs | a whole number",
                "{\"recipe\":{\"epochs\":\"3\"}} | 422 | recipe.epochs | a whole number",
                "{\"recipe\":{\"epochs\":99999999999}} | 422 | recipe.epochs | a whole number",
                "{\"recipe\":{\"batchSize\":1}} | 422 | recipe.batchSize | from 2",
                "{\"recipe\":{\"optimizer\":{\"momentum\":0}}} | 422 | recipe.optimizer.nesterov | false without momentum",
                "{\"recipe\":{\"precision\":\"fp16\"}} | 422 | recipe.precision | auto, fp32, bf16",
                "{\"recipe\":{\"schedule\":{\"kind\":\"line\"}}} | 422 | recipe.schedule.kind | the nearest is linear",
                "{\"recipe\":{\"rounds\":3}} | 422 | recipe.rounds | no such field",
                "{\"recipe\":3} | 422 | recipe | a name or an object",
                "{\"dataset\":\"strokes\",\"recipe\":{\"batchSize\":501}} | 422 | recipe.batchSize | at most 500",
                "{\"dataset\":\"strokes\",\"recipe\":{\"batchSize\":400},\"shards\":2} | 422 | recipe.batchSize | at most 250",
                "{\"dataset\":\"strokes\",\"recipe\":{\"augmentation\":{\"shift\":28}}} | 422 | recipe.augmentation.shift | from 0 to 27",
                "{\"dataset\":\"strokes\",\"recipe\":{\"validation\":0.001}} | 422 | recipe.validation | both sides need one of each class",
                "{\"dataset\":\"strokes\",\"recipe\":{\"validation\":0.5,\"batchSize\":400}} | 422 | recipe.batchSize | beside the validation split",
                "{\"recipe\":{\"validation\":0,\"earlyStopping\":{}}} | 422 | recipe.validation | above 0 with earlyStopping",
                "{\"epochs\":2} | 422 | epochs | {\"recipe\": {\"name\":\"quick\",\"epochs\":2}}",
                "{\"shards\":0} | 422 | shards | from 1",
                "{\"priority\":\"high\"} | 422 | priority | a whole number",
                "{\"runId\":\"a/b\"} | 422 | runId | lower-case letters",
                "{\"runId\":\"..\"} | 422 | runId | lower-case letters",
                "{\"runId\":\"\"} | 422 | runId | lower-case letters",
                "{\"runId\":\"Run\"} | 422 | runId | lower-case letters",
                "{\"model\":\"a/b\"}                | 422 | model        | letters",
                "{\"strokes\":{\"trainSamples\":5}} | 422 | strokes      | left out",
                "{\"dataset\":\"strokes\",\"strokes\":{\"trainSamples\":0}} | 422 | strokes.trainSamples | from 1",
                "{\"dataset\":\"strokes\",\"strokes\":{\"trainSamples\":2000000}} | 422 | strokes.trainSamples | memory",
                "{\"dataset\":\"strokes\",\"strokes\":{\"samples\":5}} | 422 | strokes.samples | trainSamples",
                "{\"epoch\":3}                      | 422 | epoch        | no such field",
                "{\"recipe\":                       | 400 |              | valid JSON",
                "[1]                                | 400 |              | JSON object",
                "{\"seed\":1,\"seed\":2}            | 400 |              | Duplicate",
                "{} {}                              | 400 |              | valid JSON",
            })
    void aBadOrderIsRefusedNamingFieldAndRemedy(String order, int status, String field, String remedy) {
        // Given
        int before = service.json("/runs").size();

        // When
        HttpResponse<String> response = service.post("/runs", order);

        // Then
        assertProblem(response, status);
        JsonNode problem = ServiceProcess.json(response);
        assertThat(problem.path("field").asText("")).isEqualTo(field == null ? "" : field);
        assertThat(problem.path("detail").asText() + problem.path("remedy").asText())
                .contains(remedy);
        assertThat(service.json("/runs")).hasSize(before);
    }

    @Test
    void whatAnOrderWouldBecomeIsSaidBeforeItIsGiven() {
        // Given
        int before = service.json("/runs").size();
        assertThat(service.json("/recipes"))
                .extracting(each -> each.path("name").asText())
                .startsWith("quick", "accurate");

        // When nobody has read the data set, then what does not depend on it is said, and nothing is fetched
        JsonNode unread =
                ServiceProcess.json(service.post("/plan", "{\"dataset\":\"kmnist\",\"recipe\":\"accurate\"}"));
        assertThat(unread.at("/recipe/epochs").asInt()).isEqualTo(10);
        assertThat(unread.has("steps")).isFalse();
        assertThat(service.json("/datasets"))
                .filteredOn(each -> each.path("name").asText().equals("kmnist"))
                .extracting(each -> each.path("state").asText())
                .containsExactly("untried");
        assertProblem(service.post("/plan", "{\"dataset\":\"kmnist\",\"recipe\":{\"epochs\":0}}"), 422);

        // When it was read, then all of it
        awaitPublished(service, startRun(service, ORDER));
        JsonNode plan = ServiceProcess.json(service.post("/plan", ORDER));
        assertThat(plan.path("steps").asInt()).isEqualTo(48);
        assertThat(plan.path("samples").asInt()).isEqualTo(260);
        HttpResponse<String> refused = service.post("/plan", ORDER.replace("16", "261"));
        assertProblem(refused, 422);
        assertThat(ServiceProcess.json(refused).path("field").asText()).isEqualTo("recipe.batchSize");
        assertThat(service.json("/runs")).hasSize(before + 1);
    }

    @Test
    void aBodyOfAnotherKindOrSizeIsRefused() {
        HttpResponse<String> form = service.send(service.request("/runs")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("epochs=1")));
        assertProblem(form, 415);
        assertProblem(service.post("/runs", ""), 400);
        HttpResponse<String> large = service.post("/runs", " ".repeat(100_000));
        assertProblem(large, 413);
        assertThat(large.body()).contains("100000 bytes, more than the 65536");
    }

    @Test
    void aBodyOfUnannouncedLengthIsTakenUpToTheLimit() {
        byte[] fits = "{\"shards\":0}".getBytes(UTF_8);
        HttpResponse<String> small = service.send(chunked(fits));
        HttpResponse<String> large = service.send(chunked(new byte[100_000]));

        assertProblem(small, 422);
        assertProblem(large, 413);
        assertThat(large.body()).contains("the body has more than the 65536 bytes that are taken");
    }

    private static HttpRequest.Builder chunked(byte[] body) {
        return service.request("/runs")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)));
    }

    @Test
    void whatIsPublishedIsCounted() {
        // Given
        double batchesBefore = metric(DatasetMetrics.BATCHES_PUBLISHED, "_total");
        double bytesBefore = metric(DatasetMetrics.BYTES_PUBLISHED, "_total");

        // When
        String runId = startRun(service, """
                {"dataset":"strokes","strokes":{"trainSamples":100,"testSamples":10},"recipe":{"batchSize":10}}""");
        awaitPublished(service, runId);

        // Then: ten training batches, one test batch
        assertThat(metric(DatasetMetrics.BATCHES_PUBLISHED, "_total") - batchesBefore)
                .isEqualTo(11);
        assertThat(metric(DatasetMetrics.BYTES_PUBLISHED, "_total") - bytesBefore)
                .isGreaterThan(11 * 10 * 784);
        assertThat(metric(DatasetMetrics.AHEAD_BATCHES, "")).isPositive();
        assertThat(metric(DatasetMetrics.PUBLISH_DURATION, "_seconds_count")).isPositive();
        assertThat(service.get("/q/metrics").body())
                .contains("millrace_dataset_publish_duration_seconds_bucket", "kafka_producer_");
    }

    @Test
    void dataSetsAreListed() {
        assertThat(service.json("/datasets"))
                .extracting(set -> set.path("name").asText())
                .startsWith("mnist", "fashion-mnist", "kmnist", "cifar10", "cifar100", "strokes");
        assertThat(service.json("/datasets").get(5).path("available").asBoolean())
                .isTrue();
        assertThat(service.status("/datasets/cifar")).isEqualTo(404);
        await().untilAsserted(() -> assertThat(
                        service.json("/datasets/mnist").path("reason").asText())
                .contains("no mirror gave", "127.0.0.1:1"));
        assertThat(service.json("/datasets").get(0).path("state").asText()).isEqualTo("unavailable");
        await().untilAsserted(() -> assertThat(service.json("/datasets/strokes").at("/contents/classes"))
                .hasSize(10));
    }

    private static double metric(String name, String suffix) {
        return service.metric(name.replace('.', '_') + suffix);
    }

    private static void assertProblem(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        assertThat(ServiceProcess.json(response).path("status").asInt()).isEqualTo(status);
        Set<String> fields = new HashSet<>();
        ServiceProcess.json(response).fieldNames().forEachRemaining(fields::add);
        assertThat(fields).contains("type", "title", "status", "detail");
    }

    private static String header(ConsumerRecord<String, byte[]> record, String name) {
        return CloudEventHeaders.get(record.headers(), name).orElse(null);
    }
}
