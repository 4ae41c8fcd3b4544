// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.Clients;
import io.millrace.kafka.DeadLetters;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/**
 * Reading with one open consumer: polls, judges each record, and puts whole steps into the queue. A partition whose
 * batches wait for those of others is paused, all are while the queue is full. For one thread.
 */
final class Fetch implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(Fetch.class);
    private static final Duration POLL = Duration.ofMillis(100);
    /** How long a full queue may keep the reader from its commits, and from its end. */
    private static final Duration REST = Duration.ofMillis(500);

    private static final Duration RETRY = Duration.ofSeconds(1);
    /** Few, since each may be large: limits are exceeded by at most so many. */
    private static final int RECORDS_PER_POLL = 8;

    private static final int FETCH_BYTES = 32 * 1024 * 1024;

    private final ReaderSettings settings;
    private final RunSpec run;
    private final Map<TopicPartition, Shard> shards;
    private final List<Shard> inOrder;
    private final PrefetchQueue queue;
    private final DeadLetters deadLetters;
    private final ConsumeObserver observer;
    private final KafkaConsumer<String, byte[]> consumer;
    private final AutoCloseable observation;

    Fetch(
            ReaderSettings settings,
            RunSpec run,
            List<Shard> shards,
            PrefetchQueue queue,
            DeadLetters deadLetters,
            ConsumeObserver observer) {
        this.settings = settings;
        this.run = run;
        this.inOrder = shards;
        this.shards = shards.stream().collect(Collectors.toMap(shard -> shard.partition, shard -> shard));
        this.queue = queue;
        this.deadLetters = deadLetters;
        this.observer = observer;
        this.consumer = Clients.consumer(
                settings.bootstrapServers(),
                Map.of(
                        ConsumerConfig.GROUP_ID_CONFIG,
                        settings.groupId(),
                        ConsumerConfig.CLIENT_ID_CONFIG,
                        settings.groupId() + "-batches",
                        // A position that is gone must be told, not replaced.
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "none",
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        RECORDS_PER_POLL,
                        ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
                        FETCH_BYTES));
        this.observation = observer.opened(consumer);
    }

    /** Reads until the latch falls. */
    void run(CountDownLatch closed) throws RunFailedException, InterruptedException {
        consumer.assign(shards.keySet());
        Map<TopicPartition, Long> committed = Positions.committed(consumer, shards.keySet());
        seek(committed);
        GroupCommits commits = new GroupCommits(committed, settings.commitEvery());
        try {
            while (closed.getCount() > 0) {
                for (ConsumerRecord<String, byte[]> record : poll()) {
                    take(record, committed, closed);
                }
                assemble();
                commits.tick(consumer, inOrder);
            }
        } catch (OffsetOutOfRangeException e) {
            Positions.check(consumer, e.offsetOutOfRangePartitions());
            // They are there after all: the consumer looked while the log was about to change.
            throw e;
        } finally {
            commits.last(consumer, inOrder);
        }
    }

    private void seek(Map<TopicPartition, Long> committed) throws RunFailedException {
        if (inOrder.stream().allMatch(Shard::positioned)) {
            Positions.check(
                    consumer, inOrder.stream().collect(Collectors.toMap(shard -> shard.partition, Shard::readTo)));
        } else {
            Positions.fresh(consumer, shards.keySet(), run.createdAt(), committed)
                    .forEach((partition, position) -> shards.get(partition).readTo(position));
        }
        inOrder.forEach(shard -> consumer.seek(shard.partition, shard.readTo()));
    }

    private Iterable<ConsumerRecord<String, byte[]>> poll() throws InterruptedException {
        boolean full = queue.full();
        if (full) {
            queue.awaitSpace(REST);
        }
        Predicate<Shard> enough = shard -> full
                || shard.reader.complete()
                || shard.waiting.size() >= Math.max(RECORDS_PER_POLL, settings.prefetchSteps());
        consumer.pause(partitions(enough));
        consumer.resume(partitions(enough.negate()));
        return consumer.poll(full ? Duration.ZERO : POLL);
    }

    private List<TopicPartition> partitions(Predicate<Shard> which) {
        return inOrder.stream().filter(which).map(shard -> shard.partition).toList();
    }

    private void take(ConsumerRecord<String, byte[]> record, Map<TopicPartition, Long> committed, CountDownLatch closed)
            throws RunFailedException, InterruptedException {
        Shard shard = shards.get(new TopicPartition(record.topic(), record.partition()));
        if (shard.reader.complete()) {
            // What follows is for the next run to judge.
            return;
        }
        Reading reading = shard.reader.read(record);
        if (reading instanceof Reading.Next next) {
            shard.add(next.batch());
        } else if (reading instanceof Reading.Duplicate) {
            observer.duplicate();
        } else if (reading instanceof Reading.Bad bad) {
            bury(record, bad.reason(), committed, closed);
        } else if (reading instanceof Reading.BadNext bad) {
            bury(record, bad.reason(), committed, closed);
            shard.add(bad.batch());
        } else if (reading instanceof Reading.Broken broken) {
            assemble();
            throw new RunFailedException(broken.reason());
        }
        shard.readTo(record.offset() + 1);
    }

    /** To the dead letters, however long that takes: a record must not vanish because the broker is away. */
    private void bury(
            ConsumerRecord<String, byte[]> record,
            String reason,
            Map<TopicPartition, Long> committed,
            CountDownLatch closed)
            throws InterruptedException {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        if (record.offset() < committed.getOrDefault(partition, 0L)) {
            // A process before this one did it.
            return;
        }
        LOGGER.warnf(
                "Record cannot be read, it goes to the dead letters. runId=%s topic=%s partition=%d offset=%d reason=\"%s\"",
                run.runId(), record.topic(), record.partition(), record.offset(), reason);
        while (closed.getCount() > 0) {
            try {
                deadLetters.send(record, reason);
                observer.deadLetter();
                return;
            } catch (KafkaException e) {
                LOGGER.debug("Not dead-lettered yet", e);
                closed.await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
            }
        }
        throw new InterruptedException("closed before a record was dead-lettered");
    }

    private void assemble() {
        while (inOrder.stream().noneMatch(shard -> shard.waiting.isEmpty())) {
            queue.put(new StepInput(
                    inOrder.stream().map(shard -> shard.waiting.remove()).toList()));
        }
    }

    @Override
    public void close() {
        try {
            observation.close();
        } catch (Exception e) {
            LOGGER.debug("Metrics of the consumer were not unbound", e);
        }
        consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(RETRY));
    }
}
