// SPDX-License-Identifier: Apache-2.0
package io.millrace.test;

import io.smallrye.reactive.messaging.kafka.companion.test.EmbeddedKafkaBroker;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.kafka.KafkaContainer;

/**
 * A real Kafka broker: a container where a Docker engine answers, else Kafka's own server inside this JVM. The log says
 * which it was. {@code -Dmillrace.test.broker=in-jvm} chooses the second one anyway.
 */
public final class TestBroker implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(TestBroker.class);
    private static final String IMAGE = "apache/kafka:4.2.1";

    /** What a broker needs that is alone and young. */
    static final Map<String, String> SINGLE_NODE = Map.of(
            "auto.create.topics.enable", "false",
            "group.initial.rebalance.delay.ms", "0",
            "transaction.state.log.replication.factor", "1",
            "transaction.state.log.min.isr", "1",
            "transaction.state.log.num.partitions", "4",
            "offsets.topic.num.partitions", "4");

    private final String bootstrapServers;
    private final AutoCloseable broker;

    private TestBroker(String bootstrapServers, AutoCloseable broker) {
        this.bootstrapServers = bootstrapServers;
        this.broker = broker;
    }

    /** Starts a broker of its own for the caller. */
    public static TestBroker start() {
        if ("in-jvm".equals(System.getProperty("millrace.test.broker"))) {
            return inJvm("asked for", Optional.empty());
        }
        if (!dockerAnswers()) {
            return inJvm("no Docker engine answers", Optional.empty());
        }
        try {
            LOGGER.infof("Test broker: container %s", IMAGE);
            return container();
        } catch (ContainerFetchException e) {
            return inJvm("the image " + IMAGE + " cannot be had: " + e.getMessage(), Optional.empty());
        }
    }

    /** Starts one inside this JVM that tells its clients to come by a wire; its own address is for the wire's far end. */
    public static TestBroker behind(Wire wire) {
        return inJvm("behind a wire", Optional.of(wire));
    }

    private static boolean dockerAnswers() {
        try {
            return DockerClientFactory.instance().isDockerAvailable();
        } catch (RuntimeException e) {
            LOGGER.debug("No Docker engine", e);
            return false;
        }
    }

    @SuppressWarnings("resource") // closed by close()
    private static TestBroker container() {
        KafkaContainer container = new KafkaContainer(IMAGE)
                .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
                .withEnv("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1")
                .withEnv("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1");
        container.start();
        return new TestBroker(container.getBootstrapServers(), container);
    }

    @SuppressWarnings("resource") // closed by close()
    private static TestBroker inJvm(String why, Optional<Wire> wire) {
        LOGGER.infof("Test broker: Kafka's server in this JVM (%s)", why);
        int port = freePort();
        EmbeddedKafkaBroker broker = new EmbeddedKafkaBroker()
                .withDeleteLogDirsOnClose(true)
                .withKafkaPort(port)
                .withAdditionalProperties(properties -> properties.putAll(SINGLE_NODE));
        wire.ifPresent(way -> broker.withAdvertisedListeners("PLAINTEXT://" + way.address()));
        broker.start();
        return new TestBroker("localhost:" + port, broker);
    }

    /** A port that nobody listens on. */
    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException("no free port", e);
        }
    }

    /** {@code host:port}. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    @Override
    public void close() {
        try {
            broker.close();
        } catch (Exception e) {
            LOGGER.warn("The test broker did not stop cleanly", e);
        }
    }
}
