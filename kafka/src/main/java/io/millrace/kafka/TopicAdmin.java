// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import io.millrace.contracts.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates topics from their definitions. Several services may do so at once; the first one wins. */
public final class TopicAdmin {
    private static final Duration VISIBLE_WITHIN = Duration.ofSeconds(30);
    private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(50);

    private TopicAdmin() {}

    /** Makes sure that topics exist, with one partition each. */
    public static void ensure(String bootstrapServers, Collection<Topic> topics) {
        ensure(bootstrapServers, topics.stream().collect(Collectors.toMap(topic -> topic, topic -> 1)));
    }

    /**
     * Makes sure that topics exist with at least so many partitions, and returns when the broker knows of them. Existing
     * settings are left alone: an operator may have changed them on purpose.
     *
     * @throws KafkaException when the broker refuses or does not answer
     */
    public static void ensure(String bootstrapServers, Map<Topic, Integer> partitions) {
        try (Admin admin = Clients.admin(bootstrapServers)) {
            List<NewTopic> wanted = partitions.entrySet().stream()
                    .map(entry -> new NewTopic(entry.getKey().name(), Optional.of(entry.getValue()), Optional.empty())
                            .configs(entry.getKey().settings()))
                    .toList();
            for (KafkaFuture<Void> created : admin.createTopics(wanted).values().values()) {
                await(created, TopicExistsException.class);
            }
            for (Map.Entry<Topic, Integer> entry : partitions.entrySet()) {
                grow(admin, entry.getKey().name(), entry.getValue());
            }
        }
    }

    private static void grow(Admin admin, String topic, int partitions) {
        int now = partitions(admin, topic);
        if (now < partitions) {
            // Somebody else may have grown it meanwhile, which is as good.
            await(
                    admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions)))
                            .all(),
                    InvalidPartitionsException.class);
        }
    }

    /**
     * The controller has created a topic before the brokers hear of it, and until then they deny that it exists.
     */
    private static int partitions(Admin admin, String topic) {
        long deadline = System.nanoTime() + VISIBLE_WITHIN.toNanos();
        while (true) {
            try {
                return await(
                                admin.describeTopics(List.of(topic))
                                        .topicNameValues()
                                        .get(topic),
                                null)
                        .partitions()
                        .size();
            } catch (KafkaException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException) || System.nanoTime() > deadline) {
                    throw e;
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(BETWEEN_QUESTIONS.toMillis());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private static <T> T await(KafkaFuture<T> future, Class<? extends Exception> harmless) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            if (harmless != null && harmless.isInstance(e.getCause())) {
                return null;
            }
            throw new KafkaException(e.getCause());
        }
    }
}
