// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static org.awaitility.Awaitility.await;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.kafka.Clients;
import io.millrace.kafka.CloudEventHeaders;
import io.millrace.kafka.EventLog;
import io.millrace.kafka.TopicAdmin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** The other end of the trainer's topics: what the dataset-service writes, and what everybody reads. */
final class Log implements AutoCloseable {
    private final String bootstrapServers;
    private final KafkaProducer<String, byte[]> producer;
    private final boolean transactional;

    Log(String bootstrapServers) {
        this(bootstrapServers, Map.of());
    }

    /** Each record in a transaction of its own: another one, which no consumer sees, follows it in the log. */
    static Log transactional(String bootstrapServers) {
        return new Log(bootstrapServers, Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "test"));
    }

    private Log(String bootstrapServers, Map<String, ?> settings) {
        this.bootstrapServers = bootstrapServers;
        TopicAdmin.ensure(
                bootstrapServers,
                Map.of(
                        Topic.RUNS,
                        1,
                        Topic.RUN_STATUS,
                        1,
                        Topic.CHECKPOINTS,
                        1,
                        Topic.BATCHES,
                        2,
                        Topic.BATCHES.deadLetters(),
                        1));
        this.producer = Clients.producer(bootstrapServers, settings);
        this.transactional = !settings.isEmpty();
        if (transactional) {
            producer.initTransactions();
        }
    }

    void ask(RunSpec run) {
        send(Topic.RUNS, 0, run.runId(), Optional.of(run.runId()), EventCodec.encode(run));
    }

    void delete(String runId) {
        send(Topic.RUNS, 0, runId, Optional.of(runId), null);
    }

    void send(Topic topic, int partition, String key, Optional<String> id, byte[] value) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic.name(), partition, key, value);
        CloudEvent.of(topic, id.orElse("-"), "/test").headers().forEach((name, text) -> record.headers()
                .add(name, text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        if (id.isEmpty()) {
            record.headers().remove(CloudEvent.ID);
        }
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

    void batch(RunSpec run, long step, int shard) {
        BatchId id = Fixtures.id(run, step, shard);
        send(Topic.BATCHES, shard, run.runId(), Optional.of(id.toString()), BatchCodec.encode(Fixtures.batch(run, id)));
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
        return EventLog.readAll(bootstrapServers, Topic.RUN_STATUS, RunStatus.class).stream()
                .filter(entry -> entry.key().equals(runId))
                .map(EventLog.Entry::value)
                .reduce((older, newer) -> newer);
    }

    RunStatus awaitEnd(String runId) {
        return await().atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> status(runId).filter(RunStatus::ended), Optional::isPresent)
                .orElseThrow();
    }

    List<CheckpointPublished> checkpoints(String runId) {
        return EventLog.readAll(bootstrapServers, Topic.CHECKPOINTS, CheckpointPublished.class).stream()
                .filter(entry -> entry.key().equals(runId))
                .map(EventLog.Entry::value)
                .toList();
    }

    /** All records of a topic. */
    List<ConsumerRecord<String, byte[]>> records(Topic topic, int partition) {
        TopicPartition source = new TopicPartition(topic.name(), partition);
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = Clients.consumer(bootstrapServers, Map.of())) {
            consumer.assign(List.of(source));
            consumer.seekToBeginning(List.of(source));
            long end = consumer.endOffsets(List.of(source)).get(source);
            while (consumer.position(source) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    /** The reasons in the dead letters' headers, of the records whose key is a run's. */
    List<String> deadLetters(String key) {
        return records(Topic.BATCHES.deadLetters(), 0).stream()
                .filter(record -> key.equals(record.key()))
                .map(record -> CloudEventHeaders.get(record.headers(), io.millrace.kafka.DeadLetters.REASON)
                        .orElse(""))
                .toList();
    }

    /** Where the trainer's group stands. */
    long committed(int partition) {
        TopicPartition source = new TopicPartition(Topic.BATCHES.name(), partition);
        try (KafkaConsumer<String, byte[]> consumer =
                Clients.consumer(bootstrapServers, Map.of("group.id", TrainerService.GROUP))) {
            return Optional.ofNullable(
                            consumer.committed(java.util.Set.of(source)).get(source))
                    .map(org.apache.kafka.clients.consumer.OffsetAndMetadata::offset)
                    .orElse(-1L);
        }
    }

    long end(int partition) {
        TopicPartition source = new TopicPartition(Topic.BATCHES.name(), partition);
        try (KafkaConsumer<String, byte[]> consumer = Clients.consumer(bootstrapServers, Map.of())) {
            return consumer.endOffsets(List.of(source)).get(source);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
