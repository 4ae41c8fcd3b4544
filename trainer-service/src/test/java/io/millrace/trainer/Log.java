// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.kafka.CloudEventHeaders;
import io.millrace.kafka.DeadLetters;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.TopicAdmin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** The other end of the trainer's topics: what the dataset-service writes, and what everybody reads. */
final class Log implements AutoCloseable {
    private final KafkaConnection connection;
    private final KafkaProducer<String, byte[]> producer;
    private final boolean transactional;

    Log(String bootstrapServers) {
        this(KafkaConnection.of(bootstrapServers));
    }

    Log(KafkaConnection connection) {
        this(connection, Map.of());
    }

    /** Each record in a transaction of its own: another one, which no consumer sees, follows it in the log. */
    static Log transactional(String bootstrapServers) {
        return new Log(KafkaConnection.of(bootstrapServers), Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "test"));
    }

    private Log(KafkaConnection connection, Map<String, ?> settings) {
        this.connection = connection;
        TopicAdmin.ensure(
                connection,
                List.of(
                        Topic.RUNS,
                        Topic.RUN_STATUS,
                        Topic.CHECKPOINTS,
                        Topic.METRICS,
                        Topic.TEST_BATCHES,
                        Topic.BATCHES_DEAD_LETTERS));
        this.producer = connection.producer(settings);
        this.transactional = !settings.isEmpty();
        if (transactional) {
            producer.initTransactions();
        }
    }

    /** Asks for a run, whose log is there by then. */
    void ask(RunSpec run) {
        makeLog(run);
        send(Topic.RUNS, 0, run.runId(), Optional.of(run.runId()), EventCodec.encode(run));
    }

    void makeLog(RunSpec run) {
        TopicAdmin.ensure(connection, Map.of(Topic.batches(run.incarnation()), run.shards()));
    }

    void deleteLog(RunSpec run) throws Exception {
        try (Admin admin = connection.admin("test")) {
            admin.deleteTopics(List.of(Topic.batches(run.incarnation()).name()))
                    .all()
                    .get();
        }
    }

    /** Deletes the records of a run's log before an offset, in all its partitions. */
    void deleteRecords(RunSpec run, long before) throws Exception {
        Map<TopicPartition, RecordsToDelete> deletion = new java.util.HashMap<>();
        for (int shard = 0; shard < run.shards(); shard++) {
            deletion.put(
                    new TopicPartition(Topic.batches(run.incarnation()).name(), shard),
                    RecordsToDelete.beforeOffset(before));
        }
        try (Admin admin = connection.admin("test")) {
            admin.deleteRecords(deletion).all().get();
        }
    }

    void delete(String runId) {
        send(Topic.RUNS, 0, runId, Optional.of(runId), null);
    }

    void send(Topic topic, int partition, String key, Optional<String> id, byte[] value) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic.name(), partition, key, value);
        CloudEvent.of(topic, id.orElse("-"), "/test").headers().forEach((name, text) -> record.headers()
                .add(name, text.getBytes(UTF_8)));
        if (id.isEmpty()) {
            record.headers().remove(CloudEvent.ID);
        }
        send(record);
    }

    void send(ProducerRecord<String, byte[]> record) {
        try {
            if (transactional) {
                producer.beginTransaction();
            }
            producer.send(record).get();
            if (transactional) {
                producer.commitTransaction();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A record in the place of a run's batch. */
    void batch(RunSpec run, BatchId id, byte[] value) {
        send(Topic.batches(run.incarnation()), id.shard(), run.incarnation(), Optional.of(id.toString()), value);
    }

    void batch(RunSpec run, ImageBatch batch) {
        batch(run, batch.id(), BatchCodec.encode(batch));
    }

    void batch(RunSpec run, long step, int shard) {
        batch(run, Fixtures.batch(run, Fixtures.id(run, step, shard)));
    }

    /** All batches of a run from one step to another, exclusive. */
    void batches(RunSpec run, long from, long to) {
        for (long step = from; step < to; step++) {
            for (int shard = 0; shard < run.shards(); shard++) {
                batch(run, step, shard);
            }
        }
    }

    /** A run with all its batches. */
    void whole(RunSpec run) {
        ask(run);
        batches(run, 0, run.steps());
    }

    /** The latest status of a run. */
    Optional<RunStatus> status(String runId) {
        return statuses(runId).stream().reduce((older, newer) -> newer);
    }

    List<RunStatus> statuses(String runId) {
        return events(Topic.RUN_STATUS, RunStatus.class).stream()
                .filter(status -> status.runId().equals(runId))
                .toList();
    }

    RunStatus awaitEnd(String runId) {
        return await().pollInterval(Duration.ofMillis(200))
                .until(() -> status(runId).filter(RunStatus::ended), Optional::isPresent)
                .orElseThrow();
    }

    /** Waits until a run says that its log lacks a step. */
    void awaitLack(RunSpec run, long step) {
        await().pollInterval(Duration.ofMillis(100)).until(() -> status(run.runId())
                .filter(status -> Long.valueOf(step).equals(status.lacks()))
                .isPresent());
    }

    List<CheckpointPublished> checkpoints(String runId) {
        return events(Topic.CHECKPOINTS, CheckpointPublished.class).stream()
                .filter(checkpoint -> checkpoint.checkpoint().runId().equals(runId))
                .toList();
    }

    /** The points of a run's curves, the latest of each step. */
    List<MetricPoint> points(RunSpec run) {
        Map<Long, MetricPoint> byStep = new TreeMap<>();
        events(Topic.METRICS, MetricPoint.class).stream()
                .filter(point -> point.incarnation().equals(run.incarnation()))
                .forEach(point -> byStep.put(point.step(), point));
        return List.copyOf(byStep.values());
    }

    private <T> List<T> events(Topic topic, Class<T> type) {
        List<T> events = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records(topic, 0)) {
            try {
                events.add(EventCodec.decode(record.value(), type));
            } catch (io.millrace.contracts.event.MalformedEventException e) {
                throw new IllegalStateException(e);
            }
        }
        return events;
    }

    /** All records of a topic. */
    List<ConsumerRecord<String, byte[]>> records(Topic topic, int partition) {
        TopicPartition source = new TopicPartition(topic.name(), partition);
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = connection.consumer(Map.of())) {
            consumer.assign(List.of(source));
            consumer.seekToBeginning(List.of(source));
            long end = consumer.endOffsets(List.of(source)).get(source);
            while (consumer.position(source) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    /** The reasons in the dead letters' headers, of the records of a run's log. */
    List<String> deadLetters(RunSpec run) {
        return records(Topic.BATCHES_DEAD_LETTERS, 0).stream()
                .filter(record -> CloudEventHeaders.get(record.headers(), DeadLetters.TOPIC)
                        .filter(Topic.batches(run.incarnation()).name()::equals)
                        .isPresent())
                .map(record -> CloudEventHeaders.get(record.headers(), DeadLetters.REASON)
                        .orElse(""))
                .toList();
    }

    long end(RunSpec run) {
        TopicPartition source =
                new TopicPartition(Topic.batches(run.incarnation()).name(), 0);
        try (KafkaConsumer<String, byte[]> consumer = connection.consumer(Map.of())) {
            return consumer.endOffsets(List.of(source)).get(source);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
