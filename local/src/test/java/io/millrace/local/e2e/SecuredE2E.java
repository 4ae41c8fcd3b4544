// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.contracts.Topic;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.TopicAdmin;
import io.millrace.test.SecuredBroker;
import io.millrace.test.SecuredBroker.Door;
import io.millrace.test.SecuredBroker.Mechanism;
import io.millrace.test.ServiceProcess;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The four services on a broker as a managed one is: TLS of its own authority, a user for each, and grants. */
class SecuredE2E {
    private static final String MISTYPED = "mistyped";
    private static final Pattern COMPLAINT = Pattern.compile("\\S+ \\S+ +(WARN|ERROR|FATAL) +(.*)");
    /** That it was asked again, and refused again, is said to who wants to know. */
    private static final Pattern AGAIN = Pattern.compile("DEBUG .*(No answer from|it is tried again|The cause)");

    private static final Pattern LOG = Pattern.compile("(millrace\\.(?:batches|deltas)\\.v1\\.)(?!dlq$).+");

    @TempDir
    private Path store;

    private SecuredBroker broker;
    private final Map<String, ServiceProcess> services = new LinkedHashMap<>();

    @BeforeEach
    void startBroker() {
        broker = SecuredBroker.start();
    }

    @AfterEach
    void stop() {
        services.values().forEach(ServiceProcess::close);
        broker.close();
    }

    @Test
    void aStackThatIsRefusedSaysWhyStaysAliveAndRunsFromDataToAnswersOnceItIsAllowed() throws Exception {
        startWithWrongPasswords();
        for (String name : List.of("dataset", "trainer", "inference")) {
            isRefused(name, "Kafka refuses the user or the password", "kafka.sasl.jaas.config");
        }
        isRefused("evaluator", "Kafka does not allow this user the topics", "docs/managed-kafka.md");

        List.of("dataset", "trainer", "inference").forEach(name -> broker.changePassword(name, MISTYPED));
        for (String name : List.of("dataset", "trainer", "inference")) {
            isRefused(name, "Kafka does not allow this user the topics", "docs/managed-kafka.md");
        }

        garbageLiesIn(Topic.CHECKPOINTS, Topic.TEST_BATCHES);
        ManagedKafka.grant(broker, ResourceType.TOPIC);
        isRefused("dataset", "Kafka does not allow this user the transactional ids", "docs/managed-kafka.md");
        isRefused("trainer", "Kafka does not allow this user the group", "docs/managed-kafka.md");
        isRefused("evaluator", "Kafka does not allow this user the group", "docs/managed-kafka.md");

        ManagedKafka.grant(broker, ResourceType.TRANSACTIONAL_ID, ResourceType.GROUP);
        garbageGetsIntoTheLog();
        for (String name : services.keySet()) {
            services.get(name).awaitReady();
        }
        HttpResponse<String> answer = classify();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(ServiceProcess.json(answer).path("model").asText()).isEqualTo("strokes");
        theGarbageIsDeadLettered();
        aRunInRoundsIsTrained();
        theTopicsAreAsDocumented();
        theRunIsDeletedWithItsLog();
        services.forEach((name, service) ->
                assertThat(repeated(service)).as(name + " said again").isEmpty());
    }

    private void startWithWrongPasswords() {
        Map<String, String> dataset = wrong("dataset");
        dataset.put("millrace.dataset.run.enabled", "true");
        dataset.put("millrace.dataset.run.dataset", "strokes");
        dataset.put("millrace.dataset.strokes.train-samples", "512");
        dataset.put("millrace.dataset.strokes.test-samples", "64");
        // Less than the run is: what is behind a checkpoint has to be deleted.
        dataset.put("millrace.dataset.log-budget", "64K");
        dataset.put(
                "millrace.dataset.run.recipe",
                "{\"name\":\"quick\",\"epochs\":2,\"batchSize\":32,\"checkpointEverySteps\":4}");
        start("dataset", dataset, Map.of());
        start("trainer", wrong("trainer"), Map.of());
        // PLAIN's passwords cannot be changed while a broker runs: this one is right.
        start("evaluator", kafka(broker.as("evaluator", Mechanism.PLAIN)), Map.of());
        // As on Kubernetes: all of it in the environment, the authority as text.
        Map<String, String> environment = new HashMap<>();
        wrong("inference")
                .forEach((key, value) -> environment.put(key.replace('.', '_').toUpperCase(Locale.ROOT), value));
        environment.remove("KAFKA_SSL_TRUSTSTORE_LOCATION");
        environment.remove("KAFKA_SSL_TRUSTSTORE_PASSWORD");
        environment.put("KAFKA_SSL_TRUSTSTORE_TYPE", "PEM");
        environment.put("KAFKA_SSL_TRUSTSTORE_CERTIFICATES", broker.authority());
        start("inference", new LinkedHashMap<>(), environment);
    }

    private Map<String, String> wrong(String user) {
        return kafka(broker.as(user, MISTYPED, Mechanism.SCRAM, Door.GOOD));
    }

    private static Map<String, String> kafka(Map<String, String> settings) {
        return settings.entrySet().stream()
                .collect(Collectors.toMap(setting -> "kafka." + setting.getKey(), Map.Entry::getValue));
    }

