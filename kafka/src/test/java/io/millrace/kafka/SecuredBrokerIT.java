// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.resource.PatternType.LITERAL;
import static org.apache.kafka.common.resource.PatternType.PREFIXED;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.apache.kafka.common.resource.ResourceType.TRANSACTIONAL_ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.test.SecuredBroker;
import io.millrace.test.SecuredBroker.Door;
import io.millrace.test.SecuredBroker.Mechanism;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** On a broker with TLS, passwords and grants: what it refuses is said once, and mended while we run. */
class SecuredBrokerIT {
    private static SecuredBroker broker;

    private final Topic topic = fresh();
    private final List<OffsetRange> read = new CopyOnWriteArrayList<>();
    private Said said;

    @BeforeAll
    static void startBroker() {
        Awaitility.setDefaultTimeout(Duration.ofMinutes(1));
        broker = SecuredBroker.start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void listen() {
        said = new Said();
    }

    @AfterEach
    void stopListening() {
        said.close();
    }

    @ParameterizedTest
    @EnumSource(Mechanism.class)
    void everyClientIsHandedTheUserAndTheTruststore(Mechanism mechanism) {
        allowTopic("dataset");
        broker.allow("dataset", TRANSACTIONAL_ID, LITERAL, topic.name(), List.of(WRITE, DESCRIBE));
        KafkaConnection connection = KafkaConnection.of(broker.as("dataset", mechanism));
        try (BrokerWatch watch = new BrokerWatch(connection);
                EventTable table = table(connection, watch);
                KafkaProducer<String, byte[]> producer =
                        connection.producer(Map.of("transactional.id", topic.name()))) {
            await().until(table::isReplayed);
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(record(1));
            producer.commitTransaction();
            await().untilAsserted(() -> assertThat(read).containsExactly(event(1)));
        }
        assertThat(said.toPeople("")).isEmpty();
    }

    @Test
    void aPasswordThatIsWrongIsSaidOnceAndPutRightWhileWeRun() {
        allowTopic("evaluator");
        try (Fault fault =
                new Fault(broker.as("evaluator", "mistyped", Mechanism.SCRAM, Door.GOOD), "refuses the user")) {
            fault.isSaidOnceByTheWatch("kafka.sasl.jaas.config");
            broker.changePassword("evaluator", "mistyped");
            fault.isOver();
        }
    }

    @Test
    void aPlainPasswordThatIsWrongIsSaidOnceThoughTheNextAnswerComesLate() {
        Map<String, String> settings = broker.as("evaluator", "mistyped", Mechanism.PLAIN, Door.GOOD);
        // Longer than the watch waits for an answer.
        settings.put("reconnect.backoff.ms", "10000");
        settings.put("reconnect.backoff.max.ms", "10000");
        try (Fault fault = new Fault(settings, "refuses the user or the password")) {
            fault.isSaidOnceByTheWatch("kafka.sasl.mechanism");
        }
    }

    @Test
    void aCertificateThatRanOutIsSaidOnceAndRenewedWhileWeRun() {
        allowTopic("trainer");
        try (Fault fault = new Fault(
                broker.as("trainer", SecuredBroker.password("trainer"), Mechanism.SCRAM, Door.EXPIRED), "NotAfter")) {
            fault.isSaidOnceByTheWatch("check the broker's certificate");
            broker.renewCertificate();
            fault.isOver();
        }
    }

    @Test
    void anAuthorityThatWeDoNotTrustIsSaidOnce() {
        Map<String, String> settings = broker.as("trainer", Mechanism.SCRAM);
        settings.put("ssl.truststore.location", broker.strangersTruststore());
        try (Fault fault = new Fault(settings, "unable to find valid certification path")) {
            fault.isSaidOnceByTheWatch("kafka.ssl.truststore.*");
        }
    }

    @Test
    void aTruststoreThatIsNotThereIsSaidOnce() {
        Map<String, String> settings = broker.as("trainer", Mechanism.SCRAM);
        settings.put("ssl.truststore.location", "/nowhere/trust.p12");
        try (Fault fault = new Fault(settings, "/nowhere/trust.p12")) {
            fault.isSaidOnceByTheWatch("kafka.*");
        }
    }

    @Test
    void aTopicThatIsNotGrantedIsSaidOnceAndGrantedAndTakenBackWhileWeRun() {
        allowTopic("dataset");
        KafkaConnection writer = KafkaConnection.of(broker.as("dataset", Mechanism.SCRAM));
        TopicAdmin.ensure(writer, List.of(topic));
        try (Fault fault = new Fault(broker.as("inference", Mechanism.SCRAM), topic.name());
                KafkaProducer<String, byte[]> producer = writer.producer(Map.of())) {
            fault.isSaidOnceByTheTable();
            // A topic that is there need not be made: who only reads needs no more than this.
            broker.allow("inference", TOPIC, LITERAL, topic.name(), List.of(READ, DESCRIBE));
            fault.isOver();

            fault.again();
            broker.forbid("inference", TOPIC, LITERAL, topic.name());
            producer.send(record(1));
            fault.isSaidOnceByTheTable();
            broker.allow("inference", TOPIC, LITERAL, topic.name(), List.of(READ, DESCRIBE));
            fault.isOver();
            await().untilAsserted(() -> assertThat(read).containsExactly(event(1)));
        }
    }

    @Test
    void aGroupThatIsNotGrantedIsNamed() {
        allowTopic("nobody");
        try (KafkaConsumer<String, byte[]> consumer = KafkaConnection.of(broker.as("nobody", Mechanism.SCRAM))
                .consumer(Map.of("group.id", "nobodys-group"))) {
            consumer.subscribe(List.of(topic.name()));

            Throwable refusal =
                    await().until(() -> catchThrowable(() -> consumer.poll(Duration.ofMillis(200))), e -> e != null);

            assertThat(Refusal.of(refusal))
                    .hasValueSatisfying(why -> assertThat(why).contains("nobodys-group", "docs/managed-kafka.md"));
        }
    }

    @Test
    void aTransactionalIdThatIsNotGrantedIsSaidAndTheNextProducerGoesOnOnceItIs() {
        allowTopic("nobody");
        KafkaConnection connection = KafkaConnection.of(broker.as("nobody", Mechanism.SCRAM));
        Map<String, String> transactional = Map.of("transactional.id", "nobodys-writer");
        try (KafkaProducer<String, byte[]> producer = connection.producer(transactional)) {
            assertThat(Refusal.of(catchThrowable(producer::initTransactions)))
                    .hasValueSatisfying(why -> assertThat(why).contains("transactional id", "docs/managed-kafka.md"));
        }
        broker.allow("nobody", TRANSACTIONAL_ID, PREFIXED, "nobodys-", List.of(WRITE, DESCRIBE));
        await().untilAsserted(() -> {
            try (KafkaProducer<String, byte[]> producer = connection.producer(transactional)) {
                assertThat(catchThrowable(producer::initTransactions)).isNull();
            }
        });
    }

    /** A watch and a table with settings that will not do, and a word by which their complaints are known. */
    private final class Fault implements AutoCloseable {
        private final String complaint;
        private final BrokerWatch watch;
        private final EventTable table;

        Fault(Map<String, String> settings, String complaint) {
            this.complaint = complaint;
            KafkaConnection connection = KafkaConnection.of(settings);
            this.watch = new BrokerWatch(connection);
            this.table = table(connection, watch);
        }

        void isSaidOnceByTheWatch(String remedy) {
            await().until(() -> said.all("No answer from").size() >= 2);
            assertThat(watch.reachable()).isFalse();
            assertThat(watch.reason()).hasValueSatisfying(why -> assertThat(why).contains(complaint, remedy));
            isSaidOnce(remedy);
        }

        void isSaidOnceByTheTable() {
            await().until(() -> said.all("it is tried again until they can").size() >= 2);
            assertThat(watch.reachable()).isTrue();
            assertThat(table.problem())
                    .hasValueSatisfying(why -> assertThat(why).contains(complaint, "docs/managed-kafka.md"));
            isSaidOnce("docs/managed-kafka.md");
        }

        private void isSaidOnce(String remedy) {
            assertThat(said.toPeople("")).singleElement().asString().contains(complaint, remedy);
        }

        void isOver() {
            await().until(() ->
                    watch.reachable() && table.isReplayed() && table.problem().isEmpty());
            assertThat(watch.reason()).isEmpty();
            assertThat(said.toPeople("")).hasSize(2).last().asString().contains("again");
        }

        /** What was said so far does not count. */
        void again() {
            stopListening();
            listen();
        }

        @Override
        public void close() {
            table.close();
            watch.close();
        }
    }

    private EventTable table(KafkaConnection connection, BrokerWatch watch) {
        return new EventTable(connection, watch)
                .follow(topic, OffsetRange.class, (key, value, offset) -> read.add(value))
                .start();
    }

    private ProducerRecord<String, byte[]> record(long from) {
        return new ProducerRecord<>(topic.name(), "a", EventCodec.encode(event(from)));
    }

    private static OffsetRange event(long from) {
        return new OffsetRange(from, from + 1);
    }

    private void allowTopic(String user) {
        broker.allow(user, TOPIC, LITERAL, topic.name(), List.of(READ, WRITE, DESCRIBE, CREATE));
    }

    private static Topic fresh() {
        String name = "millrace.secured-" + UUID.randomUUID() + ".v1";
        return new Topic(name, "io.millrace.test.v1", "application/json", Topic.RUNS.settings());
    }
}
