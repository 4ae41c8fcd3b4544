// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.Refusal;
import io.millrace.trainer.TrainerMetrics;
import io.millrace.trainer.consume.LogReader.Lack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/**
 * The batches of one run, read ahead by a thread of its own off the run's log into a bounded queue. When the broker goes
 * away, or refuses us, the thread goes on where it was as soon as it can. What the log does not hold is told by
 * {@link #lacks} and waited for: it comes when it is published again.
 *
 * <p>{@link #poll} is for one training thread, the rest for any.
 */
public final class BatchReader implements StepSource {
    private static final Logger LOGGER = Logger.getLogger(BatchReader.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration PROVEN = Duration.ofSeconds(5);

    private final KafkaConnection connection;
    private final RunSpec run;
    private final boolean deadLettering;
    private final TrainerMetrics metrics;
    private final List<Shard> shards = new ArrayList<>();
    private final PrefetchQueue queue;
    private final Map<String, Object> settings;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private volatile String problem;
    private volatile Lack lack;

    /**
     * Starts to read all shards.
     *
     * @param run what is trained
     * @param from how far it has come
     * @param prefetchSteps decoded steps that may wait
     * @param prefetchBytes bytes of images that may wait, those included whose step is not whole yet
     */
    public BatchReader(
            KafkaConnection connection,
            RunSpec run,
            Position from,
            int prefetchSteps,
            long prefetchBytes,
            TrainerMetrics metrics) {
        this(connection, run, allShards(run), from.step(), from.nextOffsets(), prefetchSteps, prefetchBytes, metrics);
    }

    /**
     * One that writes nothing: what cannot be read, which whoever trained the run dead-lettered then, is passed over.
     *
     * @param run what is read again
     * @param from where its steps begin
     */
    public static BatchReader again(
            KafkaConnection connection,
            RunSpec run,
            Position from,
            int prefetchSteps,
            long prefetchBytes,
            TrainerMetrics metrics) {
        return new BatchReader(
                connection,
                run,
                allShards(run),
                from.step(),
                from.nextOffsets(),
                prefetchSteps,
                prefetchBytes,
                metrics,
                false);
    }

    private static List<Integer> allShards(RunSpec run) {
        return IntStream.range(0, run.shards()).boxed().toList();
    }

    /**
     * Starts to read some shards, of which its steps consist then.
     *
     * @param numbers of the shards
     * @param step the first that is wanted, from 0
     * @param offsets by shard, where it begins; of one that is missing, all of it is read
     */
    public BatchReader(
            KafkaConnection connection,
            RunSpec run,
            Collection<Integer> numbers,
            long step,
            Map<Integer, Long> offsets,
            int prefetchSteps,
            long prefetchBytes,
            TrainerMetrics metrics) {
        this(connection, run, numbers, step, offsets, prefetchSteps, prefetchBytes, metrics, true);
    }

    private BatchReader(
            KafkaConnection connection,
            RunSpec run,
            Collection<Integer> numbers,
            long step,
            Map<Integer, Long> offsets,
            int prefetchSteps,
            long prefetchBytes,
            TrainerMetrics metrics,
            boolean deadLettering) {
        this.deadLettering = deadLettering;
        this.connection = connection;
        this.run = run;
        this.metrics = metrics;
        this.queue = new PrefetchQueue(prefetchSteps, prefetchBytes);
        for (int k : numbers) {
            TopicPartition partition =
                    new TopicPartition(Topic.batches(run.incarnation()).name(), k);
            shards.add(new Shard(run, partition, step, offsets.getOrDefault(k, Shard.BEGIN)));
        }
        this.settings = new HashMap<>(LogReader.SETTINGS);
        if (numbers.size() < run.shards()) {
            // Clients of one process that are called alike get into each other's way.
            settings.merge(
                    ConsumerConfig.CLIENT_ID_CONFIG,
                    numbers.stream().map(String::valueOf).collect(Collectors.joining("-", "-", "")),
                    (name, suffix) -> name.toString() + suffix);
        }
        this.thread = new Thread(this::readUntilClosed, "batch-reader");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public Optional<StepInput> poll(Duration atMost) throws InterruptedException {
        return queue.poll(atMost);
    }

    @Override
    public Optional<Long> lacks() {
        return Optional.ofNullable(lack).map(Lack::step);
    }

    @Override
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /** Memory of all images that are held. */
    long bytes() {
        return queue.bytes();
    }

    private void readUntilClosed() {
        try (BadRecords badRecords = new BadRecords(connection, run, metrics, closed, deadLettering)) {
            while (closed.getCount() > 0) {
                try {
                    read(badRecords);
                } catch (KafkaException e) {
                    failed(e);
                    closed.await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            // Whatever ends this thread: the one that trains must not wait for it for ever.
            queue.fail(e);
        }
    }

    private void read(BadRecords badRecords) throws InterruptedException {
        KafkaConsumer<String, byte[]> consumer = connection.consumer(settings);
        try (LogReader log = new LogReader(run, shards, queue, badRecords, consumer, metrics.observe(consumer))) {
            long opened = System.nanoTime();
            while (closed.getCount() > 0) {
                log.read();
                // A consumer that is refused says so only after a few polls that bring nothing.
                if (log.hasRead() || System.nanoTime() - opened > PROVEN.toNanos()) {
                    problem = null;
                }
                tell(log.lack().orElse(null));
            }
        }
    }

    private void tell(Lack latest) {
        if (latest != null && (lack == null || lack.step() != latest.step())) {
            LOGGER.warnf(
                    "The run's log does not hold step %d; it is waited for until it is published again. runId=%s reason=\"%s\"",
                    latest.step(), run.runId(), latest.reason());
        } else if (latest == null && lack != null) {
            LOGGER.infof("Step %d has come. runId=%s", lack.step(), run.runId());
        }
        if (latest != lack) {
            metrics.lacks(latest != null);
        }
        lack = latest;
    }

    private void failed(KafkaException e) {
        String why = Refusal.of(e)
                .orElse(String.valueOf(
                        Optional.ofNullable(e.getCause()).orElse(e).getMessage()));
        LOGGER.logf(
                why.equals(problem) || closed.getCount() == 0 ? Logger.Level.DEBUG : Logger.Level.WARN,
                "Reading batches was interrupted; it goes on when it can. runId=%s reason=\"%s\"",
                run.runId(),
                why);
        problem = why;
    }

    @Override
    public void close() {
        closed.countDown();
        metrics.lacks(false);
        try {
            thread.join(PATIENCE.toMillis());
            // A client that waits for a broker which went away.
            thread.interrupt();
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }
}
