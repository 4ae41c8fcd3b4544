// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.Refusal;
import io.millrace.trainer.TrainerMetrics;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Reading a run's log with one open consumer: polls, has each record judged by its partition, puts whole steps into the
 * queue, and finds out what the log does not hold. A partition whose batches wait for those of others is paused, all are
 * while the queue is full. For one thread.
 */
final class LogReader implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(LogReader.class);
    private static final Duration POLL = Duration.ofMillis(100);
    /** How long a full queue may keep the reader from its end. */
    private static final Duration REST = Duration.ofMillis(500);

    private static final Duration ANSWER = Duration.ofSeconds(2);
    /** Few, since each may be large: limits are exceeded by at most so many. */
    private static final int RECORDS_PER_POLL = 8;

    /** What the consumer itself holds of each partition, beyond what it hands over. */
    private static final int FETCH_BYTES = 1 << 20;

    static final Map<String, Object> SETTINGS = Map.of(
            // A position that is gone must be told, not replaced.
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "none",
            ConsumerConfig.CLIENT_ID_CONFIG,
            "trainer-service-batches",
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            RECORDS_PER_POLL,
            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
            FETCH_BYTES);

    private final RunSpec run;
    private final List<Shard> shards;
    private final Map<Integer, Shard> byPartition = new HashMap<>();
    private final PrefetchQueue queue;
    private final BadRecords badRecords;
    private final Consumer<String, byte[]> consumer;
    private final TrainerMetrics.Observation observation;
    private long latestRecord = System.nanoTime();
    private long latestQuestion = System.nanoTime();
    /** A consumer asks for what is not there without a pause. */
    private boolean absent;

    private boolean hasRead;

    LogReader(
            RunSpec run,
            List<Shard> shards,
            PrefetchQueue queue,
            BadRecords badRecords,
            Consumer<String, byte[]> consumer,
            TrainerMetrics.Observation observation) {
        this.observation = observation;
        this.run = run;
        this.shards = shards;
        this.queue = queue;
        this.badRecords = badRecords;
        this.consumer = consumer;
        shards.forEach(shard -> byPartition.put(shard.partition.partition(), shard));
        assign(shards);
    }

    private void assign(List<Shard> wanted) {
        consumer.assign(wanted.stream().map(shard -> shard.partition).toList());
        for (Shard shard : wanted) {
            if (shard.position() == Shard.BEGIN) {
                consumer.seekToBeginning(List.of(shard.partition));
            } else {
                consumer.seek(shard.partition, shard.position());
            }
        }
    }

    /** Reads a little. */
    void read() throws InterruptedException {
        boolean full = queue.full();
        if (full) {
            queue.awaitSpace(REST);
        }
        for (ConsumerRecord<String, byte[]> record : poll(full)) {
            latestRecord = System.nanoTime();
            hasRead = true;
            Shard shard = byPartition.get(record.partition());
            if (!shard.complete()) {
                Shard.Verdict verdict = shard.take(record);
                badRecords.judged(record, verdict, shard.objection());
            }
        }
        while (shards.stream().noneMatch(shard -> shard.waiting() == 0)) {
            queue.put(new StepInput(shards.stream().map(Shard::remove).toList()));
        }
        queue.beside(shards.stream().mapToLong(Shard::bytes).sum());
        askForWhatIsMissing(full);
    }

    /** Whether the broker has handed over a record. */
    boolean hasRead() {
        return hasRead;
    }

    private ConsumerRecords<String, byte[]> poll(boolean full) {
        Predicate<Shard> resting = shard -> full || absent || hasEnough(shard);
        consumer.pause(partitions(resting));
        consumer.resume(partitions(resting.negate()));
        try {
            return consumer.poll(full ? Duration.ZERO : POLL);
        } catch (OffsetOutOfRangeException e) {
            e.offsetOutOfRangePartitions().keySet().forEach(this::rewind);
        } catch (InterruptException | RetriableException e) {
            throw e;
        } catch (KafkaException e) {
            if (Refusal.of(e).isPresent() || !passOverDamage()) {
                throw e;
            }
        }
        return ConsumerRecords.empty();
    }

    private boolean hasEnough(Shard shard) {
        return shard.complete()
                || shard.waiting() >= Math.max(RECORDS_PER_POLL, queue.maxSteps())
                || shard.waiting() > 0 && queue.overfull();
    }

    private List<TopicPartition> partitions(Predicate<Shard> which) {
        return shards.stream().filter(which).map(shard -> shard.partition).toList();
    }

    private void rewind(TopicPartition partition) {
        byPartition.get(partition.partition()).rewind();
        consumer.seekToBeginning(List.of(partition));
    }

    /**
     * A record that the broker holds and nobody can read, such as one with a wrong check sum: the exception does not tell
     * its partition, so each is tried alone.
     *
     * @return whether there was one
     */
    private boolean passOverDamage() {
        boolean found = false;
        for (Shard shard : shards) {
            assign(List.of(shard));
            try {
                consumer.poll(POLL);
            } catch (OffsetOutOfRangeException | InterruptException | RetriableException e) {
                throw e;
            } catch (KafkaException e) {
                long offset = consumer.position(shard.partition, ANSWER);
                LOGGER.warnf(
                        "A record cannot be read off the log, it is passed over. runId=%s partition=%s offset=%d reason=\"%s\"",
                        run.runId(), shard.partition, offset, e.getMessage());
                shard.passOver(offset);
                found = true;
            }
        }
        assign(shards);
        return found;
    }

    /** Where what comes next does not come, asks the broker whether it has it at all. */
    private void askForWhatIsMissing(boolean full) {
        long now = System.nanoTime();
        shards.stream().filter(shard -> full || hasEnough(shard)).forEach(shard -> shard.gap.rest());
        latestRecord = full ? now : latestRecord;
        boolean quiet = now - latestRecord >= Gap.PATIENCE.toNanos();
        if (now - latestQuestion < Gap.PATIENCE.toNanos() / 2
                || !quiet && shards.stream().noneMatch(shard -> shard.gap.isDue(now))) {
            return;
        }
        latestQuestion = now;
        try {
            int partitions = consumer.partitionsFor(topic(), ANSWER).size();
            absent = partitions < run.shards();
            for (Shard shard : shards) {
                if (!shard.complete()) {
                    ask(shard, partitions, now);
                }
            }
        } catch (TimeoutException e) {
            // That the broker is away says nothing of what it holds.
            shards.forEach(shard -> shard.gap.rest());
        }
    }

    private String topic() {
        return shards.get(0).partition.topic();
    }

    private void ask(Shard shard, int partitions, long now) {
        if (shard.partition.partition() >= partitions) {
            shard.gap.openForSure("it is not there");
        } else if (shard.gap.isDue(now) || shard.position() == Shard.BEGIN) {
            compareWithEnd(shard);
        }
        if (shard.gap.isDue(now)) {
            shard.gap.confirm();
        }
    }

    private void compareWithEnd(Shard shard) {
        long at = consumer.position(shard.partition, ANSWER);
        long end = consumer.endOffsets(List.of(shard.partition), ANSWER).get(shard.partition);
        if (shard.position() == Shard.BEGIN && at >= end && at > 0) {
            shard.gap.open("it is empty, what it held up to offset " + at + " is gone");
        }
        if (at < end) {
            // What is still to be read may dispel it.
            shard.gap.putOff();
        }
    }

    /** What the log lacks, and what is known of it; empty while it may hold all. */
    Optional<Lack> lack() {
        return shards.stream()
                .filter(shard -> shard.gap.certainty().isPresent())
                .min(Comparator.comparingLong(Shard::next))
                .map(shard -> new Lack(
                        shard.next(),
                        shard.partition + ": " + shard.gap.certainty().orElseThrow()));
    }

    /**
     * A step that the log does not hold.
     *
     * @param step its number, from 0
     * @param reason what of the log says so
     */
    record Lack(long step, String reason) {}

    @Override
    public void close() {
        observation.close();
        consumer.close(CloseOptions.timeout(REST));
    }
}
