// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.broker;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * The settings of a single-node broker for one user.
 *
 * @param directory for settings and data
 * @param port where clients connect
 * @param controllerPort where the broker talks to itself
 */
public record BrokerSettings(Path directory, int port, int controllerPort) {

    /** Writes {@code server.properties} into the directory; returns its path. */
    public Path write() throws IOException {
        Files.createDirectories(directory);
        Path file = directory.resolve("server.properties");
        try (Writer writer = Files.newBufferedWriter(file)) {
            properties().store(writer, "Written by ./millrace up at every start.");
        }
        return file;
    }

    Properties properties() {
        Properties settings = new Properties();
        node(settings);
        alone(settings);
        small(settings);
        return settings;
    }

    private void node(Properties settings) {
        String controller = "127.0.0.1:" + controllerPort;
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", "1");
        settings.put("controller.quorum.voters", "1@" + controller);
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://" + controller);
        settings.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
        settings.put("log.dirs", directory.resolve("data").toString());
    }

    private static void alone(Properties settings) {
        // Topics come with settings of their own, from those who write them.
        settings.put("auto.create.topics.enable", "false");
        settings.put("default.replication.factor", "1");
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
    }

    /** What makes it start fast and live in a small heap: defaults are for fleets. */
    private static void small(Properties settings) {
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("offsets.topic.num.partitions", "4");
        settings.put("transaction.state.log.num.partitions", "4");
        settings.put("share.coordinator.state.topic.num.partitions", "1");
        settings.put("num.network.threads", "1");
        settings.put("num.io.threads", "2");
        settings.put("background.threads", "2");
        // One for each of a handful of groups; those without work wake all the same.
        settings.put("group.coordinator.threads", "1");
        // Twice a second the log of a controller gets a record without content, for replicas that this one has not.
        settings.put("metadata.max.idle.interval.ms", "0");
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(8 << 20));
        settings.put("controlled.shutdown.max.retries", "1");
    }
}
