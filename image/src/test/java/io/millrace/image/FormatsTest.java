// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.millrace.image.PictureException.Reason;
import io.millrace.test.TestImages;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files of other encoders than Java's; {@code make_pictures.py} made them. All show the same: red grows to the right, green
 * grows down, blue is the same everywhere, greys and alphas are the red alone.
 */
class FormatsTest {
    private static final int WIDTH = 24;
    private static final int HEIGHT = 16;
    private static final PictureReader READER = new PictureReader(ReadLimits.DEFAULT);

    @ParameterizedTest
    @CsvSource({
        "progressive.jpg, 4",
        "cmyk.jpg, 4",
        "ycck.jpg, 6",
        "lossy.webp, 20",
        "animated.webp, 0",
        "plain.tiff, 0",
        "lzw.tiff, 0",
        "deflate.tiff, 0",
        "jpeg.tiff, 4",
        "cmyk.tiff, 2",
        "animated.png, 0",
        "animated.gif, 26"
    })
    // Lossy WebP has colour at half the resolution.
    void formatIsReadInItsColours(String file, int tolerance) throws Exception {
        Picture picture = READER.read(bytes(file));

        assertThat(picture.alpha()).isNull();
        assertShown(picture, tolerance);
    }

    @ParameterizedTest
    @ValueSource(strings = {"profile.jpg", "profile.webp", "profile.png", "profile.tiff"})
    void colourProfilesAreLeftOutOfAccount(String file) throws Exception {
        assertShown(READER.read(bytes(file)), 4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "orientation1.jpg",
                "orientation2.jpg",
                "orientation3.jpg",
                "orientation4.jpg",
                "orientation5.jpg",
                "orientation6.jpg",
                "orientation7.jpg",
                "orientation8.jpg",
                "orientation6.png",
                "orientation6.webp",
                "orientation6.tiff"
            })
    void picturesStandUprightHoweverTheCameraWasHeld(String file) throws Exception {
        assertShown(READER.read(bytes(file)), 4);
    }

    @ParameterizedTest
    @CsvSource({"alpha.webp, 0", "lossy-alpha.webp, 20", "alpha.tiff, 0"})
    void transparencyIsKeptBesideTheColours(String file, int tolerance) throws Exception {
        Picture picture = READER.read(bytes(file));

        assertShown(picture, tolerance);
        for (int x = 0; x < WIDTH; x++) {
            assertThat(picture.alpha()[5 * WIDTH + x] & 0xff).isEqualTo(10 * x);
        }
    }

    @Test
    void oneColourOfAPngMayBeTransparent() throws Exception {
        Picture picture = READER.read(bytes("keyed.png"));

        assertShown(picture, 0);
        assertThat(picture.alpha()[4 * WIDTH + 3]).isZero();
        assertThat(picture.alpha()[4 * WIDTH + 4]).isEqualTo((byte) 255);
    }

    @ParameterizedTest
    @ValueSource(strings = {"grey16.png", "grey16.tiff"})
    void sixteenBitsBecomeEight(String file) throws Exception {
        Picture picture = READER.read(bytes(file));

        assertThat(picture.channels()).isEqualTo(1);
        for (int x = 0; x < WIDTH; x++) {
            assertThat(picture.samples()[x] & 0xff).isEqualTo(10 * x);
        }
    }

