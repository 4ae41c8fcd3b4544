// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.InputConvention;
import io.millrace.test.TestImages;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InkFittingTest {
    private static final PictureReader READER = new PictureReader(ReadLimits.DEFAULT);
    private static final Fitting FITTING = Fitting.of(InputConvention.INK, new ImageShape(1, 28, 28));
    private static final int TRANSPARENT = 0;

    @Test
    void whatHasTheFormAlreadyIsTakenAsItIs() {
        Picture digit = FITTING.fit(Pixels.of(four(200, 0xffffffff, 0xff000000, 20, 30, 100)))
                .picture();

        assertThat(FITTING.fit(digit).picture()).isSameAs(digit);
        assertThat(FITTING.fit(Colours.in(3, digit)).picture().samples()).isEqualTo(digit.samples());
    }

    @ParameterizedTest
    @CsvSource({
        "ff000000, ffffffff",
        "ff2040ff, ffffffff",
        "ff0000ff, ff000000",
        "ffffff00, ffffffff",
        "ff303030, ffc8c0b0",
        "ff000000, 0",
        "ffffffff, 0",
        "ff808080, 0",
        "ffff0000, 0"
    })
    void inkOfAnyColourOnAnyGroundIsLightOnDark(String ink, String ground) throws Exception {
        Picture white = FITTING.fit(Pixels.of(four(200, 0xffffffff, 0xff000000, 20, 30, 100)))
                .picture();

        Fitted fitted = read(four(200, (int) Long.parseLong(ink, 16), (int) Long.parseLong(ground, 16), 90, 70, 100));

        assertThat(fitted.warnings()).isEmpty();
        assertThat(cosine(fitted.picture(), white)).isGreaterThan(0.99);
    }

    @Test
    void blackInkOnACardWithTransparentCornersIsInk() throws Exception {
        BufferedImage card = four(200, 0xff000000, TRANSPARENT, 50, 50, 100);
        for (int y = 5; y < 195; y++) {
            for (int x = 5; x < 195; x++) {
                int alpha = card.getRGB(x, y) >>> 24;
                int value = 255 - alpha;
                card.setRGB(x, y, 0xff000000 | value << 16 | value << 8 | value);
            }
        }

        assertThat(cosine(
                        read(card).picture(),
                        read(four(200, 0xff000000, -1, 50, 50, 100)).picture()))
                .isGreaterThan(0.99);
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 80, 160})
    void inkIsScaledIntoTwentyAndCentredByItsMass(int size) throws Exception {
        Picture digit = read(four(200, 0xff000000, 0xffffffff, 7, 31, size)).picture();

        double sum = 0;
        double down = 0;
        double across = 0;
        int top = 28;
        int bottom = 0;
        for (int y = 0; y < 28; y++) {
            for (int x = 0; x < 28; x++) {
                int value = digit.samples()[y * 28 + x] & 0xff;
                sum += value;
                down += value * y;
                across += value * x;
                top = value >= 64 ? Math.min(top, y) : top;
                bottom = value >= 64 ? Math.max(bottom, y + 1) : bottom;
            }
        }
        assertThat(down / sum).isCloseTo(14, within(0.3));
        assertThat(across / sum).isCloseTo(14, within(0.3));
        assertThat(bottom - top).isBetween(19, 22);
    }

    @Test
    void otherSizesHaveTheSameProportions() throws Exception {
        Fitting larger = Fitting.of(InputConvention.INK, new ImageShape(3, 56, 56));
        byte[] file = TestImages.file(four(200, 0xff000000, 0xffffffff, 7, 31, 80), "png");

        Picture digit = READER.read(file, larger).picture();

        assertThat(digit.channels()).isEqualTo(3);
        Picture halved = Resampler.resample(Colours.in(1, digit), 0, 0, 56, 56, 28, 28, Resampler.Beyond.NOTHING);
        assertThat(cosine(halved, READER.read(file, FITTING).picture())).isGreaterThan(0.95);
    }

    @Test
    void anUnevenlyLitNoisyPhotographOfPaperIsRead() throws Exception {
        BufferedImage paper = four(400, 0xff202040, 0xffe8e8e0, 150, 100, 180);
        Picture drawn = read(paper).picture();

        Fitted fitted = FITTING.fit(READER.read(TestImages.file(camera(paper), "jpeg")));

        assertThat(fitted.warnings()).isEmpty();
        assertThat(cosine(fitted.picture(), drawn)).isGreaterThan(0.95);
    }

    @Test
    void blankPicturesAreWarnedOf() throws Exception {
        for (int colour : new int[] {0xff000000, 0xffffffff, 0xff6080a0}) {
            assertThat(read(TestImages.filled(64, 64, BufferedImage.TYPE_INT_RGB, colour))
                            .warnings())
                    .containsExactly(Fitted.BLANK);
        }
        assertThat(FITTING.fit(new Picture(1, 28, 28, new byte[28 * 28])).warnings())
                .containsExactly(Fitted.BLANK);
        assertThat(FITTING.fit(new Picture(1, 1, 1, new byte[1])).warnings()).containsExactly(Fitted.BLANK);
        assertThat(read(new BufferedImage(64, 64, BufferedImage.TYPE_INT_ARGB)).warnings())
                .containsExactly(Fitted.BLANK);
        BufferedImage paper = camera(TestImages.filled(400, 400, BufferedImage.TYPE_INT_RGB, 0xffe8e8e0));
        assertThat(read(paper).warnings()).containsExactly(Fitted.BLANK);
    }

    @Test
    void whatIsNotLikeInkIsWarnedOf() {
        byte[] noise = new byte[3 * 64 * 64];
        new Random(1).nextBytes(noise);

        assertThat(FITTING.fit(new Picture(3, 64, 64, noise)).warnings())
                .singleElement()
                .asString()
                .contains("does not look like ink");
    }

    @Test
    void aLineOfThirtyThousandByTwoIsPlaced() {
        byte[] line = new byte[60_000];
        Arrays.fill(line, 10_000, 10_400, (byte) 255);

        assertThat(FITTING.fit(new Picture(1, 2, 30_000, line)).picture().samples())
                .hasSize(28 * 28);
    }

    private static Fitted read(BufferedImage image) throws PictureException {
        return READER.read(TestImages.file(image, "png"), FITTING);
    }

    /** A four as a hand draws it, its box at a place of a square picture. */
    private static BufferedImage four(int side, int ink, int ground, int left, int top, int size) {
        BufferedImage image = TestImages.filled(side, side, BufferedImage.TYPE_INT_ARGB, ground);
        Path2D path = new Path2D.Double();
        path.moveTo(left + 0.5 * size, top);
        path.lineTo(left, top + 0.6 * size);
        path.lineTo(left + 0.7 * size, top + 0.6 * size);
        path.moveTo(left + 0.5 * size, top + 0.35 * size);
        path.lineTo(left + 0.5 * size, top + size);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setStroke(new BasicStroke(size / 10f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        graphics.setColor(new Color(ink, true));
        graphics.draw(path);
        graphics.dispose();
        return image;
    }

    /** As a camera sees it: darker on one side, with noise. */
    private static BufferedImage camera(BufferedImage drawn) {
        Random random = new Random(3);
        BufferedImage seen = new BufferedImage(drawn.getWidth(), drawn.getHeight(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < seen.getHeight(); y++) {
            for (int x = 0; x < seen.getWidth(); x++) {
                double light = 0.8 + 0.2 * x / seen.getWidth();
                int colour = 0;
                for (int shift = 0; shift < 24; shift += 8) {
                    double value =
                            ((drawn.getRGB(x, y) >> shift & 0xff) * 0.8 + 20) * light + 4 * random.nextGaussian();
                    colour |= (int) Math.min(Math.max(value, 0), 255) << shift;
                }
                seen.setRGB(x, y, colour);
            }
        }
        return seen;
    }

    static double cosine(Picture one, Picture other) {
        double product = 0;
        double ones = 0;
        double others = 0;
        for (int i = 0; i < one.samples().length; i++) {
            int a = one.samples()[i] & 0xff;
            int b = other.samples()[i] & 0xff;
            product += a * b;
            ones += a * a;
            others += b * b;
        }
        return product / Math.sqrt(ones * others);
    }
}
