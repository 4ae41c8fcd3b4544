// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.millrace.inference.image.ImageException.Reason;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
    private static final int OPAQUE_ORANGE = 0xffff8040;

    private final ImageDecoder decoder = new ImageDecoder(1_000_000);

    @Test
    void greyPngKeepsEveryValue() throws ImageException {
        // Given
        byte[] png = TestImages.file(TestImages.grey(16, 16, TestImages.ramp()), "png");

        // When
        PixelGrid image = decode(png);

        // Then
        assertThat(image.channels()).isEqualTo(1);
        assertThat(image.samples()).isEqualTo(TestImages.ramp());
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp"})
    void colourKeepsEveryValueInPlanes(String format) throws ImageException {
        // Given
        byte[] file = TestImages.file(TestImages.filled(2, 1, BufferedImage.TYPE_INT_RGB, OPAQUE_ORANGE), format);

        // When
        PixelGrid image = decode(file);

        // Then
        assertThat(image)
                .extracting(PixelGrid::channels, PixelGrid::height, PixelGrid::width)
                .containsExactly(3, 1, 2);
        assertThat(image.samples()).containsExactly(0xff, 0xff, 0x80, 0x80, 0x40, 0x40);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "gif"})
    void palettesAreLookedUp(String format) throws ImageException {
        // Given
        byte[] file = TestImages.file(TestImages.palette(2, 1, 0x102030, 0xa0b0c0), format);

        // When
        PixelGrid image = decode(file);

        // Then
        assertThat(image.samples()).containsExactly(0x10, 0xa0, 0x20, 0xb0, 0x30, 0xc0);
    }

    @Test
    void greyPaletteIsGrey() throws ImageException {
        // Given
        byte[] file = TestImages.file(TestImages.palette(2, 1, 0x111111, 0xeeeeee), "png");

        // When
        PixelGrid image = decode(file);

        // Then
        assertThat(image.channels()).isEqualTo(1);
        assertThat(image.samples()).containsExactly(0x11, 0xee);
    }

    @Test
    void oneBitPngIsBlackAndWhite() throws ImageException {
        // Given
        BufferedImage bits = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY);
        bits.setRGB(1, 0, 0xffffffff);

        // When
        PixelGrid image = decode(TestImages.file(bits, "png"));

        // Then
        assertThat(image.channels()).isEqualTo(1);
        assertThat(image.samples()).containsExactly(0, 255);
    }

    @Test
    void sixteenBitsAreScaledToEight() throws ImageException {
        // Given
        BufferedImage deep = new BufferedImage(4, 1, BufferedImage.TYPE_USHORT_GRAY);
        deep.getRaster().setPixels(0, 0, 4, 1, new int[] {0, 0x8080, 0x80ff, 0xffff});

        // When
        PixelGrid image = decode(TestImages.file(deep, "png"));

        // Then
        assertThat(image.samples()).containsExactly(0, 0x80, 0x80, 0xff);
    }

    @Test
    void transparencyLiesOverBlack() throws ImageException {
        // Given
        BufferedImage image = TestImages.filled(1, 1, BufferedImage.TYPE_INT_ARGB, 0x80ff8000);

        // When
        PixelGrid decoded = decode(TestImages.file(image, "png"));

        // Then
        assertThat(decoded.samples()).containsExactly(0x80, 0x40, 0);
    }

    @Test
    void jpegIsReadInGreyAndColour() throws ImageException {
        // Given
        byte[] flat = new byte[64];
        Arrays.fill(flat, (byte) 200);
        BufferedImage orange = TestImages.filled(8, 8, BufferedImage.TYPE_INT_RGB, OPAQUE_ORANGE);

        // When
        PixelGrid grey = decode(TestImages.file(TestImages.grey(8, 8, flat), "jpeg"));
        PixelGrid colour = decode(TestImages.file(orange, "jpeg"));

        // Then
        assertThat(grey.channels()).isEqualTo(1);
        assertThat(grey.samples()).containsOnly(200);
        assertThat(colour.channels()).isEqualTo(3);
        assertThat(colour.samples()[0] & 0xff).isBetween(250, 255);
        assertThat(colour.samples()[128] & 0xff).isBetween(0x3a, 0x46);
    }

    @Test
    void sizeIsCheckedInTheHeaderBeforeAnyPixelIsThere() {
        // Given
        byte[] huge = TestImages.pngHeader(10_000, 5_000);

        // Then
        assertRefused(huge, Reason.TOO_LARGE, "10000 x 5000 = 50000000 pixels, more than the 1000000");
        assertRefused(TestImages.pngHeader(Integer.MAX_VALUE, Integer.MAX_VALUE), Reason.TOO_LARGE, "pixels");
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5, 11, -1})
    void bmpThatWrapsAnotherFileIsRefusedWhateverSizeItClaims(int compression) {
        byte[] bmp = TestImages.bmpHeader(compression, Integer.MAX_VALUE);

        assertRefused(bmp, Reason.UNREADABLE, "the BMP image has the compression " + compression);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sPLT", "PLTE", "tEXt"})
    void pngChunkThatClaimsGigabytesIsRefused(String type) throws IOException {
        // Given
        byte[] png = TestImages.file(TestImages.palette(2, 1, 0, 0xffffff), "png");
        int afterHeader = 8 + 12 + 13;
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        bomb.write(png, 0, afterHeader);
        bomb.write(TestImages.pngChunk(type, Integer.MAX_VALUE - 8, new byte[] {'a', 0, 8, 0}));
        bomb.write(png, afterHeader, png.length - afterHeader);

        assertRefused(bomb.toByteArray(), Reason.UNREADABLE, "the PNG image has a chunk of 2147483639 bytes");
    }

    @Test
    void noBytesAreNoImage() {
        assertRefused(new byte[0], Reason.MALFORMED, "0 bytes");
    }

    @Test
    void textIsNotSupported() {
        assertRefused("seven".getBytes(UTF_8), Reason.UNSUPPORTED, "not a PNG, JPEG, GIF or BMP");
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "gif", "bmp"})
    void truncatedFilesAreDamagedWhereverTheyEnd(String format) {
        // Given
        byte[] noise = new byte[64 * 64];
        new Random(7).nextBytes(noise);
        byte[] file = TestImages.file(TestImages.grey(64, 64, noise), format);

        // Then
        for (int length = 8; length < file.length - 64; length += 61) {
            assertRefused(Arrays.copyOf(file, length), Reason.UNREADABLE, "image cannot be read");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Corrupt JPEG data: premature end of data segment, true",
        "Truncated File - Missing EOI marker, true",
        "Corrupt JPEG data: bad Huffman code, true",
        "Corrupt JPEG data: 3 extraneous bytes before marker 0xd9, false",
        "Embedded color profile is invalid; ignored, false"
    })
    void onlyWarningsAboutThePixelsAreDamage(String warning, boolean damage) {
        // Given
        Damage noted = new Damage();

        // When
        noted.warningOccurred(null, warning);

        // Then
        assertThat(catchThrowable(() -> noted.check(ImageFormat.JPEG)) != null).isEqualTo(damage);
    }

    @Test
    void headerWithoutPixelsIsDamaged() {
        assertRefused(TestImages.pngHeader(28, 28), Reason.UNREADABLE, "the PNG image cannot be read");
    }

    @Test
    void afterDamageTheAllowanceIsBack() throws ImageException {
        // Given
        ImageDecoder one = new ImageDecoder(600 * 600);
        byte[] good = TestImages.file(new BufferedImage(600, 600, BufferedImage.TYPE_BYTE_GRAY), "png");

        // When
        assertThatExceptionOfType(ImageException.class)
                .isThrownBy(() -> one.decode(TestImages.pngHeader(600, 600), image -> image));

        // Then
        assertThat(one.decode(good, image -> image).width()).isEqualTo(600);
    }

    @Test
    void largeImageIsHeldUntilItIsUsedAndHoldsUpOnlyLargeOnes() throws Exception {
        // Given room for one large image
        byte[] large = TestImages.file(TestImages.grey(1000, 600, new byte[600_000]), "png");
        CountDownLatch using = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        FutureTask<PixelGrid> first = inBackground(() -> decoder.decode(large, image -> {
            using.countDown();
            awaitQuietly(release);
            return image;
        }));
        using.await();
        FutureTask<PixelGrid> second = inBackground(() -> decode(large));

        // When
        PixelGrid small = decode(TestImages.file(TestImages.grey(16, 16, TestImages.ramp()), "png"));

        // Then
        assertThat(small.samples()).isEqualTo(TestImages.ramp());
        await().until(() -> decoder.waiting() == 1);
        assertThat(second.isDone()).isFalse();
        release.countDown();
        assertThat(first.get(10, TimeUnit.SECONDS).width()).isEqualTo(1000);
        assertThat(second.get(10, TimeUnit.SECONDS).width()).isEqualTo(1000);
    }

    private static FutureTask<PixelGrid> inBackground(Callable<PixelGrid> work) {
        FutureTask<PixelGrid> task = new FutureTask<>(work);
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private PixelGrid decode(byte[] file) throws ImageException {
        return decoder.decode(file, image -> image);
    }

    private void assertRefused(byte[] file, Reason reason, String message) {
        assertThatExceptionOfType(ImageException.class)
                .isThrownBy(() -> decode(file))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