    @Test
    void aFaxIsBlackAndWhite() throws Exception {
        Picture picture = READER.read(bytes("bits.tiff"));

        assertThat(picture.channels()).isEqualTo(1);
        assertThat(picture.samples()[0]).isZero();
        assertThat(picture.samples()[WIDTH - 1]).isEqualTo((byte) 255);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "progressive.jpg",
                "cmyk.jpg",
                "lossy.webp",
                "alpha.webp",
                "plain.tiff",
                "lzw.tiff",
                "deflate.tiff"
            })
    void halfAFileIsRefused(String file) throws Exception {
        byte[] whole = bytes(file);

        for (int length = 16; length < whole.length * 3 / 4; length += 37) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(PictureException.class)
                    .as("%d of %d bytes", length, whole.length)
                    .isThrownBy(() -> READER.read(part))
                    .withMessageContaining("cannot be read")
                    .withMessageContaining("send it anew");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'....ftypheic', a HEIC picture",
        "'....ftypavif', an AVIF picture",
        "'%PDF-1.7', a PDF document",
        "'<svg xmlns=', an SVG drawing",
        "'PK\u0003\u0004', a zip archive",
        "'hello', of no known format"
    })
    void whatIsNoPictureIsNamedWithARemedy(String beginning, String said) {
        assertThatExceptionOfType(PictureException.class)
                .isThrownBy(() -> READER.read(beginning.getBytes(ISO_8859_1)))
                .withMessageContaining(said)
                .withMessageContaining("send it as PNG, JPEG")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED));
    }

    @Test
    void aWebpWhoseFrameIsLargerThanItsCanvasIsRefused() throws Exception {
        byte[] file = bytes("lossy-alpha.webp");
        int frame = Bytes.find(file, "VP8 ".getBytes(ISO_8859_1), 0) + 8 + 6;
        Arrays.fill(file, frame, frame + 4, (byte) 0xff);

        assertThatExceptionOfType(PictureException.class)
                .isThrownBy(() -> READER.read(file))
                .withMessageContaining("16383 x 16383")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.TOO_LARGE));
    }

    @Test
    void filesOfMoreBytesThanAreTakenAreRefused() {
        PictureReader strict = new PictureReader(new ReadLimits(100, 1000));

        assertThatExceptionOfType(PictureException.class)
                .isThrownBy(() -> strict.read(bytes("plain.tiff")))
                .withMessageContaining("1292 bytes, more than the 100 that are taken; scale it down");
    }

    @Test
    void aPhonesPictureIsReadThinnedOut() throws Exception {
        BufferedImage large = new BufferedImage(4624, 3468, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < large.getHeight(); y++) {
            for (int x = 0; x < large.getWidth(); x++) {
                large.getRaster().setSample(x, y, 0, x / 20);
            }
        }
        for (String format : List.of("png", "jpeg")) {
            byte[] file = TestImages.file(large, format);

            Picture picture = READER.read(file, 800, read -> read);

            assertThat(picture.height()).as(format).isEqualTo(867);
            assertThat(picture.width()).isEqualTo(1156);
            assertThat(picture.samples()[400 * 1156 + 1000] & 0xff).isCloseTo(4002 / 20, within(2));
        }
    }

    @Test
    void threadsReadOfOneReader() throws Exception {
        byte[] jpeg = bytes("progressive.jpg");
        byte[] webp = bytes("lossy.webp");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Picture>> reads = IntStream.range(0, 64)
                    .mapToObj(i -> (Callable<Picture>) () -> READER.read(i % 2 == 0 ? jpeg : webp))
                    .toList();
            for (Future<Picture> picture : threads.invokeAll(reads)) {
                assertShown(picture.get(), 20);
            }
        } finally {
            threads.shutdown();
        }
    }

    private static void assertShown(Picture picture, int tolerance) {
        assertThat(picture)
                .extracting(Picture::channels, Picture::height, Picture::width)
                .containsExactly(3, HEIGHT, WIDTH);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                int[] expected = {10 * x, 15 * y, 128};
                for (int channel = 0; channel < 3; channel++) {
                    assertThat(picture.samples()[(channel * HEIGHT + y) * WIDTH + x] & 0xff)
                            .as("channel %d at %d, %d", channel, x, y)
                            .isCloseTo(expected[channel], within(tolerance));
                }
            }
        }
    }

    private static byte[] bytes(String file) throws IOException {
        try (InputStream in = FormatsTest.class.getResourceAsStream("/pictures/" + file)) {
            return in.readAllBytes();
        }
    }
}
