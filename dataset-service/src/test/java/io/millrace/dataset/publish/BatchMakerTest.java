// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.run.LogLimits;
import io.millrace.dataset.run.RunSpecs;
import io.millrace.dataset.source.Decoders;
import io.millrace.dataset.source.ImageSet;
import io.millrace.dataset.source.Samples;
import io.millrace.dataset.source.ValidationSplit;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class BatchMakerTest {
    private static final Decoders DECODERS = new Decoders();

    /** 50 training samples of 2x2x3 values that hold the sample's number, class = number modulo 10. */
    private static final ImageSet SET = ImageSet.of(
            "test",
            "numbers",
            2,
            2,
            3,
            IntStream.range(0, 10).mapToObj(Integer::toString).toList(),
            new Normalization(List.of(0.5f, 2f), List.of(10f, 20f)),
            samples(50),
            samples(1001));

    private static Samples samples(int count) {
        byte[] pixels = new byte[count * 12];
        byte[] labels = new byte[count];
        for (int k = 0; k < count; k++) {
            Arrays.fill(pixels, k * 12, k * 12 + 12, (byte) k);
            labels[k] = (byte) (k % 10);
        }
        return new Samples(pixels, labels);
    }

    @AfterAll
    static void stop() {
        DECODERS.close();
    }

    private final RunSpec spec = RunSpecs.of(SET.info(), 4, 3);
    private final BatchMaker maker = new BatchMaker(SET, DECODERS, Encoding.UINT8);

    @Test
    void theShardsOfAnEpochTogetherShowEverySampleAtMostOnce() {
        // Given twelve samples a step, so four steps and two samples left over
        assertThat(spec.batchesPerEpoch()).isEqualTo(4);

        // When
        List<Integer> shown = new ArrayList<>();
        for (int index = 0; index < 4; index++) {
            for (int shard = 0; shard < 3; shard++) {
                ImageBatch batch = maker.train(spec, 1, index, shard);
                for (int k = 0; k < batch.size(); k++) {
                    int sample = batch.images().get(k * 12);
                    assertThat(batch.labels()[k]).isEqualTo(sample % 10);
                    shown.add(sample);
                }
            }
        }

        // Then
        assertThat(shown).hasSize(48).doesNotHaveDuplicates();
        assertThat(shown).isNotEqualTo(shown.stream().sorted().toList());
    }

    @Test
    void aBatchIsTheSameWheneverItIsMade() {
        byte[] late = BatchCodec.encode(maker.train(spec, 2, 3, 1));
        maker.train(spec, 0, 0, 0);

        assertThat(BatchCodec.encode(maker.train(spec, 2, 3, 1))).isEqualTo(late);
        assertThat(BatchCodec.encode(new BatchMaker(SET, DECODERS, Encoding.UINT8).train(spec, 2, 3, 1)))
                .isEqualTo(late);
    }

    @Test
    void theBatchesOfSomeStepsComeInTheirOrder() {
        List<ImageBatch> some = maker.train(spec, 3, 6).toList();

        assertThat(some).hasSize(9);
        for (int k = 0; k < 9; k++) {
            int step = 3 + k / 3;
            assertThat(BatchCodec.encode(some.get(k)))
                    .isEqualTo(BatchCodec.encode(maker.train(spec, step / 4, step % 4, k % 3)));
        }
    }

    @Test
    void theHeadOfABatchHoldsNoMoreThanIsAskedForUnlessItsImagesAreMixed() {
        // Given
        RunSpec mixed = RunSpecs.ordered(
                "run",
                Instant.EPOCH,
                "{\"recipe\":{\"batchSize\":4,\"augmentation\":{\"mixUp\":{}}},\"shards\":3}",
                SET.info());

        // When the second shard of the third step is asked for
        ImageBatch head = maker.head(spec, 1, 7, 2);

        // Then
        ImageBatch whole = maker.train(spec, 1, 2, 1);
        assertThat(head.size()).isEqualTo(2);
        assertThat(head.images()).isEqualTo(whole.images(0, 2).images());
        assertThat(BatchCodec.encode(maker.head(spec, 1, 7, 9))).isEqualTo(BatchCodec.encode(whole));
        assertThat(BatchCodec.encode(maker.head(mixed, 1, 7, 2)))
                .isEqualTo(BatchCodec.encode(maker.train(mixed, 1, 2, 1)));
    }

    @Test
    void floatsAreTheNormalizedBytes() {
        ImageBatch bytes = maker.train(spec, 0, 0, 0);
        ImageBatch floats = new BatchMaker(SET, DECODERS, Encoding.FLOAT32).train(spec, 0, 0, 0);

        assertThat(floats.encoding()).isEqualTo(Encoding.FLOAT32);
        ByteBuffer values = floats.images();
        for (int k = 0; k < 4 * 12; k++) {
            int channel = k / 6 % 2;
            assertThat(values.getFloat())
                    .isEqualTo(SET.info()
                            .normalization()
                            .apply(channel, bytes.images().get(k)));
        }
    }

    @Test
    void testBatchesFollowTheDataSetsOrderAndTheLastOneIsSmaller() {
        assertThat(HeldOutBatches.test(SET.info())).isEqualTo(3);

        assertThat(maker.test(0).size()).isEqualTo(500);
        assertThat(maker.test(2).size()).isEqualTo(1);
        assertThat(maker.test(1).images().get(0)).isEqualTo((byte) 500);
        assertThat(maker.test(2).id().toString()).isEqualTo(SET.info().digest() + "/test/0/2/0");
        assertThat(maker.test(2).batchesPerEpoch()).isEqualTo(3);
    }

    @Test
    void whatIsSetApartIsScoredAndNeverTrainedOn() {
        // Given one of the five samples of each of the ten classes set apart
        ValidationSplit split = ValidationSplit.of(SET, 0.2, 1);
        Dataset info = SET.info().with(split.info(SET.info(), Encoding.UINT8));
        RunSpec divided = RunSpecs.of(info, 4, 2);
        BatchMaker maker = new BatchMaker(SET, DECODERS, Encoding.UINT8, split);
        assertThat(divided.batchesPerEpoch()).isEqualTo(5);

        // When
        List<Integer> shown = new ArrayList<>();
        for (int step = 0; step < 10; step++) {
            for (int shard = 0; shard < 2; shard++) {
                shown.addAll(samples(maker.train(divided, step / 5, step % 5, shard)));
            }
        }
        ImageBatch validation = maker.validation(info.validation().digest(), 0);

        // Then
        assertThat(shown).hasSize(80);
        assertThat(shown.subList(0, 40)).doesNotHaveDuplicates();
        assertThat(shown).doesNotContainAnyElementsOf(samples(validation));
        assertThat(validation.labels()).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(validation.id().toString()).isEqualTo(info.validation().digest() + "/test/0/0/0");
        assertThat(HeldOutBatches.validation(info)).isEqualTo(1);
        assertThat(HeldOutBatches.validation(SET.info())).isZero();
    }

    /** Images whose values all equal their number, erased wholly by a rectangle: what is scored is never changed. */
    @Test
    void trainingImagesAreAugmentedAndHeldOutOnesAreNot() {
        // Given
        ValidationSplit split = ValidationSplit.of(SET, 0.2, 1);
        Dataset info = SET.info().with(split.info(SET.info(), Encoding.UINT8));
        RunSpec augmented = RunSpecs.ordered(
                "run",
                Instant.EPOCH,
                "{\"recipe\":{\"batchSize\":4,\"validation\":0.2,\"augmentation\":{\"randomAffine\":"
                        + "{\"translate\":[1,1],\"fill\":255}}}}",
                info);
        BatchMaker maker = new BatchMaker(SET, DECODERS, Encoding.UINT8, split);

        // When
        ImageBatch train = maker.train(augmented, 0, 0, 0);
        ImageBatch validation = maker.validation(info.validation().digest(), 0);

        // Then
        assertThat(count(train, 255)).isPositive();
        assertThat(count(validation, 255)).isZero();
        assertThat(count(maker.test(0), 255)).isEqualTo(12);
        assertThat(BatchCodec.encode(maker.train(augmented, 1, 2, 0)))
                .isEqualTo(BatchCodec.encode(
                        new BatchMaker(SET, DECODERS, Encoding.UINT8, split).train(augmented, 1, 2, 0)));
    }

    @Test
    void mixedAndWeightedImagesAreSaidInTheirBatchesAndHeldOutOnesAreNot() {
        // Given
        RunSpec mixed = RunSpecs.ordered(
                "run",
                Instant.EPOCH,
                "{\"recipe\":{\"batchSize\":5,\"classWeights\":\"balanced\",\"augmentation\":{\"mixUp\":{}}}}",
                SET.info());

        // When
        ImageBatch batch = maker.train(mixed, 1, 2, 0);

        // Then
        assertThat(batch.softClasses()).isEqualTo(10);
        for (int k = 0; k < 5; k++) {
            float[] shown = Arrays.copyOfRange(batch.softLabels(), 10 * k, 10 * k + 10);
            assertThat(shown[batch.labels()[k]]).isBetween(0.5f, 1f);
        }
        assertThat(batch.weights()).hasSize(5).containsOnly(1f);
        assertThat(BatchCodec.encode(new BatchMaker(SET, DECODERS, Encoding.UINT8).train(mixed, 1, 2, 0)))
                .isEqualTo(BatchCodec.encode(batch));
        assertThat(LogLimits.stepBytes(mixed)).isBetween((long) BatchCodec.encode(batch).length, 1300L);
        assertThat(maker.test(0).softLabels()).isNull();
        assertThat(maker.test(0).weights()).isNull();
    }

    private static long count(ImageBatch batch, int value) {
        return IntStream.range(0, batch.images().remaining())
                .filter(k -> (batch.images().get(k) & 0xff) == value)
                .count();
    }

    /** Nine of one class and one of the other: the one comes five times, and not five times the same. */
    @Test
    void anImageThatAnEpochShowsMoreThanOnceIsAugmentedEachTimeAnew() {
        // Given
        byte[] pixels = new byte[10 * 64];
        IntStream.range(0, pixels.length).forEach(k -> pixels[k] = (byte) (k % 64));
        byte[] labels = new byte[10];
        labels[9] = 1;
        Samples samples = new Samples(pixels, labels);
        ImageSet set = ImageSet.of("test", "two", 1, 8, 8, List.of("many", "one"), null, samples, samples);
        RunSpec balanced = RunSpecs.ordered(
                "run",
                Instant.EPOCH,
                "{\"recipe\":{\"batchSize\":10,\"sampling\":\"balanced\",\"augmentation\":"
                        + "{\"randomAffine\":{\"translate\":[0.5,0.5]}}}}",
                set.info());

        // When
        ImageBatch batch = new BatchMaker(set, DECODERS, Encoding.UINT8).train(balanced, 0, 0, 0);

        // Then
        Set<ByteBuffer> shown = new HashSet<>();
        IntStream.range(0, 10)
                .filter(k -> batch.labels()[k] == 1)
                .forEach(k -> shown.add(batch.images().slice(k * 64, 64)));
        assertThat(batch.labels()).containsExactlyInAnyOrder(0, 0, 0, 0, 0, 1, 1, 1, 1, 1);
        assertThat(shown).hasSizeGreaterThan(3);
    }

    private static List<Integer> samples(ImageBatch batch) {
        return IntStream.range(0, batch.size())
                .mapToObj(k -> (int) batch.images().get(k * 12))
                .toList();
    }

    @Test
    void testBatchesOfLargeImagesAreSmallerWhateverTheEncoding() {
        Dataset large = new Dataset(
                "large",
                "d",
                1,
                1000,
                3,
                224,
                224,
                List.of("a", "b"),
                new Normalization(List.of(1f, 1f, 1f), List.of(0f, 0f, 0f)));

        // 13 images of 224x224x3 floats are 8 MiB
        assertThat(HeldOutBatches.test(large)).isEqualTo(77);
    }

    @Test
    void theSamplesDigestNamesTheSamples() throws Exception {
        String expected = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256")
                        .digest(ByteBuffer.allocate(4).putInt(1000).array()));

        assertThat(maker.test(2).samplesDigest()).isEqualTo(expected);
    }

    @Test
    void aStepIsReckonedWithNoLessThanItTakes() {
        RunSpec named = RunSpecs.of("n".repeat(100), SET.info(), 4, 3);
        long bytes = IntStream.range(0, 3)
                .mapToLong(shard -> BatchCodec.encode(maker.train(named, 1, 3, shard)).length)
                .sum();

        assertThat(LogLimits.stepBytes(named)).isBetween(bytes, bytes * 2);
    }
}
