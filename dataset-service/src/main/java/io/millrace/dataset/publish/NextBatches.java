// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.DatasetMetrics;
import io.millrace.dataset.run.LogLimits;
import io.millrace.dataset.run.RunRegistry;
import io.quarkus.logging.Log;
import java.time.Duration;
import java.util.BitSet;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes what comes next of a run: its test split, unless an earlier run of the same data brought it, its validation split
 * likewise, and then its steps.
 * Not thread-safe.
 */
final class NextBatches implements AutoCloseable {
    /** A transaction holds at most so many steps: enough to make commits cheap, few enough to arrive soon. */
    private static final int STEPS_PER_TRANSACTION = 32;

    private static final long BYTES_PER_TRANSACTION = 8L << 20;

    private final BatchWriter writer;
    private final RunRegistry registry;
    private final DatasetMetrics metrics;
    /** By the digest of the split, the indices of the batches that are there. */
    private Map<String, BitSet> heldOut = Map.of();

    NextBatches(BatchWriter writer, RunRegistry registry, DatasetMetrics metrics) {
        this.writer = writer;
        this.registry = registry;
        this.metrics = metrics;
    }

    /** Fences other writers. */
    void takeOver() {
        writer.open();
    }

    /** These batches of test and validation splits are there. */
    void begin(Map<String, BitSet> there) {
        heldOut = there;
    }

    /** Whether a batch of a run is missing that there is room for. */
    boolean isMissing(RunLog log) {
        Dataset data = log.run().dataset();
        return isTestMissing(data) || isValidationMissing(data) || log.room(1) > 0;
    }

    private boolean isTestMissing(Dataset data) {
        return next(data.digest()) < HeldOutBatches.test(data);
    }

    private boolean isValidationMissing(Dataset data) {
        return data.validation() != null && next(data.validation().digest()) < HeldOutBatches.validation(data);
    }

    private int next(String digest) {
        return there(digest).nextClearBit(0);
    }

    private BitSet there(String digest) {
        return heldOut.computeIfAbsent(digest, any -> new BitSet());
    }

    /** One transaction. */
    void write(RunLog log, BatchMaker maker) throws InterruptedException {
        Dataset data = log.run().dataset();
        if (isTestMissing(data)) {
            heldOut(maker.test(next(data.digest())));
        } else if (isValidationMissing(data)) {
            String digest = data.validation().digest();
            heldOut(maker.validation(digest, next(digest)));
        } else {
            train(log, maker);
        }
    }

    private void heldOut(ImageBatch batch) throws InterruptedException {
        write(Topic.TEST_BATCHES, Stream.of(batch), 1);
        there(batch.id().owner()).set(batch.id().index());
    }

    private void train(RunLog log, BatchMaker maker) throws InterruptedException {
        RunSpec run = log.run();
        long most = Math.min(STEPS_PER_TRANSACTION, BYTES_PER_TRANSACTION / LogLimits.stepBytes(run));
        long from = log.next();
        long to = from + log.room((int) Math.max(1, most));
        write(log.topic(), maker.train(run, from, to), (int) (to - from) * run.shards());
        log.published(to);
        registry.published(run, to);
        if (to / run.batchesPerEpoch() > from / run.batchesPerEpoch()) {
            Log.infof("Epoch published. runId=%s epoch=%d step=%d", run.runId(), to / run.batchesPerEpoch(), to);
        }
        if (log.isComplete()) {
            Log.infof("Published. runId=%s step=%d steps=%d", run.runId(), to, run.steps());
        }
    }

    private void write(Topic topic, Stream<ImageBatch> batches, int count) throws InterruptedException {
        long start = System.nanoTime();
        long bytes = writer.write(topic, batches);
        metrics.published(count, bytes, Duration.ofNanos(System.nanoTime() - start));
    }

    /** Gives up what the broker has refused. */
    void abort() {
        writer.abort();
    }

    @Override
    public void close() {
        writer.close();
    }
}
