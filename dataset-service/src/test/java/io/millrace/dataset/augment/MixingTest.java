// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.Augmentation.CutMix;
import io.millrace.contracts.event.Augmentation.MixUp;
import io.millrace.contracts.event.ImageShape;
import io.millrace.dataset.KeyedRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MixingTest {
    private static final ImageShape SHAPE = new ImageShape(2, 6, 8);
    private static final int IMAGE = 2 * 6 * 8;
    private static final int[] LABELS = {0, 1, 2, 2};
    /** Four images of one value each. */
    private static final byte[] PIXELS = pixels();

    private static byte[] pixels() {
        byte[] pixels = new byte[4 * IMAGE];
        IntStream.range(0, pixels.length).forEach(k -> pixels[k] = (byte) (60 * (k / IMAGE)));
        return pixels;
    }

    private static Mixing mixing(MixUp mixUp, CutMix cutMix) {
        return new Mixing(new Augmentation(0, null, null, null, null, null, null, mixUp, cutMix), SHAPE, 3, 7);
    }

    @Test
    void mixUpLaysEachImageOverTheOneBefore() {
        for (int index = 0; index < 50; index++) {
            Mixing.Mixed mixed = mixing(new MixUp(1.0), null).mix(PIXELS, LABELS, 0, index, 0);
            float part = mixed.softLabels()[0];

            assertThat(mixed.softLabels())
                    .containsExactly(
                            new float[] {part, 0, 1 - part, 1 - part, part, 0, 0, 1 - part, part, 0, 0, 1},
                            within(1e-6f));
            for (int k = 0; k < 4; k++) {
                int expected = (int) Math.rint(part * 60 * k + (1 - part) * 60 * ((k + 3) % 4));
                assertThat(mixed.pixels()[k * IMAGE] & 0xff).isCloseTo(expected, within(1));
                assertThat(Arrays.copyOfRange(mixed.pixels(), k * IMAGE, (k + 1) * IMAGE))
                        .containsOnly(mixed.pixels()[k * IMAGE]);
            }
            assertThat(mixed.labels()).isEqualTo(part >= 0.5f ? LABELS : new int[] {2, 0, 1, 2});
        }
    }

    @Test
    void cutMixPutsARectangleOfTheImageBeforeIntoEach() {
        Set<Integer> sizes = new HashSet<>();
        for (int index = 0; index < 200; index++) {
            Mixing.Mixed mixed = mixing(null, new CutMix(1.0)).mix(PIXELS, LABELS, 0, index, 0);
            int[] replaced = IntStream.range(IMAGE, 2 * IMAGE)
                    .filter(k -> mixed.pixels()[k] == 0)
                    .map(k -> k - IMAGE)
                    .toArray();

            // The same place of all channels
            assertThat(replaced.length % 2).isZero();
            int[] first = Arrays.copyOf(replaced, replaced.length / 2);
            assertThat(Arrays.copyOfRange(replaced, replaced.length / 2, replaced.length))
                    .isEqualTo(Arrays.stream(first).map(k -> k + 48).toArray());
            if (first.length > 0) {
                int height = first[first.length - 1] / 8 - first[0] / 8 + 1;
                int width = first[first.length - 1] % 8 - first[0] % 8 + 1;
                assertThat(first).as("a whole rectangle").hasSize(height * width);
            }
            assertThat(mixed.softLabels()[3]).isCloseTo(first.length / 48f, within(1e-6f));
            assertThat(mixed.softLabels()[4]).isCloseTo(1 - first.length / 48f, within(1e-6f));
            sizes.add(first.length);
        }
        assertThat(sizes).hasSizeGreaterThan(5);
    }

    @Test
    void withBothEachBatchHasOneOfThem() {
        Mixing both = mixing(new MixUp(1.0), new CutMix(1.0));
        // Between two values there is something only where images lie over each other.
        long laidOver = IntStream.range(0, 400)
                .filter(index -> IntStream.range(IMAGE, 2 * IMAGE)
                        .map(k -> both.mix(PIXELS, LABELS, 0, index, 0).pixels()[k])
                        .anyMatch(value -> value != 0 && value != 60))
                .count();

        assertThat(laidOver / 400.0).isCloseTo(0.5, within(0.1));
    }

    @Test
    void whatIsDrawnDependsOnSeedEpochBatchAndShardAlone() {
        Mixing mixing = mixing(new MixUp(1.0), null);
        Set<Float> parts = new HashSet<>();
        for (int k = 0; k < 5; k++) {
            parts.add(mixing.mix(PIXELS, LABELS, k, 9, 9).softLabels()[0]);
            parts.add(mixing.mix(PIXELS, LABELS, 9, k, 9).softLabels()[0]);
            parts.add(mixing.mix(PIXELS, LABELS, 9, 9, k).softLabels()[0]);
        }
        assertThat(parts).hasSize(15);
        assertThat(mixing.mix(PIXELS, LABELS, 3, 2, 1).pixels())
                .isEqualTo(mixing(new MixUp(1.0), null)
                        .mix(PIXELS, LABELS, 3, 2, 1)
                        .pixels());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.2, 1, 3.5, 100})
    void proportionsAreOfTheBetaDistribution(double alpha) {
        KeyedRandom random = KeyedRandom.of("beta", 1);
        double[] drawn = DoubleStream.generate(() -> Beta.draw(alpha, random))
                .limit(40_000)
                .toArray();
        double mean = Arrays.stream(drawn).average().orElseThrow();
        double variance =
                Arrays.stream(drawn).map(x -> (x - mean) * (x - mean)).average().orElseThrow();

        assertThat(Arrays.stream(drawn)).allMatch(x -> x >= 0 && x <= 1);
        assertThat(mean).isCloseTo(0.5, within(0.01));
        assertThat(variance * 4 * (2 * alpha + 1)).isCloseTo(1, within(0.03));
    }
}
