// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.StrictJson;
import io.millrace.dataset.KeyedRandom;
import io.millrace.dataset.source.DatasetUnavailableException;
import io.millrace.dataset.source.ImageSet;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AugmenterTest {
    private static final ImageSet SET = Images.noise();
    private static final String EVERYTHING = """
            {"shift": 0, "randomResizedCrop": {}, "randomAffine": {"degrees": 20, "translate": [0.1, 0.1],
             "scale": [0.9, 1.1], "shear": 5, "interpolation": "bilinear"}, "randomCrop": {"padding": 2,
             "paddingMode": "reflect"}, "randomHorizontalFlip": {}, "colorJitter": {"brightness": 0.4, "contrast": 0.4,
             "saturation": 0.4}, "randomErasing": {}}""";

    private static Augmenter augmenter(String augmentation, long seed) throws JsonProcessingException {
        return Augmenter.of(
                StrictJson.read(StrictJson.tree(augmentation), Augmentation.class, "recipe.augmentation."),
                SET.info(),
                seed);
    }

    private static List<Integer> image(Augmenter augmenter, int sample, int epoch, int time)
            throws DatasetUnavailableException {
        byte[] image = new byte[SET.imageSize()];
        augmenter.read(SET, sample, epoch, time, image, 0);
        return Images.values(image);
    }

    private static List<Integer> plain(int sample) {
        byte[] image = new byte[SET.imageSize()];
        SET.read(Split.TRAIN, sample, image, 0);
        return Images.values(image);
    }

    @Test
    void withoutAugmentationImagesAreAsTheyAre() throws Exception {
        assertThat(image(augmenter("{\"shift\": 0}", 1), 3, 2, 0)).isEqualTo(plain(3));
    }

    @Test
    void whatBecomesOfASampleDependsOnSeedEpochSampleAndTimeAlone() throws Exception {
        Set<List<Integer>> seen = new HashSet<>();
        for (int k = 0; k < 6; k++) {
            Augmenter augmenter = augmenter(EVERYTHING, k);
            assertThat(image(augmenter, 3, 2, 0)).isEqualTo(image(augmenter(EVERYTHING, k), 3, 2, 0));
            seen.add(image(augmenter, 3, 2, 0));
            seen.add(image(augmenter(EVERYTHING, 100), k, 2, 0));
            seen.add(image(augmenter(EVERYTHING, 100), 7, 10 + k, 0));
            seen.add(image(augmenter(EVERYTHING, 100), 8, 2, k));
        }
        assertThat(seen).hasSize(24);
    }

    /** On every JVM and processor: a run may be published again by another machine than the one that began it. */
    @Test
    void theBytesAreTheseEverywhere() throws Exception {
        Augmenter augmenter = augmenter(EVERYTHING, 42);
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        for (int sample = 0; sample < 12; sample++) {
            for (int epoch = 0; epoch < 4; epoch++) {
                byte[] image = new byte[SET.imageSize()];
                augmenter.read(SET, sample, epoch, 0, image, 0);
                sha256.update(image);
            }
        }

        assertThat(HexFormat.of().formatHex(sha256.digest()))
                .isEqualTo("1797b2c2e31e9dab6d81cc3c090970a5c21d6a23d9ea557cafe35e8737b73614");
    }

    @Test
    void oneChangeMoreLeavesTheOthersAsTheyAre() throws Exception {
        Augmenter flip = augmenter("{\"shift\": 0, \"randomHorizontalFlip\": {}}", 5);
        Augmenter more = augmenter("{\"shift\": 0, \"randomHorizontalFlip\": {}, \"randomErasing\": {\"p\": 0}}", 5);

        for (int sample = 0; sample < 12; sample++) {
            assertThat(image(more, sample, 0, 0)).isEqualTo(image(flip, sample, 0, 0));
        }
        assertThat(IntStream.range(0, 12)
                        .filter(sample -> flipped(flip, sample))
                        .count())
                .isBetween(1L, 11L);
    }

    private static boolean flipped(Augmenter augmenter, int sample) {
        try {
            return !image(augmenter, sample, 0, 0).equals(plain(sample));
        } catch (DatasetUnavailableException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs of before there was anything else are published again as they were. */
    @Test
    void aShiftIsWhereItWasWhenItWasAlone() throws Exception {
        Augmenter shift = augmenter("{\"shift\": 3}", 9);

        assertThat(image(shift, 2, 4, 0)).isEqualTo(image(shift, 2, 4, 1));
        KeyedRandom random = KeyedRandom.of("shift", 9, 4, 2);
        int down = random.nextInt(7) - 3;
        int right = random.nextInt(7) - 3;
        List<Integer> before = plain(2);
        List<Integer> expected = IntStream.range(0, before.size())
                .mapToObj(k -> {
                    int y = k / 10 % 12 - down;
                    int x = k % 10 - right;
                    return y < 0 || y >= 12 || x < 0 || x >= 10 ? 0 : before.get((k / 120 * 12 + y) * 10 + x);
                })
                .toList();
        assertThat(image(shift, 2, 4, 0)).isEqualTo(expected);
    }
}
