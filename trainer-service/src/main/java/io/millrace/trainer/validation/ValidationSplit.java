// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.validation;

import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.TopicAdmin;
import io.millrace.kafka.split.HeldOutSplit;
import io.millrace.kafka.split.HeldOutSplitReader;
import io.millrace.model.RefusedRequestException;
import io.millrace.trainer.Patience;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/**
 * The validation split of a run, read from {@code millrace.test-batches.v1}. What is not there is waited for, and said:
 * the dataset-service publishes it again. For the training thread, except {@link #problem}.
 */
final class ValidationSplit implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(ValidationSplit.class);
    /** It is published before the first step is, so that it is hardly ever waited for. */
    private static final Duration GRACE = Duration.ofSeconds(3);

    private static final Duration RETRY = Duration.ofSeconds(1);

    private final KafkaConnection connection;
    private final RunSpec run;
    private final String digest;
    private final long since = System.nanoTime();
    private KafkaConsumer<String, byte[]> consumer;
    private HeldOutSplitReader reader;
    private HeldOutSplit split;
    private volatile String problem;

    /** Reads nothing yet. */
    ValidationSplit(KafkaConnection connection, RunSpec run) {
        this.connection = connection;
        this.run = run;
        this.digest = run.dataset().validation().digest();
    }

    /**
     * Waits a moment for what is missing; false when something still is.
     *
     * @throws RefusedRequestException when it is not the one that the run was ordered with
     */
    boolean isWhole(Duration atMost) throws InterruptedException {
        if (split == null) {
            try {
                read(atMost);
            } catch (KafkaException e) {
                close();
                say(Patience.reason(e));
                Thread.sleep(RETRY.toMillis());
            }
        }
        return split != null;
    }

    private void read(Duration atMost) {
        if (reader == null) {
            TopicAdmin.ensure(connection, List.of(Topic.TEST_BATCHES));
            consumer = connection.consumer(Map.of());
            reader = new HeldOutSplitReader(
                    consumer,
                    digest,
                    HeldOutSplitReader.NEVER,
                    (record, reason) -> LOGGER.warnf(
                            "A batch of the validation split cannot be used. runId=%s offset=%d reason=\"%s\"",
                            run.runId(), record.offset(), reason));
        }
        reader.poll(atMost);
        Optional<HeldOutSplit> whole = reader.complete();
        if (whole.isPresent()) {
            requireFit(whole.get());
            split = whole.get();
            close();
            LOGGER.infof(
                    "Validation split read. runId=%s digest=%s batches=%d samples=%d",
                    run.runId(), digest, split.batches().size(), split.samples());
            problem = null;
        } else if (System.nanoTime() - since > GRACE.toNanos()) {
            say(reader.missing());
        }
    }

    private void say(String why) {
        if (!why.equals(problem)) {
            LOGGER.warnf(
                    "The validation split is not there; it is waited for. runId=%s digest=%s reason=\"%s\"",
                    run.runId(), digest, why);
        }
        problem = why;
    }

    private void requireFit(HeldOutSplit read) {
        Dataset data = run.dataset();
        ImageBatch first = read.batches().get(0);
        if (read.samples() != data.validation().samples()) {
            throw refused(read.samples() + " samples, the run was ordered with "
                    + data.validation().samples());
        }
        for (ImageBatch batch : read.batches()) {
            if (batch.channels() != data.channels()
                    || batch.height() != data.height()
                    || batch.width() != data.width()
                    || batch.encoding() != run.encoding()
                    || !batch.normalization().equals(data.normalization())) {
                throw refused("images of another form than the run's data set in batch " + first.id());
            }
            for (int label : batch.labels()) {
                if (label < 0 || label >= data.classes().size()) {
                    throw refused("the label " + label + " in batch " + batch.id() + ", the data set has "
                            + data.classes().size() + " classes");
                }
            }
        }
    }

    private RefusedRequestException refused(String what) {
        return new RefusedRequestException("the validation split " + digest + " in " + Topic.TEST_BATCHES.name()
                + " has " + what + "; delete its records or the topic, and order the run again");
    }

    /** Its batches, in their order; it is whole. */
    List<ImageBatch> batches() {
        return split.batches();
    }

    /** Why it is not there; empty while it is, or is only just being read. */
    Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    @Override
    public void close() {
        reader = null;
        if (consumer != null) {
            consumer.close();
            consumer = null;
        }
    }
}
