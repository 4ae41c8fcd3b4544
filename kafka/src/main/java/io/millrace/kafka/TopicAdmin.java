// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import io.millrace.contracts.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates topics from their definitions. Several services may do so at once; the first one wins. */
public final class TopicAdmin {
    private static final Duration VISIBLE_WITHIN = Duration.ofSeconds(30);
    private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(50);

    private TopicAdmin() {}

    /** Makes sure that topics exist, with one partition each. */
    public static void ensure(KafkaConnection connection, Collection<Topic> topics) {
        ensure(connection, topics.stream().collect(Collectors.toMap(topic -> topic, topic -> 1)));
    }

    /**
     * Makes sure that topics exist with at least so many partitions, and returns when the broker knows of them. Existing
     * settings are left alone: an operator may have changed them on purpose. Nor is the right to make topics needed for
     * those that exist: an operator may make them all.
     *
     * @throws KafkaException when the broker refuses or does not answer
     */
    public static void ensure(KafkaConnection connection, Map<Topic, Integer> partitions) {
        try (Admin admin = connection.admin("topic-admin")) {
            for (Map.Entry<Topic, Integer> entry : partitions.entrySet()) {
                String name = entry.getKey().name();
                if (describe(admin, name).isEmpty()) {
                    create(admin, entry.getKey(), entry.getValue());
                }
                grow(admin, name, entry.getValue());
            }
        }
    }

    private static void create(Admin admin, Topic topic, int partitions) {
        NewTopic wanted =
                new NewTopic(topic.name(), Optional.of(partitions), Optional.empty()).configs(topic.settings());
        await(topic.name(), admin.createTopics(List.of(wanted)).all(), TopicExistsException.class);
    }

    private static void grow(Admin admin, String topic, int partitions) {
        int now = awaitVisible(admin, topic).partitions().size();
        if (now < partitions) {
            // Somebody else may have grown it meanwhile, which is as good.
            await(
                    topic,
                    admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions)))
                            .all(),
                    InvalidPartitionsException.class);
        }
    }

    /** The controller has created a topic before the brokers hear of it, and until then they deny that it exists. */
    private static TopicDescription awaitVisible(Admin admin, String topic) {
        long deadline = System.nanoTime() + VISIBLE_WITHIN.toNanos();
        while (true) {
            Optional<TopicDescription> found = describe(admin, topic);
            if (found.isPresent()) {
                return found.get();
            }
            if (System.nanoTime() > deadline) {
                throw new UnknownTopicOrPartitionException("the topic " + topic + " is not there");
            }
            pause();
        }
    }

    /**
     * What the broker knows of a topic, and what it allows us there; empty when it is not there.
     *
     * @throws KafkaException when the broker refuses or does not answer
     */
    static Optional<TopicDescription> describe(Admin admin, String topic) {
        return described(topic, ask(admin, List.of(topic)));
    }

    private static Map<String, KafkaFuture<TopicDescription>> ask(Admin admin, Collection<String> topics) {
        return admin.describeTopics(topics, new DescribeTopicsOptions().includeAuthorizedOperations(true))
                .topicNameValues();
    }

    private static Optional<TopicDescription> described(
            String topic, Map<String, KafkaFuture<TopicDescription>> answers) {
        return Optional.ofNullable(await(topic, answers.get(topic), UnknownTopicOrPartitionException.class));
    }

    /**
     * What the broker knows of topics that we have to be allowed to read, by their names: one question, however many.
     *
     * @throws KafkaException when we are not, when one is not there, or the broker does not answer
     */
    static Map<String, TopicDescription> readable(Admin admin, Collection<String> topics) {
        Map<String, KafkaFuture<TopicDescription>> answers = ask(admin, topics);
        Map<String, TopicDescription> readable = new HashMap<>();
        for (String topic : topics) {
            TopicDescription found =
                    described(topic, answers).orElseThrow(() -> new KafkaException("the topic " + topic + " is gone"));
            // A broker that does not tell lets a read fail.
            if (found.authorizedOperations() != null
                    && !found.authorizedOperations().contains(AclOperation.READ)) {
                throw new TopicAuthorizationException(Set.of(topic));
            }
            readable.put(topic, found);
        }
        return readable;
    }

    /**
     * Does nothing while we may be of a consumer group.
     *
     * @throws KafkaException when we may not, or the broker does not answer
     */
    static void requireGroup(Admin admin, String group) {
        try {
            admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof GroupAuthorizationException
                    ? GroupAuthorizationException.forGroupId(group)
                    : new KafkaException(e.getCause());
        }
    }

    private static void pause() {
        try {
            Thread.sleep(BETWEEN_QUESTIONS.toMillis());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private static <T> T await(String topic, KafkaFuture<T> future, Class<? extends Exception> harmless) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            if (harmless.isInstance(e.getCause())) {
                return null;
            }
            // As it comes it does not say which one.
            throw new KafkaException(
                    e.getCause() instanceof TopicAuthorizationException
                            ? new TopicAuthorizationException(Set.of(topic))
                            : e.getCause());
        }
    }
}
