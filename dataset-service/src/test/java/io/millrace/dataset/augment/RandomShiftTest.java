// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RandomShiftTest {
    /** Two channels of 4x5 pixels, none of them 0. */
    private static final byte[] IMAGE = image();

    private static byte[] image() {
        byte[] image = new byte[2 * 4 * 5];
        IntStream.range(0, image.length).forEach(k -> image[k] = (byte) (k + 1));
        return image;
    }

    private static byte[] shifted(int limit, long seed, int epoch, int sample) {
        byte[] to = new byte[IMAGE.length + 3];
        new RandomShift(limit, seed).copy(IMAGE, 0, to, 3, 2, 4, 5, epoch, sample);
        assertThat(to).startsWith(0, 0, 0);
        return Arrays.copyOfRange(to, 3, to.length);
    }

    private static byte[] expected(int down, int right) {
        byte[] to = new byte[IMAGE.length];
        for (int k = 0; k < to.length; k++) {
            int y = k / 5 % 4 - down;
            int x = k % 5 - right;
            to[k] = y < 0 || y >= 4 || x < 0 || x >= 5 ? 0 : IMAGE[(k / 20 * 4 + y) * 5 + x];
        }
        return to;
    }

    @Test
    void withoutALimitTheImageStays() {
        assertThat(shifted(0, 1, 2, 3)).isEqualTo(IMAGE);
    }

    @Test
    void everyShiftWithinTheLimitOccursAndNoOther() {
        // Given
        Set<String> possible = new HashSet<>();
        for (int down = -2; down <= 2; down++) {
            for (int right = -2; right <= 2; right++) {
                possible.add(Arrays.toString(expected(down, right)));
            }
        }

        // When
        Set<String> seen = new HashSet<>();
        IntStream.range(0, 1000).forEach(sample -> seen.add(Arrays.toString(shifted(2, 1, 0, sample))));

        // Then
        assertThat(seen).isEqualTo(possible).hasSize(25);
    }

    @Test
    void theShiftDependsOnSeedEpochAndSampleAlone() {
        Set<String> seen = new HashSet<>();
        for (int k = 0; k < 20; k++) {
            assertThat(shifted(3, k, 2, 3)).isEqualTo(shifted(3, k, 2, 3));
            seen.add("seed" + Arrays.toString(shifted(3, k, 2, 3)));
            seen.add("epoch" + Arrays.toString(shifted(3, 1, k, 3)));
            seen.add("sample" + Arrays.toString(shifted(3, 1, 2, k)));
        }
        assertThat(seen).hasSizeGreaterThan(30);
    }
}
