// SPDX-License-Identifier: Apache-2.0
package io.millrace.test;

import io.smallrye.reactive.messaging.kafka.companion.test.EmbeddedKafkaBroker;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.kafka.KafkaContainer;

/**
 * A real Kafka broker: a container where Docker has its image or gets it, else Kafka's own server inside this JVM. The log says
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
        if (!Image.THERE || !dockerAnswers()) {
            return inJvm("no Docker engine answers that has " + IMAGE + " or gets it", Optional.empty());
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

    /** Asked once: Testcontainers asks a registry that is out of reach for minutes, again and again. */
    private static final class Image {
        static final boolean THERE = docker("image", "inspect", IMAGE) || docker("pull", IMAGE);

        private static boolean docker(String... command) {
            try {
                Process docker = new ProcessBuilder(Stream.concat(Stream.of("docker"), Stream.of(command))
                                .toList())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                if (docker.waitFor(3, TimeUnit.MINUTES)) {
                    return docker.exitValue() == 0;
                }
                docker.destroyForcibly();
                return false;
            } catch (IOException e) {
                return false; // there is no such program
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
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
        int port = TestPorts.one();
        EmbeddedKafkaBroker broker = new EmbeddedKafkaBroker()
                .withDeleteLogDirsOnClose(true)
                .withKafkaPort(port)
                .withControllerPort(TestPorts.one())
                .withAdditionalProperties(properties -> properties.putAll(SINGLE_NODE));
        wire.ifPresent(way -> broker.withAdvertisedListeners("PLAINTEXT://" + way.address()));
        broker.start();
        return new TestBroker("localhost:" + port, broker);
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
