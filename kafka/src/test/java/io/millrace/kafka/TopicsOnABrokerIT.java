// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.RunStatus;
import io.millrace.test.TestBroker;
import java.time.Duration;
import java.time.Instant;
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
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TopicsOnABrokerIT {
    private static TestBroker broker;

    @BeforeAll
    static void startBroker() {
        broker = TestBroker.start();
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
                        () -> TopicAdmin.ensure(broker.bootstrapServers(), List.of(topic, topic.deadLetters()))))
                .toList();
        CompletableFuture.allOf(services.toArray(CompletableFuture[]::new)).get();

        try (Admin admin = admin()) {
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
            var settings = admin.describeConfigs(List.of(resource)).all().get().get(resource);
            assertThat(settings.get("cleanup.policy").value()).isEqualTo("compact");
            assertThat(settings.get("max.message.bytes").value()).isEqualTo("16777216");
        }
    }

    /** The broker hears of a topic some time after the controller has made it: one try in a few meets that moment. */
    @Test
    void aNewTopicIsKnownToTheBrokerWhenItsCreatorGoesOn() throws Exception {
        try (Admin admin = admin()) {
            for (int k = 0; k < 40; k++) {
                Topic topic = fresh();
                TopicAdmin.ensure(broker.bootstrapServers(), Map.of(topic, 8));

                assertThat(admin.listTopics().names().get()).contains(topic.name());
            }
        }
    }

    @Test
    void aTopicGrowsToThePartitionsAskedForAndNeverShrinks() throws Exception {
        Topic topic = fresh();

        TopicAdmin.ensure(broker.bootstrapServers(), List.of(topic));
        TopicAdmin.ensure(broker.bootstrapServers(), Map.of(topic, 3));
        TopicAdmin.ensure(broker.bootstrapServers(), Map.of(topic, 2));

        try (Admin admin = admin()) {
            assertThat(admin.describeTopics(List.of(topic.name()))
                            .topicNameValues()
                            .get(topic.name())
                            .get()
                            .partitions())
                    .hasSize(3);
        }
    }

    @Test
    void anEventLogIsReplayedInOrderWithTombstonesAndWithoutWhatCannotBeRead() throws Exception {
        Topic topic = fresh();
        TopicAdmin.ensure(broker.bootstrapServers(), List.of(topic));
        try (KafkaProducer<String, byte[]> producer = Clients.producer(broker.bootstrapServers(), Map.of())) {
            producer.send(new ProducerRecord<>(topic.name(), "a", EventCodec.encode(new OffsetRange(1, 2))));
            producer.send(new ProducerRecord<>(topic.name(), "b", "no event".getBytes(UTF_8)));
            producer.send(new ProducerRecord<>(topic.name(), "a", null)).get();
        }

        List<EventLog.Entry<OffsetRange>> entries =
                EventLog.readAll(broker.bootstrapServers(), topic, OffsetRange.class);

        assertThat(entries)
                .containsExactly(
                        new EventLog.Entry<>("a", new OffsetRange(1, 2), 0), new EventLog.Entry<>("a", null, 2));
    }

    @Test
    void anEventUnderTheKeyOfAnotherOneIsPassedOver() throws Exception {
        Topic topic = fresh();
        TopicAdmin.ensure(broker.bootstrapServers(), List.of(topic));
        RunStatus status = new RunStatus(
                "a", RunStatus.State.RUNNING, null, 1, 9, 1, 9, 20, 0, 1, 1, 0, null, null, Instant.EPOCH);
        try (KafkaProducer<String, byte[]> producer = Clients.producer(broker.bootstrapServers(), Map.of())) {
            producer.send(new ProducerRecord<>(topic.name(), "b", EventCodec.encode(status)));
            producer.send(new ProducerRecord<>(topic.name(), "a", EventCodec.encode(status)))
                    .get();
        }

        assertThat(EventLog.readAll(broker.bootstrapServers(), topic, RunStatus.class))
                .containsExactly(new EventLog.Entry<>("a", status, 1));
    }

    @Test
    void aLogWhoseLastTransactionWasAbortedIsReplayedToItsEnd() throws Exception {
        Topic topic = fresh();
        TopicAdmin.ensure(broker.bootstrapServers(), List.of(topic));
        try (KafkaProducer<String, byte[]> producer =
                Clients.producer(broker.bootstrapServers(), Map.of("transactional.id", topic.name()))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic.name(), "a", EventCodec.encode(new OffsetRange(1, 2))));
            producer.commitTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic.name(), "b", EventCodec.encode(new OffsetRange(2, 3))))
                    .get();
            producer.abortTransaction();
        }

        assertThat(EventLog.readAll(broker.bootstrapServers(), topic, OffsetRange.class))
                .extracting(EventLog.Entry::key)
                .containsExactly("a");
    }

    @Test
    void aRecordOfTheLargestSizePassesAndALargerOneIsRefusedByItsProducer() throws Exception {
        Topic topic = fresh();
        TopicAdmin.ensure(broker.bootstrapServers(), List.of(topic));
        byte[] large = new byte[Topic.MAX_RECORD_BYTES - 1024];
        byte[] tooLarge = new byte[Topic.MAX_RECORD_BYTES];
        try (KafkaProducer<String, byte[]> producer = Clients.producer(broker.bootstrapServers(), Map.of())) {
            producer.send(new ProducerRecord<>(topic.name(), "a", large)).get();

            assertThatThrownBy(() -> producer.send(new ProducerRecord<>(topic.name(), "a", tooLarge))
                            .get())
                    .hasCauseInstanceOf(RecordTooLargeException.class);
        }

        assertThat(read(topic, 1).get(0).value()).hasSize(large.length);
    }

    @Test
    void aDeadLetterIsUntouchedAndSaysWhereItCameFromAndWhy() {
        Topic topic = fresh();
        TopicAdmin.ensure(broker.bootstrapServers(), List.of(topic.deadLetters()));
        ConsumerRecord<String, byte[]> bad =
                new ConsumerRecord<>(topic.name(), 2, 17, "run-1", "garbage".getBytes(UTF_8));
        bad.headers().add(CloudEvent.ID, "run-1/train/0/3/2".getBytes(UTF_8));

        try (DeadLetters deadLetters = new DeadLetters(broker.bootstrapServers(), topic)) {
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
        TopicAdmin.ensure(broker.bootstrapServers(), List.of(topic.deadLetters()));
        byte[] large = new byte[Topic.MAX_RECORD_BYTES - 100];
        ConsumerRecord<String, byte[]> bad = new ConsumerRecord<>(topic.name(), 0, 1, "run-1", large);

        try (DeadLetters deadLetters = new DeadLetters(broker.bootstrapServers(), topic)) {
            deadLetters.send(bad, "no safetensors: " + "\u20ac".repeat(100_000));
        }

        ConsumerRecord<String, byte[]> dead = read(topic.deadLetters(), 1).get(0);
        assertThat(dead.value()).hasSize(large.length);
        assertThat(CloudEventHeaders.get(dead.headers(), DeadLetters.REASON))
                .hasValueSatisfying(reason ->
                        assertThat(reason).startsWith("no safetensors: ").hasSize(1001));
    }

    @Test
    void aTopicThatIsMissingIsAnErrorAndNoEndlessWait() {
        Topic topic = fresh();

        assertThatThrownBy(() ->
                        EventLog.readAll(broker.bootstrapServers(), topic, OffsetRange.class, Duration.ofSeconds(2)))
                .isInstanceOf(KafkaException.class);
    }

    @Test
    void theWatchNoticesABrokerThatComesAndGoes() throws Exception {
        TestBroker mortal = TestBroker.start();
        try (BrokerWatch watch = new BrokerWatch(mortal.bootstrapServers())) {
            assertThat(watch.awaitReachable()).isTrue();
            assertThat(watch.reachable()).isTrue();

            mortal.close();

            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !watch.reachable());
        }
    }

    private static List<ConsumerRecord<String, byte[]>> read(Topic topic, int count) {
        TopicPartition partition = new TopicPartition(topic.name(), 0);
        try (KafkaConsumer<String, byte[]> consumer = Clients.consumer(broker.bootstrapServers(), Map.of())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            return Awaitility.await()
                    .until(() -> consumer.poll(Duration.ofMillis(200)).records(partition), r -> r.size() >= count);
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
