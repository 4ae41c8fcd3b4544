// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.dataset.DatasetConfig;
import io.millrace.dataset.DatasetMetrics;
import io.millrace.dataset.publish.BatchWriter.Written;
import io.millrace.dataset.run.RunRegistry;
import io.millrace.dataset.source.DatasetCatalog;
import io.millrace.dataset.source.ImageSet;
import io.millrace.kafka.EventLog;
import io.millrace.kafka.TopicAdmin;
import io.quarkus.logging.Log;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * Publishing between two losses of the broker. It begins with what the log says and ends with the first error, after
 * which only a new session, which reads the log again, can know what was written. Confined to one thread.
 */
final class PublishingSession implements AutoCloseable {
    private static final Duration IDLE = Duration.ofSeconds(1);
    /** A transaction holds at most so many steps: enough to make commits cheap, few enough to arrive soon. */
    private static final int STEPS_PER_TRANSACTION = 32;

    private static final long BYTES_PER_TRANSACTION = 8L << 20;

    private final RunRegistry registry;
    private final RunData data;
    private final DatasetMetrics metrics;
    private final String bootstrapServers;
    private final BatchWriter writer;
    private final Lead lead;
    private Map<String, BitSet> testBatches = Map.of();

    PublishingSession(
            String bootstrapServers,
            DatasetConfig config,
            RunRegistry registry,
            DatasetCatalog catalog,
            DatasetMetrics metrics,
            MeterRegistry meters) {
        this.bootstrapServers = bootstrapServers;
        this.registry = registry;
        this.data = new RunData(registry, catalog);
        this.metrics = metrics;
        this.lead = new Lead(bootstrapServers, config, registry, metrics);
        this.writer = new BatchWriter(bootstrapServers, meters);
    }

    /** Fences other writers, then learns from the log what is there. */
    void open() throws InterruptedException {
        TopicAdmin.ensure(bootstrapServers, List.of(Topic.RUNS, Topic.RUN_STATUS, Topic.BATCHES, Topic.TEST_BATCHES));
        writer.open();
        replay();
    }

    private void replay() throws InterruptedException {
        if (registry.ends(
                EventLog.end(bootstrapServers, Topic.RUNS), EventLog.end(bootstrapServers, Topic.RUN_STATUS))) {
            Log.warn("The topics of the runs are shorter than they were; they are read from the beginning");
        }
        EventLog.readAll(bootstrapServers, Topic.RUNS, RunSpec.class)
                .forEach(entry -> registry.run(entry.key(), entry.value(), entry.offset()));
        EventLog.readAll(bootstrapServers, Topic.RUN_STATUS, RunStatus.class)
                .forEach(entry -> registry.status(entry.key(), entry.value(), entry.offset()));
        try (LogReader log = new LogReader(bootstrapServers)) {
            testBatches = log.testBatches();
            lead.begin(log);
            registry.replayed(ResumePoint.steps(registry.all(), log.lastTrained(), log::lastTrainedByRun));
        }
    }

    /** Publishes one run after the other until it is interrupted or something breaks. */
    void work() throws InterruptedException {
        while (true) {
            Optional<RunSpec> next = registry.next();
            if (next.isEmpty()) {
                registry.awaitChange(IDLE);
                lead.refresh();
                continue;
            }
            RunSpec spec = next.get();
            Optional<ImageSet> set = data.obtain(spec);
            if (set.isPresent()) {
                publishUnlessRefused(spec, new BatchMaker(set.get(), spec.encoding()));
            }
        }
    }

    /** A batch that is larger than the broker takes ends its run, not the service. */
    private void publishUnlessRefused(RunSpec spec, BatchMaker maker) throws InterruptedException {
        try {
            publish(spec, maker);
        } catch (KafkaException e) {
            if (!Publisher.hasCause(e, List.of(RecordTooLargeException.class))) {
                throw e;
            }
            writer.abort();
            String reason =
                    "Kafka does not take a batch of this size; delete the run and start one with a smaller batchSize,"
                            + " or raise max.message.bytes of " + Topic.BATCHES.name() + " and "
                            + Topic.TEST_BATCHES.name()
                            + " and restart the dataset-service";
            Log.errorf(e, "The run is blocked. runId=%s reason=\"%s\"", spec.runId(), reason);
            registry.blocked(spec.runId(), reason);
            while (registry.live(spec.runId())) {
                registry.awaitChange(IDLE);
            }
        }
    }

    private void publish(RunSpec spec, BatchMaker maker) throws InterruptedException {
        long step = registry.steps(spec);
        Log.infof("Publishing. runId=%s step=%d steps=%d", spec.runId(), step, spec.steps());
        TopicAdmin.ensure(bootstrapServers, Map.of(Topic.BATCHES, spec.shards()));
        publishTest(spec, maker);
        while (step < spec.steps() && registry.live(spec.runId())) {
            if (lead.awaitRoom(spec)) {
                step = publish(spec, maker, step);
                registry.published(spec.runId(), step);
            }
        }
        Log.infof(
                "%s. runId=%s step=%d steps=%d",
                step == spec.steps() ? "Published" : "Publishing stopped: the run is deleted or has ended",
                spec.runId(),
                step,
                spec.steps());
    }

    private void publishTest(RunSpec spec, BatchMaker maker) throws InterruptedException {
        BitSet there = testBatches.computeIfAbsent(spec.dataset().digest(), any -> new BitSet());
        int count = BatchMaker.testBatches(spec.dataset());
        for (int index = there.nextClearBit(0); index < count; index = there.nextClearBit(index)) {
            write(Topic.TEST_BATCHES, Stream.of(maker.test(index)), System.nanoTime());
            there.set(index);
        }
    }

    /** One transaction; returns the step after it. */
    private long publish(RunSpec spec, BatchMaker maker, long from) throws InterruptedException {
        long start = System.nanoTime();
        long to = from + steps(spec, from);
        Stream<ImageBatch> batches = LongStream.range(from, to)
                .boxed()
                .flatMap(step -> IntStream.range(0, spec.shards()).mapToObj(shard -> batch(spec, maker, step, shard)));
        lead.published(spec.runId(), write(Topic.BATCHES, batches, start));
        if (to / spec.batchesPerEpoch() > from / spec.batchesPerEpoch()) {
            Log.infof("Epoch published. runId=%s epoch=%d step=%d", spec.runId(), to / spec.batchesPerEpoch(), to);
        }
        return to;
    }

    private static ImageBatch batch(RunSpec spec, BatchMaker maker, long step, int shard) {
        int epoch = (int) (step / spec.batchesPerEpoch());
        int index = (int) (step % spec.batchesPerEpoch());
        return maker.train(spec, epoch, index, shard);
    }

    /** How many steps go into one transaction: at least one, within what it may hold and what there is room for. */
    private int steps(RunSpec spec, long from) {
        int steps = 1;
        while (from + steps < spec.steps()
                && steps < STEPS_PER_TRANSACTION
                && (steps + 1) * Lead.stepBytes(spec) <= BYTES_PER_TRANSACTION
                && lead.hasRoom(spec, steps + 1)) {
            steps++;
        }
        return steps;
    }

    private List<Written> write(Topic topic, Stream<ImageBatch> batches, long startNanos) throws InterruptedException {
        List<Written> written = writer.write(topic, batches);
        long bytes = written.stream().mapToLong(Written::bytes).sum();
        metrics.published(written.size(), bytes, Duration.ofNanos(System.nanoTime() - startNanos));
        return written;
    }

    @Override
    public void close() {
        writer.close();
        lead.close();
    }
}