    private void start(String name, Map<String, String> config, Map<String, String> environment) {
        config.put("millrace.checkpoints.uri", "file:" + store);
        config.put("quarkus.log.category.\"io.millrace\".level", "DEBUG");
        services.put(
                name,
                ServiceProcess.start(Up.ROOT.resolve(name + "-service"), config, environment, "-Dmillrace.threads=1"));
    }

    /** It is alive and not ready, readiness says why, and so does its log, once, however often it has asked. */
    private void isRefused(String name, String why, String remedy) {
        ServiceProcess service = services.get(name).awaitStatus("/q/health/ready", 503);
        await().untilAsserted(() -> {
            HttpResponse<String> ready = service.get("/q/health/ready");
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body()).as(service::log).contains(why, remedy);
        });
        long asked = service.log().lines().filter(AGAIN.asPredicate()).count();
        await().untilAsserted(() -> assertThat(
                        service.log().lines().filter(AGAIN.asPredicate()).count())
                .isGreaterThan(asked + 1));
        assertThat(service.status("/q/health/live")).isEqualTo(200);
        assertThat(complaints(service)).as(name).anyMatch(line -> line.contains(why) && line.contains(remedy));
        assertThat(repeated(service)).as(name + " said again").isEmpty();
    }

    private static List<String> complaints(ServiceProcess service) {
        return service.log()
                .lines()
                .map(COMPLAINT::matcher)
                .filter(Matcher::matches)
                .map(line -> line.group(2))
                .toList();
    }

    private static List<String> repeated(ServiceProcess service) {
        return complaints(service).stream()
                .collect(Collectors.groupingBy(line -> line, LinkedHashMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .filter(line -> line.getValue() > 1)
                .map(line -> line.getValue() + " times: " + line.getKey())
                .toList();
    }

    private HttpResponse<String> classify() throws IOException {
        BufferedImage picture = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
        Graphics2D pen = picture.createGraphics();
        pen.setColor(Color.WHITE);
        pen.fillRect(12, 4, 4, 20);
        pen.dispose();
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(picture, "png", png);
        ServiceProcess inference = services.get("inference");
        return inference.send(inference
                .request("/classify")
                .header("Content-Type", "image/png")
                .POST(BodyPublishers.ofByteArray(png.toByteArray())));
    }

    /** So that what is needed to set it aside is needed, too. */
    private void garbageLiesIn(Topic... topics) {
        TopicAdmin.ensure(admin(), List.of(topics));
        Stream.of(topics).forEach(topic -> writeGarbage(topic.name()));
    }

    private void garbageGetsIntoTheLog() {
        String log = await().until(
                        () -> broker.topicNames().stream()
                                .filter(LOG.asMatchPredicate().and(name -> name.contains("batches")))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
        writeGarbage(log);
    }

    private void writeGarbage(String topic) {
        try (KafkaProducer<String, byte[]> producer = admin().producer(Map.of())) {
            producer.send(new ProducerRecord<>(topic, 0, "garbage", new byte[1]));
        }
    }

    private void theGarbageIsDeadLettered() {
        List<TopicPartition> letters = Stream.of(
                        Topic.CHECKPOINTS.deadLetters(), Topic.TEST_BATCHES.deadLetters(), Topic.BATCHES_DEAD_LETTERS)
                .map(topic -> new TopicPartition(topic.name(), 0))
                .toList();
        try (KafkaConsumer<String, byte[]> consumer = admin().consumer(Map.of())) {
            await().ignoreExceptions()
                    .untilAsserted(() ->
                            assertThat(consumer.endOffsets(letters).values()).allMatch(end -> end > 0));
        }
    }

    private void aRunInRoundsIsTrained() {
        ServiceProcess dataset = services.get("dataset");
        assertThat(dataset.post("/runs", """
                {"runId":"rounds","model":"rounds","dataset":"strokes","shards":2,
                 "network":{"block":"basic","depths":[1],"widths":[4]},
                 "recipe":{"epochs":1,"batchSize":64,"checkpointEverySteps":2,"sync":{"everySteps":2}}}""").statusCode()).isEqualTo(201);
        await().untilAsserted(() ->
                assertThat(dataset.json("/runs/rounds").path("state").asText()).isEqualTo("finished"));
    }

    private KafkaConnection admin() {
        return KafkaConnection.of(broker.as(SecuredBroker.ADMIN, Mechanism.SCRAM));
    }

    private void theTopicsAreAsDocumented() throws IOException {
        Map<String, Map<String, String>> topics = new TreeMap<>();
        broker.topics().forEach((name, settings) -> topics.put(LOG.matcher(name).replaceFirst("$1"), settings));
        assertThat(topics).isEqualTo(ManagedKafka.topics());
    }

    private void theRunIsDeletedWithItsLog() {
        ServiceProcess dataset = services.get("dataset");
        JsonNode runs = dataset.json("/runs");
        assertThat(runs).hasSize(2);
        for (JsonNode run : runs) {
            // It is refused while it runs, and while it is served.
            await().untilAsserted(() -> {
                services.get("evaluator").delete("/models/strokes");
                assertThat(dataset.delete("/runs/" + run.path("runId").asText()).statusCode())
                        .isEqualTo(204);
            });
        }
        await().untilAsserted(() -> assertThat(broker.topicNames())
                .noneMatch(name -> LOG.matcher(name).matches()));
    }
}
