// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ClassWeightsTest {
    /** sklearn.utils.class_weight.compute_class_weight("balanced", classes=[0, 1], y=[0, 0, 0, 1]) */
    private final ClassWeights weights = new ClassWeights(new int[] {0, 0, 0, 1}, 2);

    @Test
    void allClassesTogetherCountTheSame() {
        assertThat(weights.of(new int[] {0, 1, 0})).containsExactly(new float[] {2 / 3f, 2, 2 / 3f}, within(1e-6f));
    }

    @Test
    void aMixedImageCountsByWhatItShows() {
        assertThat(weights.of(new float[] {0.75f, 0.25f, 0, 1}))
                .containsExactly(new float[] {0.75f * 2 / 3 + 0.25f * 2, 2}, within(1e-6f));
    }

    @Test
    void aClassWithoutImagesChangesNothingForTheOthers() {
        assertThat(new ClassWeights(new int[] {0, 2}, 3).of(new int[] {0, 2}))
                .containsExactly(new float[] {1 / 1.5f, 1 / 1.5f}, within(1e-6f));
    }
}
