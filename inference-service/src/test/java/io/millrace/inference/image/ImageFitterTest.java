// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ImageFitterTest {
    @Test
    void imageThatFitsPassesUnchanged() throws ImageException {
        // Given
        PixelGrid image = new PixelGrid(1, 16, 16, TestImages.ramp());

        // Then
        assertThat(new ImageFitter(1, 16, 16).fit(image)).isSameAs(image);
    }

    @Test
    void colourBecomesGreyByItsLuma() throws ImageException {
        // Given
        byte[] redGreenBlueWhite = {-1, 0, 0, -1, /* green */ 0, -1, 0, -1, /* blue */ 0, 0, -1, -1};

        // When
        PixelGrid grey = new ImageFitter(1, 2, 2).fit(new PixelGrid(3, 2, 2, redGreenBlueWhite));

        // Then: 0.299, 0.587 and 0.114 of 255, as Pillow rounds them
        assertThat(grey.samples()).containsExactly(76, 150, 29, 255);
    }

    @Test
    void greyInColourStaysTheSameGrey() throws ImageException {
        // Given
        byte[] values = TestImages.ramp();
        PixelGrid grey = new PixelGrid(1, 16, 16, values);

        // When
        PixelGrid there = new ImageFitter(3, 16, 16).fit(grey);
        PixelGrid back = new ImageFitter(1, 16, 16).fit(there);

        // Then
        assertThat(there.channels()).isEqualTo(3);
        assertThat(back.samples()).isEqualTo(values);
    }

    @Test
    void otherChannelsAreRefused() {
        assertThatExceptionOfType(ImageException.class)
                .isThrownBy(() -> new ImageFitter(4, 2, 2).fit(new PixelGrid(1, 2, 2, new byte[4])))
                .withMessageContaining("1 channels, the model takes 4");
    }

    @Test
    void shrinkingAveragesTheArea() throws ImageException {
        // Given
        byte[] values = {0, 100, 40, 80, /* second row */ 20, 120, 60, 100};

        // When
        PixelGrid half = new ImageFitter(1, 1, 2).fit(new PixelGrid(1, 2, 4, values));

        // Then
        assertThat(half.samples()).containsExactly(60, 70);
    }

    @Test
    void shrinkingByAFractionSharesThePixelBetween() throws ImageException {
        // Given
        byte[] values = {90, 30, 60, 90, 30, 60, 90, 30, 60};

        // When
        PixelGrid image = new ImageFitter(1, 2, 2).fit(new PixelGrid(1, 3, 3, values));

        // Then: (90 + 30 / 2) / 1.5 and (30 / 2 + 60) / 1.5
        assertThat(image.samples()).containsExactly(70, 50, 70, 50);
    }

    @Test
    void enlargingInterpolates() throws ImageException {
        // When
        PixelGrid image = new ImageFitter(1, 4, 4).fit(new PixelGrid(1, 2, 2, new byte[] {0, 80, 0, 80}));

        // Then
        assertThat(Arrays.copyOf(image.samples(), 4)).containsExactly(0, 20, 60, 80);
        assertThat(Arrays.copyOfRange(image.samples(), 12, 16)).containsExactly(0, 20, 60, 80);
    }

    @Test
    void aSinglePixelFillsTheImage() throws ImageException {
        // When
        PixelGrid image = new ImageFitter(1, 3, 3).fit(new PixelGrid(1, 1, 1, new byte[] {7}));

        // Then
        assertThat(image.samples()).containsOnly(7);
    }

    @Test
    void otherShapesAreCentredOnBlack() throws ImageException {
        // When
        PixelGrid image = new ImageFitter(1, 4, 4).fit(new PixelGrid(1, 2, 4, new byte[] {9, 9, 9, 9, 9, 9, 9, 9}));

        // Then
        assertThat(image.samples()).containsExactly(0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 0);
    }

    @Test
    void extremeShapesKeepAtLeastOnePixel() throws ImageException {
        // Given
        byte[] line = new byte[1000];
        Arrays.fill(line, (byte) 200);

        // When
        PixelGrid image = new ImageFitter(1, 4, 4).fit(new PixelGrid(1, 1, 1000, line));

        // Then
        assertThat(Arrays.copyOfRange(image.samples(), 4, 8)).containsOnly(200);
    }

    @Test
    void whiteStaysWhiteAtAnySize() throws ImageException {
        // Given
        byte[] white = new byte[101 * 101];
        Arrays.fill(white, (byte) 255);

        // When
        PixelGrid image = new ImageFitter(1, 28, 28).fit(new PixelGrid(1, 101, 101, white));

        // Then
        assertThat(image.samples()).containsOnly(255);
    }
}
