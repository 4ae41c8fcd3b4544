// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.batch.MalformedBatchException;
import io.millrace.contracts.batch.Split;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeldOutSplitAssemblyTest {
    private static final String DIGEST = "c0ffee";
    private static final Normalization NORMALIZATION = Normalization.ofMeanStd(List.of(0.5), List.of(0.25));

    private final HeldOutSplitAssembly assembly = new HeldOutSplitAssembly(DIGEST);

    @Test
    void batchesInAnyOrderAndRepeatedMakeOneSplit() throws Exception {
        // Given the last one smaller, as the last batch of a test split is
        ImageBatch last = testBatch(DIGEST, 2, 3, 1);
        assertThat(assembly.missing()).isEqualTo("no batch of it is there");

        // When
        assertThat(assembly.add(last)).isTrue();
        assertThat(assembly.add(testBatch(DIGEST, 0, 3, 0, 1))).isTrue();
        assertThat(assembly.add(testBatch(DIGEST, 0, 3, 1, 1))).isFalse();
        assertThat(assembly.complete()).isEmpty();
        assertThat(assembly.missing()).isEqualTo("2 of 3 batches are there, missing 1");
        assertThat(assembly.add(testBatch(DIGEST, 1, 3, 0, 0))).isTrue();

        // Then
        HeldOutSplit split = assembly.complete().orElseThrow();
        assertThat(split.samples()).isEqualTo(5);
        assertThat(split.batches()).extracting(batch -> batch.id().index()).containsExactly(0, 1, 2);
        assertThat(split.batches().get(0).labels()).containsExactly(0, 1);
    }

    @Test
    void aBatchThatCameInPartsIsThereWhenTheyAllAre() throws Exception {
        assertThat(assembly.add(part(1, 1, 2, 0))).isTrue();
        assertThat(assembly.add(testBatch(DIGEST, 0, 2, 1, 1))).isTrue();
        assertThat(assembly.add(part(1, 1, 2, 0))).isFalse();
        assertThat(assembly.complete()).isEmpty();
        assertThat(assembly.missing()).isEqualTo("1 of 2 batches are there, missing 1");
        assertThat(assembly.add(part(1, 0, 2, 1, 0, 1))).isTrue();

        HeldOutSplit split = assembly.complete().orElseThrow();
        assertThat(split.batches())
                .extracting(batch -> batch.id().toString())
                .containsExactly(DIGEST + "/test/0/0/0", DIGEST + "/test/0/1/0/0of2", DIGEST + "/test/0/1/0/1of2");
        assertThat(split.samples()).isEqualTo(6);
        refused(part(1, 2, 3, 0), "it is a part of 3, others of 2");
    }

    private static ImageBatch part(int index, int part, int parts, int... labels) {
        return batch(new BatchId(DIGEST, Split.TEST, 0, index, 0, part, parts), 2, 2, labels);
    }

    @Test
    void itsSizeIsToldByItsFirstBatches() throws Exception {
        assertThat(assembly.expectedBytes()).isZero();
        ImageBatch last = testBatch(DIGEST, 2, 3, 1);
        long image = last.images().limit();
        assembly.add(last);
        assertThat(assembly.expectedBytes()).isEqualTo(3 * image);
        assembly.add(testBatch(DIGEST, 0, 3, 0, 1));
        assertThat(assembly.expectedBytes()).isEqualTo(6 * image);
        assembly.add(testBatch(DIGEST, 1, 3, 0, 1));
        assertThat(assembly.complete().orElseThrow().bytes()).isEqualTo(5 * image);
    }

    @Test
    void onlyTheFirstMissingOnesAreNamed() throws Exception {
        assembly.add(testBatch(DIGEST, 3, 10, 0));

        assertThat(assembly.missing()).isEqualTo("1 of 10 batches are there, missing 0, 1, 2, 4, 5, …");
    }

    @Test
    void whatDoesNotBelongIsRefused() throws Exception {
        assembly.add(testBatch(DIGEST, 0, 3, 0));

        refused(testBatch("other", 1, 3, 0), "it is of the split with digest other, its key says " + DIGEST);
        refused(batch(new BatchId(DIGEST, Split.TRAIN, 0, 1, 0), 3, 2, 0), "it is of the split train");
        refused(testBatch(DIGEST, 3, 3, 0), "its index is 3 of 3");
        refused(testBatch(DIGEST, 1, 4, 0), "it is one of 4, others of 3");
        refused(testBatch(DIGEST, 1, 3), "it has no samples");
        refused(
                batch(new BatchId(DIGEST, Split.TEST, 0, 1, 0), 3, 5, 0),
                "its images have another shape than those of batch");
    }

    private void refused(ImageBatch batch, String why) {
        assertThatThrownBy(() -> assembly.add(batch))
                .isInstanceOf(MalformedBatchException.class)
                .hasMessageContaining(why);
    }

    private static ImageBatch testBatch(String digest, int index, int batches, int... labels) {
        return batch(new BatchId(digest, Split.TEST, 0, index, 0), batches, 2, labels);
    }

    private static ImageBatch batch(BatchId id, int batches, int size, int... labels) {
        return new ImageBatch(
                id,
                batches,
                Encoding.UINT8,
                NORMALIZATION,
                labels.length,
                1,
                size,
                size,
                ByteBuffer.allocate(labels.length * size * size),
                labels,
                "samples");
    }
}
