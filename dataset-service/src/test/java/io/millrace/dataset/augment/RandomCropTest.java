// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.ImageShape;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomCropTest {
    private static final ImageShape SHAPE = new ImageShape(2, 4, 5);
    private static final byte[] IMAGE = Images.counting(SHAPE);

    private static List<Integer> expected(int down, int right) {
        byte[] to = new byte[IMAGE.length];
        for (int k = 0; k < to.length; k++) {
            int y = k / 5 % 4 - down;
            int x = k % 5 - right;
            to[k] = y < 0 || y >= 4 || x < 0 || x >= 5 ? 7 : IMAGE[(k / 20 * 4 + y) * 5 + x];
        }
        return Images.values(to);
    }

    @Test
    void everyPlaceWithinThePaddingOccursAndNoOther() {
        // Given
        Set<List<Integer>> possible = new HashSet<>();
        for (int down = -2; down <= 2; down++) {
            for (int right = -2; right <= 2; right++) {
                possible.add(expected(down, right));
            }
        }

        // When
        Set<List<Integer>> seen =
                Images.outcomes(new RandomCrop(new Augmentation.RandomCrop(2, 7, null), SHAPE), IMAGE, 1000);

        // Then
        assertThat(seen).isEqualTo(possible).hasSize(25);
    }
}
