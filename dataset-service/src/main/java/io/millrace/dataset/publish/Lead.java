// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.DatasetConfig;
import io.millrace.dataset.DatasetMetrics;
import io.millrace.dataset.publish.BatchWriter.Written;
import io.millrace.dataset.run.RunRegistry;
import java.time.Duration;
import java.util.List;

/** How far publishing is ahead of the trainers, and whether there is room for more. Not thread-safe. */
final class Lead implements AutoCloseable {
    private static final Duration FRESH = Duration.ofSeconds(1);
    /** What a batch's metadata and labels take, at most for usual sizes. */
    private static final int HEADER_BYTES = 1024;

    private final RunRegistry registry;
    private final DatasetMetrics metrics;
    private final TrainerPosition trainers;
    private final Backlog backlog;
    private final Pause pause = new Pause();
    private long refreshedNanos;

    Lead(String bootstrapServers, DatasetConfig config, RunRegistry registry, DatasetMetrics metrics) {
        this.registry = registry;
        this.metrics = metrics;
        this.backlog = new Backlog(config.maxAhead().asLongValue(), config.maxAheadEpochs());
        this.trainers = new TrainerPosition(bootstrapServers);
    }

    /** Learns from the log what waits for trainers. */
    void begin(LogReader log) throws InterruptedException {
        log.fill(backlog, trainers.next());
        refresh(Duration.ZERO);
    }

    /** Batches of a run are in the log. */
    void published(String runId, List<Written> batches) {
        batches.forEach(batch -> backlog.published(batch.partition(), runId, batch.offset(), batch.bytes()));
        metrics.ahead(backlog.batches());
    }

    /** Whether there is room for a step, now or a moment later. */
    boolean awaitRoom(RunSpec spec) throws InterruptedException {
        refresh();
        if (!hasRoom(spec, 1)) {
            long before = backlog.batches();
            registry.awaitChange(pause.length());
            refresh(Duration.ZERO);
            pause.saw(before, backlog.batches());
        }
        return hasRoom(spec, 1);
    }

    boolean hasRoom(RunSpec spec, int steps) {
        return backlog.hasRoom(steps, steps * stepBytes(spec), spec.batchesPerEpoch());
    }

    /** About what the batches of one step take in the log. */
    static long stepBytes(RunSpec spec) {
        long values = (long) spec.dataset().channels()
                * spec.dataset().height()
                * spec.dataset().width();
        long batch = values * spec.encoding().bytes() * spec.recipe().batchSize() + HEADER_BYTES;
        return batch * spec.shards();
    }

    /** Asks how far trainers are, unless nothing waits for them or that was asked a moment ago. */
    void refresh() throws InterruptedException {
        refresh(FRESH);
    }

    private void refresh(Duration age) throws InterruptedException {
        if (backlog.batches() > 0 && System.nanoTime() - refreshedNanos >= age.toNanos()) {
            backlog.processed(trainers.next(), registry::live);
            refreshedNanos = System.nanoTime();
        }
        metrics.ahead(backlog.batches());
    }

    @Override
    public void close() {
        trainers.close();
    }
}
