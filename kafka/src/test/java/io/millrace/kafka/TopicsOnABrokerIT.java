// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.test.TestBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TopicsOnABrokerIT {
    private static TestBroker broker;
    private static KafkaConnection connection;

    @BeforeAll
    static void startBroker() {
        broker = TestBroker.start();
        connection = KafkaConnection.of(broker.bootstrapServers());
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void severalServicesMayCreateTheSameTopicsAtOnce() throws Exception {
        Topic topic = fresh();

        List<CompletableFuture<Void>> services = IntStream.range(0, 4)
                .mapToObj(k -> CompletableFuture.runAsync(
                        () -> TopicAdmin.ensure(connection, List.of(topic, topic.deadLetters()))))
                .toList();
        CompletableFuture.allOf(services.toArray(CompletableFuture[]::new)).get();

        try (Admin admin = admin()) {
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
            var settings = admin.describeConfigs(List.of(resource)).all().get().get(resource);
            assertThat(settings.get("cleanup.policy").value()).isEqualTo("compact");
            assertThat(settings.get("segment.bytes").value()).isEqualTo(Integer.toString(32 << 20));
        }
    }

    /** The broker hears of a topic some time after the controller has made it: one try in a few meets that moment. */
    @Test
    void aNewTopicIsKnownToTheBrokerWhenItsCreatorGoesOn() throws Exception {
        try (Admin admin = admin()) {
            for (int k = 0; k < 40; k++) {
                Topic topic = fresh();
                TopicAdmin.ensure(connection, Map.of(topic, 8));

                assertThat(admin.listTopics().names().get()).contains(topic.name());
            }
        }
    }

    @Test
    void aTopicGrowsToThePartitionsAskedForAndNeverShrinks() throws Exception {
        Topic topic = fresh();

        TopicAdmin.ensure(connection, List.of(topic));
        TopicAdmin.ensure(connection, Map.of(topic, 3));
        TopicAdmin.ensure(connection, Map.of(topic, 2));

        try (Admin admin = admin()) {
            assertThat(admin.describeTopics(List.of(topic.name()))
                            .topicNameValues()
                            .get(topic.name())
                            .get()
                            .partitions())
                    .hasSize(3);
        }
    }

    /** The broker, its topics and our producers are as Kafka makes them. */
    @Test
    void aRecordOfTheLargestSizePasses() throws Exception {
        Topic topic = fresh();
        TopicAdmin.ensure(connection, List.of(topic));
        byte[] large = new byte[Topic.MAX_RECORD_BYTES];
        try (KafkaProducer<String, byte[]> producer = connection.producer(Map.of())) {
            producer.send(new ProducerRecord<>(topic.name(), "a".repeat(1024), large))
                    .get();
        }

        assertThat(read(topic, 1).get(0).value()).hasSize(large.length);
    }

    @Test
    void aDeadLetterIsUntouchedAndSaysWhereItCameFromAndWhy() {
        Topic topic = fresh();
        TopicAdmin.ensure(connection, List.of(topic.deadLetters()));
        ConsumerRecord<String, byte[]> bad =
                new ConsumerRecord<>(topic.name(), 2, 17, "run-1", "garbage".getBytes(UTF_8));
        bad.headers().add(CloudEvent.ID, "run-1/train/0/3/2".getBytes(UTF_8));

        try (DeadLetters deadLetters = new DeadLetters(connection, topic.deadLetters())) {
            deadLetters.send(bad, "no safetensors");
        }

        ConsumerRecord<String, byte[]> dead = read(topic.deadLetters(), 1).get(0);
        assertThat(dead.key()).isEqualTo("run-1");
        assertThat(dead.value()).isEqualTo("garbage".getBytes(UTF_8));
        assertThat(CloudEventHeaders.get(dead.headers(), CloudEvent.ID)).contains("run-1/train/0/3/2");
        assertThat(CloudEventHeaders.get(dead.headers(), DeadLetters.REASON)).contains("no safetensors");
        assertThat(CloudEventHeaders.get(dead.headers(), DeadLetters.PARTITION)).contains("2");
        assertThat(CloudEventHeaders.get(dead.headers(), DeadLetters.OFFSET)).contains("17");
    }

    @Test
    void aBadRecordOfTheLargestSizeCanBeDeadLetteredWhateverTheReason() {
        Topic topic = fresh();
        TopicAdmin.ensure(connection, List.of(topic.deadLetters()));
        byte[] large = new byte[Topic.MAX_RECORD_BYTES - 100];
        ConsumerRecord<String, byte[]> bad = new ConsumerRecord<>(topic.name(), 0, 1, "run-1", large);

        try (DeadLetters deadLetters = new DeadLetters(connection, topic.deadLetters())) {
            deadLetters.send(bad, "no safetensors: " + "\u20ac".repeat(100_000));
        }

        ConsumerRecord<String, byte[]> dead = read(topic.deadLetters(), 1).get(0);
        assertThat(dead.value()).hasSize(large.length);
        assertThat(CloudEventHeaders.get(dead.headers(), DeadLetters.REASON))
                .hasValueSatisfying(reason ->
                        assertThat(reason).startsWith("no safetensors: ").hasSize(1001));
    }

    /** Nobody could ever write it as it is, and whoever tried for ever would block what comes after it. */
    @Test
    void aRecordOfAProducerThatCompressesIsDeadLetteredThoughItIsLargerThanAnyOther() throws Exception {
        Topic topic = fresh();
        TopicAdmin.ensure(connection, List.of(topic, topic.deadLetters()));
        byte[] huge = new byte[5_000_000];
        huge[0] = 1;
        try (KafkaProducer<String, byte[]> foreign =
                connection.producer(Map.of("compression.type", "gzip", "max.request.size", 10_000_000))) {
            foreign.send(new ProducerRecord<>(topic.name(), "a", huge)).get();
        }

        try (DeadLetters deadLetters = new DeadLetters(connection, topic.deadLetters())) {
            deadLetters.send(read(topic, 1).get(0), "no safetensors");
        }

        ConsumerRecord<String, byte[]> dead = read(topic.deadLetters(), 1).get(0);
        assertThat(dead.key()).isEqualTo("a");
        assertThat(dead.value()).hasSizeBetween(1_000_000, 1_048_576).startsWith(1, 0, 0);
        assertThat(CloudEventHeaders.get(dead.headers(), DeadLetters.VALUE_BYTES))
                .contains("5000000");
        assertThat(CloudEventHeaders.get(dead.headers(), DeadLetters.REASON)).contains("no safetensors");
    }

    @Test
    void neitherAHugeKeyNorHugeHeadersHinderADeadLetter() {
        Topic topic = fresh();
        TopicAdmin.ensure(connection, List.of(topic.deadLetters()));
        ConsumerRecord<String, byte[]> hugeKey =
                new ConsumerRecord<>(topic.name(), 0, 1, "\u20ac".repeat(700_000), new byte[900_000]);
        ConsumerRecord<String, byte[]> hugeHeaders = new ConsumerRecord<>(topic.name(), 0, 2, "a", null);
        hugeHeaders.headers().add("b", new byte[2_000_000]);
        ConsumerRecord<String, byte[]> largeHeaders =
                new ConsumerRecord<>(topic.name(), 0, 3, "a", new byte[1_000_000]);
        largeHeaders.headers().add("b", new byte[200_000]);

        try (DeadLetters deadLetters = new DeadLetters(connection, topic.deadLetters())) {
            deadLetters.send(hugeKey, "bad");
            deadLetters.send(hugeHeaders, "bad");
            deadLetters.send(largeHeaders, "bad");
        }

        List<ConsumerRecord<String, byte[]>> dead = read(topic.deadLetters(), 3);
        assertThat(dead)
                .extracting(letter -> CloudEventHeaders.get(letter.headers(), DeadLetters.OFFSET)
                        .orElse(""))
                .containsExactly("1", "2", "3");
        assertThat(dead.get(0).value()).hasSize(900_000);
        assertThat(dead.get(1).key()).isEqualTo("a");
        assertThat(dead.get(2).headers().lastHeader("b").value()).hasSize(200_000);
    }

    @Test
    void theWatchNoticesABrokerThatComesAndGoes() throws Exception {
        TestBroker mortal = TestBroker.start();
        try (BrokerWatch watch = new BrokerWatch(KafkaConnection.of(mortal.bootstrapServers()))) {
            assertThat(watch.awaitReachable()).isTrue();
            assertThat(watch.reachable()).isTrue();
            assertThat(watch.reason()).isEmpty();

            mortal.close();

            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !watch.reachable());
            assertThat(watch.reason()).contains("Kafka does not answer; retrying until it does");
        }
    }

    private static List<ConsumerRecord<String, byte[]>> read(Topic topic, int count) {
        TopicPartition partition = new TopicPartition(topic.name(), 0);
        try (KafkaConsumer<String, byte[]> consumer = connection.consumer(Map.of())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            List<ConsumerRecord<String, byte[]>> read = new ArrayList<>();
            Awaitility.await().until(() -> {
                read.addAll(consumer.poll(Duration.ofMillis(200)).records(partition));
                return read.size() >= count;
            });
            return read;
        }
    }

    private static Topic fresh() {
        String name = "millrace.test-" + UUID.randomUUID() + ".v1";
        return new Topic(name, "io.millrace.test.v1", "application/json", Topic.RUNS.settings());
    }

    private static Admin admin() {
        return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()));
    }
}
