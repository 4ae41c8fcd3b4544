// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.MalformedBatchException;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Decodes records, puts parts together, and refuses what the run's network must not be fed with. */
final class BatchCheck {
    private final RunSpec run;

    BatchCheck(RunSpec run) {
        this.run = run;
    }

    /**
     * The batch in a record, or the part of one.
     *
     * @param id what the record's headers say it is
     * @throws MalformedBatchException saying what is wrong
     */
    ImageBatch decode(ConsumerRecord<String, byte[]> record, BatchId id) throws MalformedBatchException {
        require(
                id.owner().equals(record.key()),
                "its key says it is of run " + record.key() + ", its headers of " + id.owner());
        require(record.value() != null, "the record has no value");
        require(
                id.parts() <= run.recipe().batchSize(),
                "it is one of " + id.parts() + " parts, a batch has "
                        + run.recipe().batchSize() + " images");
        ImageBatch batch = BatchCodec.decode(ByteBuffer.wrap(record.value()));
        require(batch.id().equals(id), "its metadata say it is " + batch.id() + ", its headers " + id);
        checkForm(batch);
        checkLabels(batch.labels());
        checkLoss(batch);
        return batch;
    }

    private void checkForm(ImageBatch batch) throws MalformedBatchException {
        Dataset dataset = run.dataset();
        // How many images a part has, only all of them together can tell.
        int size = batch.id().parts() == 1 ? run.recipe().batchSize() : batch.size();
        List<Integer> expected = List.of(size, dataset.channels(), dataset.height(), dataset.width());
        List<Integer> found = List.of(batch.size(), batch.channels(), batch.height(), batch.width());
        require(expected.equals(found), "images should be of shape " + expected + ", they are " + found);
        require(
                batch.encoding() == run.encoding(),
                "its images are encoded as " + batch.encoding() + ", the run's as " + run.encoding());
        require(
                dataset.normalization().equals(batch.normalization()),
                "its normalization " + batch.normalization() + " is not the run's " + dataset.normalization());
        require(
                batch.batchesPerEpoch() == run.batchesPerEpoch(),
                "it is of " + batch.batchesPerEpoch() + " batches per epoch, the run has " + run.batchesPerEpoch());
    }

    private void checkLabels(int[] labels) throws MalformedBatchException {
        int classes = run.dataset().classes().size();
        for (int k = 0; k < labels.length; k++) {
            if (labels[k] < 0 || labels[k] >= classes) {
                throw new MalformedBatchException("label " + labels[k] + " of image " + k
                        + " is out of range; there are " + classes + " classes");
            }
        }
    }

    /** What was not asked for would be passed over, and what is missing cannot be made up. */
    private void checkLoss(ImageBatch batch) throws MalformedBatchException {
        int soft = run.recipe().augmentation().mixes() ? run.dataset().classes().size() : 0;
        require(
                batch.softClasses() == soft,
                "it has soft labels of " + batch.softClasses() + " classes, the run's recipe asks for " + soft);
        boolean weighted = run.recipe().classWeights() != null;
        require(
                (batch.weights() != null) == weighted,
                weighted
                        ? "it has no weights, the run's recipe asks for some"
                        : "it has weights, the run's recipe asks for none");
    }

    /**
     * A batch of its parts.
     *
     * @param parts all of them, in their order
     * @throws MalformedBatchException when they are not of one batch
     */
    ImageBatch join(List<ImageBatch> parts) throws MalformedBatchException {
        ImageBatch first = parts.get(0);
        if (parts.size() == 1) {
            return first;
        }
        int size = parts.stream().mapToInt(ImageBatch::size).sum();
        require(
                size == run.recipe().batchSize(),
                "its parts have " + size + " images together, a batch has "
                        + run.recipe().batchSize());
        require(
                parts.stream().allMatch(part -> part.samplesDigest().equals(first.samplesDigest())),
                "its parts are of different samples");
        ByteBuffer images = ByteBuffer.allocate(
                parts.stream().mapToInt(part -> part.images().remaining()).sum());
        parts.forEach(part -> images.put(part.images()));
        IntStream labels = parts.stream().flatMapToInt(part -> Arrays.stream(part.labels()));
        return new ImageBatch(
                first.id().whole(),
                first.batchesPerEpoch(),
                first.encoding(),
                first.normalization(),
                size,
                first.channels(),
                first.height(),
                first.width(),
                images.flip(),
                labels.toArray(),
                first.samplesDigest(),
                joined(parts, ImageBatch::softLabels),
                joined(parts, ImageBatch::weights));
    }

    /** Values of all parts one after the other; null where they have none. */
    private static float[] joined(List<ImageBatch> parts, Function<ImageBatch, float[]> values) {
        if (values.apply(parts.get(0)) == null) {
            return null;
        }
        FloatBuffer all = FloatBuffer.allocate(
                parts.stream().mapToInt(part -> values.apply(part).length).sum());
        parts.forEach(part -> all.put(values.apply(part)));
        return all.array();
    }

    private static void require(boolean condition, String otherwise) throws MalformedBatchException {
        if (!condition) {
            throw new MalformedBatchException(otherwise);
        }
    }
}
