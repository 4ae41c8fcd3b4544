// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.InputConvention;
import io.millrace.image.PictureException.Reason;
import io.millrace.test.TestImages;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PictureReaderTest {
    private static final int OPAQUE_ORANGE = 0xffff8040;

    private final PictureReader reader = reader(1_000_000);

    @Test
    void greyPngKeepsEveryValue() throws PictureException {
        // Given
        byte[] png = TestImages.file(TestImages.grey(16, 16, TestImages.ramp()), "png");

        // When
        Picture image = decode(png);

        // Then
        assertThat(image.channels()).isEqualTo(1);
        assertThat(image.samples()).isEqualTo(TestImages.ramp());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aPictureIsReadBackFromItsOwnPng(int channels) throws PictureException {
        // Given
        byte[] samples = new byte[channels * 5 * 7];
        new Random(1).nextBytes(samples);
        Picture picture = new Picture(channels, 5, 7, samples);

        // When
        Picture read = decode(picture.png());

        // Then
        assertThat(read)
                .extracting(Picture::channels, Picture::height, Picture::width)
                .containsExactly(channels, 5, 7);
        assertThat(read.samples()).isEqualTo(samples);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp"})
    void colourKeepsEveryValueInPlanes(String format) throws PictureException {
        // Given
        byte[] file = TestImages.file(TestImages.filled(2, 1, BufferedImage.TYPE_INT_RGB, OPAQUE_ORANGE), format);

        // When
        Picture image = decode(file);

        // Then
        assertThat(image)
                .extracting(Picture::channels, Picture::height, Picture::width)
                .containsExactly(3, 1, 2);
        assertThat(image.samples()).containsExactly(0xff, 0xff, 0x80, 0x80, 0x40, 0x40);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "gif"})
    void palettesAreLookedUp(String format) throws PictureException {
        // Given
        byte[] file = TestImages.file(TestImages.palette(2, 1, 0x102030, 0xa0b0c0), format);

        // When
        Picture image = decode(file);

        // Then
        assertThat(image.samples()).containsExactly(0x10, 0xa0, 0x20, 0xb0, 0x30, 0xc0);
    }

    @Test
    void greyPaletteIsGrey() throws PictureException {
        // Given
        byte[] file = TestImages.file(TestImages.palette(2, 1, 0x111111, 0xeeeeee), "png");

        // When
        Picture image = decode(file);

        // Then
        assertThat(image.channels()).isEqualTo(1);
        assertThat(image.samples()).containsExactly(0x11, 0xee);
    }

    @Test
    void oneBitPngIsBlackAndWhite() throws PictureException {
        // Given
        BufferedImage bits = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY);
        bits.setRGB(1, 0, 0xffffffff);

        // When
        Picture image = decode(TestImages.file(bits, "png"));

        // Then
        assertThat(image.channels()).isEqualTo(1);
        assertThat(image.samples()).containsExactly(0, 255);
    }

    @Test
    void sixteenBitsAreScaledToEight() throws PictureException {
        // Given
        BufferedImage deep = new BufferedImage(4, 1, BufferedImage.TYPE_USHORT_GRAY);
        deep.getRaster().setPixels(0, 0, 4, 1, new int[] {0, 0x8080, 0x80ff, 0xffff});

        // When
        Picture image = decode(TestImages.file(deep, "png"));

        // Then
        assertThat(image.samples()).containsExactly(0, 0x80, 0x80, 0xff);
    }

    @Test
    void transparencyStandsBesideTheColours() throws PictureException {
        // Given
        BufferedImage image = TestImages.filled(1, 1, BufferedImage.TYPE_INT_ARGB, 0x80ff8000);

        // When
        Picture decoded = decode(TestImages.file(image, "png"));

        // Then
        assertThat(decoded.samples()).containsExactly(0xff, 0x80, 0);
        assertThat(decoded.alpha()).containsExactly(0x80);
    }

    @Test
    void jpegIsReadInGreyAndColour() throws PictureException {
        // Given
        byte[] flat = new byte[64];
        Arrays.fill(flat, (byte) 200);
        BufferedImage orange = TestImages.filled(8, 8, BufferedImage.TYPE_INT_RGB, OPAQUE_ORANGE);

        // When
        Picture grey = decode(TestImages.file(TestImages.grey(8, 8, flat), "jpeg"));
        Picture colour = decode(TestImages.file(orange, "jpeg"));

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
        assertRefused("seven".getBytes(UTF_8), Reason.UNSUPPORTED, "of no known format");
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

    /** The reader takes what is missing for zeros, and made 20 GB of tables of these 65 bytes. */
    @Test
    void whatGoesOnBeyondItsEndIsRefusedBeforeItTakesMemory() throws IOException {
        // Given
        byte[] file = Files.readAllBytes(Path.of("src/test/resources/endless.webp"));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();

        // Then
        assertRefused(file, Reason.UNREADABLE, "image cannot be read: it ends too early");
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(32 << 20);
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
    void afterDamageTheAllowanceIsBack() throws PictureException {
        // Given
        PictureReader one = reader(600 * 600);
        byte[] good = TestImages.file(new BufferedImage(600, 600, BufferedImage.TYPE_BYTE_GRAY), "png");

        // When
        assertThatExceptionOfType(PictureException.class).isThrownBy(() -> one.read(TestImages.pngHeader(600, 600)));

        // Then
        assertThat(one.read(good).width()).isEqualTo(600);
    }

    @Test
    void theGateIsToldTheSizeBeforeAnythingIsDecodedAndMayRefuse() {
        // Given a picture whose pixels are not there
        byte[] header = TestImages.pngHeader(600, 700);
        IllegalStateException refused = new IllegalStateException("not now");

        // Then
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> reader.read(header, fitting(), new ReadingGate() {
                    @Override
                    public void enter(int pixels) {
                        assertThat(pixels).isEqualTo(600 * 700);
                        throw refused;
                    }

                    @Override
                    public boolean closed() {
                        return false;
                    }
                }))
                .isSameAs(refused);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "bmp", "gif"})
    void aPictureThatNobodyWantsAnyMoreIsNotReadToItsEnd(String format) {
        // Given somebody who leaves when a few rows are read
        byte[] file = TestImages.file(TestImages.filled(900, 900, BufferedImage.TYPE_INT_RGB, OPAQUE_ORANGE), format);
        AtomicInteger asked = new AtomicInteger();

        // Then
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> reader.read(file, fitting(), new ReadingGate() {
                    @Override
                    public void enter(int pixels) {}

                    @Override
                    public boolean closed() {
                        return asked.incrementAndGet() > 3;
                    }
                }));
        assertThat(asked).hasValueLessThan(100);
    }

    private static Fitting fitting() {
        return Fitting.of(InputConvention.PHOTO, new ImageShape(3, 900, 900));
    }

    @Test
    void largeImageIsHeldUntilItIsUsedAndHoldsUpOnlyLargeOnes() throws Exception {
        // Given room for one large image
        byte[] large = TestImages.file(TestImages.grey(1000, 600, new byte[600_000]), "png");
        CountDownLatch using = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        FutureTask<Picture> first = inBackground(() -> reader.read(large, 1000, image -> {
            using.countDown();
            awaitQuietly(release);
            return image;
        }));
        using.await();
        FutureTask<Picture> second = inBackground(() -> decode(large));

        // When
        Picture small = decode(TestImages.file(TestImages.grey(16, 16, TestImages.ramp()), "png"));

        // Then
        assertThat(small.samples()).isEqualTo(TestImages.ramp());
        await().until(() -> reader.waiting() == 1);
        assertThat(second.isDone()).isFalse();
        release.countDown();
        assertThat(first.get(10, TimeUnit.SECONDS).width()).isEqualTo(1000);
        assertThat(second.get(10, TimeUnit.SECONDS).width()).isEqualTo(1000);
    }

    private static FutureTask<Picture> inBackground(Callable<Picture> work) {
        FutureTask<Picture> task = new FutureTask<>(work);
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

    private static PictureReader reader(int pixels) {
        return new PictureReader(new ReadLimits(1 << 24, pixels), pixels);
    }

    private Picture decode(byte[] file) throws PictureException {
        return reader.read(file);
    }

    private void assertRefused(byte[] file, Reason reason, String message) {
        assertThatExceptionOfType(PictureException.class)
                .isThrownBy(() -> decode(file))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
