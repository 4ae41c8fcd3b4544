// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.TopicAdmin;
import io.quarkus.logging.Log;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The topics of the runs' logs: makes, empties, cuts and deletes them, and with those of the batches those of the deltas. All
 * of it may throw a KafkaException. Not thread-safe.
 */
final class LogTopics implements AutoCloseable {
    /** Settings without which a log would lose records. */
    private static final List<String> VITAL = List.of("cleanup.policy", "retention.ms", "retention.bytes");

    /** Everything that is in a partition. */
    private static final long TO_THE_END = -1;

    private static final Pattern NAME = Pattern.compile("(?:" + Pattern.quote(Topic.BATCHES_PREFIX) + "|"
            + Pattern.quote(Topic.DELTAS_PREFIX) + ")(.+-([0-9a-z]{8,9}))");
    /** No run was ordered before. */
    private static final Instant BEGINNING = Instant.parse("2020-01-01T00:00:00Z");

    private final KafkaConnection connection;
    private final Admin admin;
    private final LogReader reader;

    LogTopics(KafkaConnection connection) {
        this.connection = connection;
        this.admin = connection.admin("dataset-service-logs");
        this.reader = new LogReader(connection);
    }

    /**
     * What tells a log from one that was made anew or from which somebody has deleted.
     *
     * @param id of the topic
     * @param beginnings by partition, the first offset
     */
    record Identity(Uuid id, Map<Integer, Long> beginnings) {}

    /** Makes a log, or learns from it what it holds. An empty one goes on from the newest checkpoint. */
    void open(RunLog log, List<Position> checkpoints) {
        Identity identity = ensure(log);
        long checkpoint = checkpoints.isEmpty()
                ? 0
                : checkpoints.get(checkpoints.size() - 1).step();
        LogReader.Steps steps =
                reader.steps(log.run(), log.topic()).orElse(new LogReader.Steps(checkpoint, checkpoint));
        log.opened(identity, steps.first(), steps.next());
    }

    private Identity ensure(RunLog log) {
        Map<Topic, Integer> partitions = new HashMap<>();
        log.topics().forEach(topic -> partitions.put(topic, log.run().shards()));
        TopicAdmin.ensure(connection, partitions);
        log.topics().forEach(this::mend);
        return identity(log);
    }

