// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.InputConvention;
import io.millrace.test.TestImages;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PhotoFittingTest {
    @Test
    void pictureThatFitsPassesUnchanged() {
        Picture picture = new Picture(1, 16, 16, TestImages.ramp());

        assertThat(fit(1, 16, 16, picture)).isSameAs(picture);
    }

    @Test
    void colourBecomesGreyByItsLuma() {
        byte[] redGreenBlueWhite = {-1, 0, 0, -1, /* green */ 0, -1, 0, -1, /* blue */ 0, 0, -1, -1};

        // 0.299, 0.587 and 0.114 of 255, as Pillow rounds them
        assertThat(fit(1, 2, 2, new Picture(3, 2, 2, redGreenBlueWhite)).samples())
                .containsExactly(76, 150, 29, 255);
    }

    @Test
    void greyInColourStaysTheSameGrey() {
        Picture there = fit(3, 16, 16, new Picture(1, 16, 16, TestImages.ramp()));

        assertThat(there.channels()).isEqualTo(3);
        assertThat(fit(1, 16, 16, there).samples()).isEqualTo(TestImages.ramp());
    }

    @Test
    void otherChannelsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fitting.of(InputConvention.PHOTO, new ImageShape(4, 2, 2)))
                .withMessage("pictures are fitted to 1 or 3 channels, not to 4x2x2");
    }

    @Test
    void theMiddleIsCutOutOfWhatIsWider() {
        byte[] values = {1, 2, 3, 4, 5, 6, 7, 8, /* second row */ 11, 12, 13, 14, 15, 16, 17, 18};

        assertThat(fit(1, 2, 2, new Picture(1, 2, 8, values)).samples()).containsExactly(4, 5, 14, 15);
    }

    @Test
    void shrinkingIsAntialiasedAsPillowsBilinearIs() {
        // PIL: Image.frombytes("L", (6, 6), bytes(7 * i % 256 for i in range(36))).resize((3, 3), BILINEAR)
        byte[] values = new byte[36];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (7 * i % 256);
        }

        assertThat(fit(1, 3, 3, new Picture(1, 6, 6, values)).samples())
                .containsExactly(35, 48, 60, 110, 123, 135, 185, 198, 210);
    }

    @Test
    void enlargingInterpolates() {
        byte[] samples =
                fit(1, 4, 4, new Picture(1, 2, 2, new byte[] {0, 80, 0, 80})).samples();

        assertThat(Arrays.copyOf(samples, 4)).containsExactly(0, 20, 60, 80);
        assertThat(Arrays.copyOfRange(samples, 12, 16)).containsExactly(0, 20, 60, 80);
    }

    @Test
    void whatIsTransparentLiesOnWhite() {
        Picture picture = new Picture(1, 1, 2, new byte[] {100, 100}, new byte[] {0, (byte) 255});

        assertThat(fit(1, 1, 2, picture).samples()).containsExactly(255, 100);
    }

    @Test
    void blankPicturesAndSliversAreWarnedOf() {
        Fitting fitting = Fitting.of(InputConvention.PHOTO, new ImageShape(3, 32, 32));

        assertThat(fitting.fit(new Picture(1, 1, 1, new byte[1])).warnings()).containsExactly(Fitted.BLANK);
        byte[] sliver = new byte[60_000];
        sliver[0] = 99;
        assertThat(fitting.fit(new Picture(1, 2, 30_000, sliver)).warnings())
                .containsExactly("the picture is 30000 x 2: only 1 % of it, from its middle, is looked at;"
                        + " cut out what it is about");
        assertThat(fitting.fit(new Picture(1, 16, 16, TestImages.ramp())).warnings())
                .isEmpty();
    }

    private static Picture fit(int channels, int height, int width, Picture picture) {
        return Fitting.of(InputConvention.PHOTO, new ImageShape(channels, height, width))
                .fit(picture)
                .picture();
    }
}
