// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.DeadLetters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/**
 * The batches of one run, read ahead by a thread of its own into a bounded queue. When the broker goes away the thread
 * waits for it and goes on where it was.
 *
 * <p>{@link #poll} and {@link #trained} are for one training thread.
 */
public final class BatchReader implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(BatchReader.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final ReaderSettings settings;
    private final RunSpec run;
    private final ConsumeObserver observer;
    private final List<Shard> shards = new ArrayList<>();
    private final PrefetchQueue queue;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /**
     * Starts to read.
     *
     * @param run what is trained
     * @param step the first step wanted, from 0
     * @param offsets by partition, where reading goes on; empty for a run that has no checkpoint
     * @param otherRuns tells the records of other runs apart
     */
    public BatchReader(
            ReaderSettings settings,
            RunSpec run,
            long step,
            Map<Integer, Long> offsets,
            OtherRuns otherRuns,
            ConsumeObserver observer) {
        this.settings = settings;
        this.run = run;
        this.observer = observer;
        this.queue = new PrefetchQueue(settings.prefetchSteps(), settings.prefetchBytes());
        for (int k = 0; k < run.shards(); k++) {
            Shard shard =
                    new Shard(new TopicPartition(Topic.BATCHES.name(), k), new ShardReader(run, k, step, otherRuns));
            Optional.ofNullable(offsets.get(k)).ifPresent(shard::readTo);
            shards.add(shard);
        }
        this.thread = new Thread(this::readUntilClosed, "batch-reader");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * The next step; empty when none came in time.
     *
     * @throws RunFailedException when none will ever come
     * @throws IllegalStateException when reading died of something that is no fault of the run
     */
    public Optional<StepInput> poll(Duration atMost) throws InterruptedException, RunFailedException {
        return queue.poll(atMost);
    }

    /** A step is done; its records will not be needed again. */
    public void trained(StepInput step) {
        step.shards().forEach(batch -> shards.get(batch.id().shard()).trainedTo(batch.offset() + 1));
    }

    private void readUntilClosed() {
        try {
            boolean said = false;
            while (closed.getCount() > 0) {
                // Both refuse a broker whose name cannot be resolved, which may pass.
                try (DeadLetters deadLetters = new DeadLetters(settings.bootstrapServers(), Topic.BATCHES);
                        Fetch fetch = new Fetch(settings, run, shards, queue, deadLetters, observer)) {
                    fetch.run(closed);
                } catch (KafkaException e) {
                    LOGGER.logf(
                            said || closed.getCount() == 0 ? Logger.Level.DEBUG : Logger.Level.WARN,
                            "Reading batches was interrupted; it goes on when it can. runId=%s reason=\"%s\"",
                            run.runId(),
                            Optional.ofNullable(e.getCause()).orElse(e).getMessage());
                    said = true;
                    closed.await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RunFailedException | RuntimeException | Error e) {
            // Whatever ends this thread: the one that trains must not wait for it for ever.
            queue.fail(e);
        }
    }

    /** Stops to read; the positions of what was trained are committed. */
    @Override
    public void close() {
        closed.countDown();
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