    /** Somebody else may have made a topic of that name, with settings under which records vanish. */
    private void mend(Topic topic) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
        Map<String, String> found =
                get(topic.name(), admin.describeConfigs(List.of(resource)).all()).get(resource).entries().stream()
                        .filter(entry -> VITAL.contains(entry.name()))
                        .collect(Collectors.toMap(ConfigEntry::name, entry -> String.valueOf(entry.value())));
        List<AlterConfigOp> mended = VITAL.stream()
                .filter(name ->
                        !Objects.equals(found.get(name), topic.settings().get(name)))
                .map(name ->
                        new AlterConfigOp(new ConfigEntry(name, topic.settings().get(name)), AlterConfigOp.OpType.SET))
                .toList();
        if (mended.isEmpty()) {
            return;
        }
        try {
            get(
                    topic.name(),
                    admin.incrementalAlterConfigs(Map.of(resource, mended)).all());
        } catch (KafkaException e) {
            String why = BlockedException.of(e).orElseThrow(() -> e).getMessage();
            throw new BlockedException(
                    "a topic " + topic.name() + " was there with " + found + ", under which a run's log loses records;"
                            + " give it " + topic.settings() + " or delete it (" + why + ")",
                    e);
        }
        Log.warnf(
                "A topic of a run's name was there with other settings; they are mended. topic=%s settings=%s",
                topic.name(), found);
    }

    /** Deletes all that is in a log, making it anew when it is gone; what comes next is a step. */
    void restart(RunLog log, long step) {
        ensure(log);
        cut(log.run(), log.topic(), shard -> TO_THE_END);
        log.restarted(identity(log), step);
    }

    /** Deletes what is behind a checkpoint. */
    void trim(RunLog log, Position behind) {
        Map<Integer, Long> next = behind.nextOffsets();
        try {
            cut(log.run(), log.topic(), shard -> next.getOrDefault(shard, 0L));
            log.opened(identity(log), behind.step(), log.next());
        } catch (KafkaException e) {
            if (!(e.getCause() instanceof OffsetOutOfRangeException)) {
                throw e;
            }
            // It was announced when another topic had this name.
            log.distrust(behind);
        }
    }

    /** Deletes the deltas behind a checkpoint: whoever goes on from it needs only those that follow. */
    void trimDeltas(RunLog log, Position behind) {
        try {
            cut(log.run(), log.deltas().orElseThrow(), replica -> behind.deltas()
                    .getOrDefault(replica, 0L));
        } catch (KafkaException e) {
            if (!(e.getCause() instanceof OffsetOutOfRangeException)) {
                throw e;
            }
            // It was announced when another topic had this name: there is nothing behind it.
        }
        log.deltasTrimmed(behind);
    }

    /** Deletes all deltas of a run. The topic stays, so that offsets in checkpoints never mean other records. */
    void emptyDeltas(RunSpec run) {
        Topic topic = Topic.deltas(run.incarnation());
        try {
            // To delete from a topic that is not there is tried again for a minute, by Kafka's client.
            describe(topic.name());
            cut(run, topic, replica -> TO_THE_END);
        } catch (KafkaException e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw e;
            }
        }
    }

    private void cut(RunSpec run, Topic topic, ToLongFunction<Integer> before) {
        Map<TopicPartition, RecordsToDelete> cuts = new HashMap<>();
        for (TopicPartition partition : partitions(run, topic)) {
            cuts.put(partition, RecordsToDelete.beforeOffset(before.applyAsLong(partition.partition())));
        }
        get(topic.name(), admin.deleteRecords(cuts).all());
    }

    private Identity identity(RunLog log) {
        Map<Integer, Long> beginnings = new HashMap<>();
        String name = log.topic().name();
        get(
                        name,
                        admin.listOffsets(partitions(log.run(), log.topic()).stream()
                                        .collect(
                                                Collectors.toMap(partition -> partition, any -> OffsetSpec.earliest())))
                                .all())
                .forEach((partition, offset) -> beginnings.put(partition.partition(), offset.offset()));
        return new Identity(describe(name).topicId(), beginnings);
    }

    private TopicDescription describe(String topic) {
        return get(topic, admin.describeTopics(List.of(topic)).topicNameValues().get(topic));
    }

    private static List<TopicPartition> partitions(RunSpec run, Topic topic) {
        return IntStream.range(0, run.shards())
                .mapToObj(shard -> new TopicPartition(topic.name(), shard))
                .toList();
    }

    /** Whether somebody has deleted from a log since it was opened. */
    boolean isCut(RunLog log) {
        return !identity(log).equals(log.identity());
    }

    /** Whether a log is still the topic that was opened. */
    boolean isStill(RunLog log) {
        try {
            return describe(log.topic().name()).topicId().equals(log.identity().id());
        } catch (KafkaException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw e;
        }
    }

    /** The test batches that are there, see {@link LogReader#testBatches()}. */
    Map<String, BitSet> testBatches() {
        TopicAdmin.ensure(connection, List.of(Topic.TEST_BATCHES));
        return reader.testBatches();
    }

    /** How many records the log of a run holds, marks of transactions among them; 0 where there is none. */
    long records(RunSpec run) {
        String name = Topic.batches(run.incarnation()).name();
        try {
            Map<TopicPartition, OffsetSpec> earliest = new HashMap<>();
            Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
            describe(name).partitions().forEach(partition -> {
                earliest.put(new TopicPartition(name, partition.partition()), OffsetSpec.earliest());
                latest.put(new TopicPartition(name, partition.partition()), OffsetSpec.latest());
            });
            return offsets(name, latest) - offsets(name, earliest);
        } catch (KafkaException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return 0;
            }
            throw e;
        }
    }

    private long offsets(String name, Map<TopicPartition, OffsetSpec> of) {
        return get(name, admin.listOffsets(of).all()).values().stream()
                .mapToLong(ListOffsetsResult.ListOffsetsResultInfo::offset)
                .sum();
    }

    /**
     * Deletes logs; whatever else is named like a log is left alone.
     *
     * @param whose what is to be said of the runs
     * @param gone whether the log of an incarnation is to be deleted
     */
    void delete(String whose, Predicate<String> gone) {
        List<String> topics = new ArrayList<>();
        for (String name : get("the topics", admin.listTopics().names())) {
            Matcher log = NAME.matcher(name);
            if (log.matches() && isTime(log.group(2)) && gone.test(log.group(1))) {
                topics.add(name);
            }
        }
        for (Map.Entry<String, KafkaFuture<Void>> deletion :
                admin.deleteTopics(topics).topicNameValues().entrySet()) {
            get(deletion.getKey(), deletion.getValue());
            Log.infof("The log of %s is deleted. topic=%s", whose, deletion.getKey());
        }
    }

    private static boolean isTime(String text) {
        Instant time = Instant.ofEpochMilli(Long.parseLong(text, Character.MAX_RADIX));
        return time.isAfter(BEGINNING) && time.isBefore(Instant.now().plus(Duration.ofDays(1)));
    }

    private static <T> T get(String topic, KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            // As it comes it does not say which one.
            throw new KafkaException(
                    topic + ": " + e.getCause().getMessage(),
                    e.getCause() instanceof TopicAuthorizationException
                            ? new TopicAuthorizationException(Set.of(topic))
                            : e.getCause());
        }
    }

    @Override
    public void close() {
        reader.close();
        admin.close(Duration.ZERO);
    }
}
