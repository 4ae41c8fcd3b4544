// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.TopicAdmin;
import io.millrace.local.broker.BrokerMain;
import io.millrace.local.broker.BrokerSettings;
import io.millrace.local.stack.AccessToken;
import io.millrace.local.stack.FreePorts;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import io.millrace.local.watch.Endpoints;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the broker that {@code up} starts, and with nothing on the class path that the command does not carry. */
class MeasurementsIT {
    @TempDir
    private static Path directory;

    private static Process broker;
    private static KafkaConnection kafka;

    @BeforeAll
    static void startBroker() throws Exception {
        Ports ports = FreePorts.find();
        Path settings = new BrokerSettings(directory, ports.of(Part.BROKER), ports.controller()).write();
        broker = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BrokerMain.class.getName(),
                        settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        kafka = KafkaConnection.of(ports.bootstrapServers());
        await().atMost(Duration.ofSeconds(60)).until(() -> new Endpoints(ports, AccessToken.NONE)
                .condition(Part.BROKER)
                .ready());
    }

    @AfterAll
    static void stopBroker() throws InterruptedException {
        broker.destroyForcibly().waitFor();
    }

    @Test
    void theCurveOfARunIsReadWithoutThoseOfOthersAndAStepThatWasTrainedAgainStandsOnce() {
        TopicAdmin.ensure(kafka, List.of(Topic.METRICS));
        try (Producer<String, byte[]> producer = kafka.producer(Map.of())) {
            List.of(point("quick-1-a", 10, 2.5), point("quick-1-b", 10, 9), point("quick-1-a", 20, 2.0))
                    .forEach(point -> send(producer, point));
            send(producer, point("quick-1-a", 10, 2.4));
        }

        assertThat(Measurements.of(kafka, "quick-1-a"))
                .extracting(MetricPoint::step, MetricPoint::loss)
                .containsExactly(tuple(10L, 2.4), tuple(20L, 2.0));
    }

    @Test
    void aBrokerThatDoesNotAnswerIsToldAsSuch() {
        KafkaConnection nowhere = KafkaConnection.of("127.0.0.1:9");

        assertThatThrownBy(() -> Measurements.of(nowhere, "quick-1-a", Duration.ofMillis(500)))
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining(Topic.METRICS.name());
    }

    private static void send(Producer<String, byte[]> producer, MetricPoint point) {
        producer.send(new ProducerRecord<>(Topic.METRICS.name(), point.key(), EventCodec.encode(point)));
    }

    private static MetricPoint point(String incarnation, long step, double loss) {
        return new MetricPoint(
                "quick-1", incarnation, step, 1, step * 64, loss, 0.5, 0.01, 700, 0, 1, 0, null, null, Instant.EPOCH);
    }
}
