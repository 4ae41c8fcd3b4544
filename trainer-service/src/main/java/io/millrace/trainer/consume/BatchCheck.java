// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.MalformedBatchException;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import java.nio.ByteBuffer;
import java.util.List;

/** Decodes a record's value and refuses what the run's network must not be fed with. */
final class BatchCheck {
    private final RunSpec run;

    BatchCheck(RunSpec run) {
        this.run = run;
    }

    /**
     * The batch in a record.
     *
     * @param value of the record, may be null
     * @param id what the record's headers say it is
     * @throws MalformedBatchException saying what is wrong
     */
    ImageBatch decode(byte[] value, BatchId id) throws MalformedBatchException {
        if (value == null) {
            throw new MalformedBatchException("the record has no value");
        }
        ImageBatch batch = BatchCodec.decode(ByteBuffer.wrap(value));
        require(batch.id().equals(id), "its metadata say it is " + batch.id() + ", its headers " + id);
        checkShape(batch);
        checkLabels(batch.labels());
        return batch;
    }

    private void checkShape(ImageBatch batch) throws MalformedBatchException {
        Dataset dataset = run.dataset();
        List<Integer> expected =
                List.of(run.recipe().batchSize(), dataset.channels(), dataset.height(), dataset.width());
        List<Integer> found = List.of(batch.size(), batch.channels(), batch.height(), batch.width());
        require(expected.equals(found), "images should be of shape " + expected + ", they are " + found);
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

    private static void require(boolean condition, String otherwise) throws MalformedBatchException {
        if (!condition) {
            throw new MalformedBatchException(otherwise);
        }
    }
}
