// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class OverlayTest {
    private static final Picture GREY = new Picture(1, 1, 2, new byte[] {0, (byte) 200});

    @Test
    void smallPicturesAreEnlargedByAWholeFactorAndComeInColour() {
        Picture enlarged = Overlay.enlarged(GREY);

        assertThat(List.of(enlarged.channels(), enlarged.height(), enlarged.width()))
                .containsExactly(3, 224, 448);
        assertThat(enlarged.samples()[223]).isZero();
        for (int channel = 0; channel < 3; channel++) {
            assertThat(enlarged.samples()[channel * enlarged.plane() + 224]).isEqualTo((byte) 200);
        }
    }

    @Test
    void heatIsYellowWhereItIsMostAndDimsTheRest() {
        Picture over = Overlay.of(GREY, new float[] {1, 0});

        // The hot pixel: red and green as much, no blue. The cold one: as grey as it was, and darker.
        assertThat(over.samples()[0]).isEqualTo(over.samples()[over.plane()]).isEqualTo((byte) 217);
        assertThat(over.samples()[2 * over.plane()]).isZero();
        assertThat(over.samples()[224]).isEqualTo((byte) 120);
    }

    @Test
    void heatOfAnotherSizeIsRefused() {
        assertThatThrownBy(() -> Overlay.of(GREY, new float[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the picture has 2 pixels, the heat 3");
    }

    @Test
    void picturesStandBesideEachOtherWithAGap() {
        Picture one = new Picture(3, 1, 1, new byte[] {1, 2, 3});
        Picture other = new Picture(3, 1, 1, new byte[] {4, 5, 6});

        Picture both = Overlay.beside(List.of(one, other), 1);

        assertThat(both.width()).isEqualTo(3);
        assertThat(both.samples()).containsExactly(1, 128, 4, 2, 128, 5, 3, 128, 6);
    }
}
