// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

import io.millrace.contracts.delta.Delta;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Sync;
import io.millrace.kafka.KafkaConnection;
import io.millrace.trainer.TrainerMetrics;
import io.millrace.trainer.consume.BatchReader;
import io.millrace.trainer.consume.ShardBatch;
import io.millrace.trainer.publish.LeftAloneException;
import io.millrace.trainer.publish.RunWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A replica whose batches and deltas lie in the run's logs. For the training thread, but for what any may ask. */
public final class LoggedReplica implements Replica {
    private final KafkaConnection connection;
    private final RunSpec run;
    private final int number;
    private final RunWriter writer;
    private final boolean closesWriter;
    private final int prefetchSteps;
    private final long prefetchBytes;
    private final TrainerMetrics metrics;
    private volatile BatchReader reader;
    private long next;

    /**
     * Of a run.
     *
     * @param number of the replica
     * @param writer open, so that whoever had the replica before can write nothing more
     * @param closesWriter whether it is of nothing else
     * @param prefetchSteps decoded steps that may wait
     * @param prefetchBytes bytes of images that may wait
     */
    public LoggedReplica(
            KafkaConnection connection,
            RunSpec run,
            int number,
            RunWriter writer,
            boolean closesWriter,
            int prefetchSteps,
            long prefetchBytes,
            TrainerMetrics metrics) {
        this.connection = connection;
        this.run = run;
        this.number = number;
        this.writer = writer;
        this.closesWriter = closesWriter;
        this.prefetchSteps = prefetchSteps;
        this.prefetchBytes = prefetchBytes;
        this.metrics = metrics;
    }

    @Override
    public Optional<ShardBatch> batch(long step, Optional<Long> offset, Duration atMost) throws InterruptedException {
        if (reader == null || next != step) {
            closeReader();
            reader = new BatchReader(
                    connection,
                    run,
                    List.of(number),
                    step,
                    offset.map(at -> Map.of(number, at)).orElse(Map.of()),
                    prefetchSteps,
                    prefetchBytes,
                    metrics);
            next = step;
        }
        Optional<ShardBatch> batch =
                reader.poll(atMost).map(input -> input.shards().get(0));
        next += batch.isPresent() ? 1 : 0;
        return batch;
    }

    @Override
    public void share(Delta delta) {
        Sync.Encoding encoding = run.recipe().sync().encoding();
        List<ProducerRecord<String, byte[]>> records = DeltaRecords.of(delta, encoding);
        metrics.shared(
                records.stream().mapToLong(record -> record.value().length).sum());
        writer.share(records);
    }

    @Override
    public void check() throws LeftAloneException {
        writer.check();
    }

    @Override
    public Optional<Long> lacks() {
        return Optional.ofNullable(reader).flatMap(BatchReader::lacks);
    }

    @Override
    public Optional<String> problem() {
        return writer.problem().or(() -> Optional.ofNullable(reader).flatMap(BatchReader::problem));
    }

    private void closeReader() {
        if (reader != null) {
            reader.close();
        }
    }

    @Override
    public void close() {
        closeReader();
        if (closesWriter) {
            writer.close();
        }
    }
}
