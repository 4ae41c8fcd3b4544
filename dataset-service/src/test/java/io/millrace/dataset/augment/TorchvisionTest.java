// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.Augmentation.Interpolation;
import io.millrace.contracts.event.Augmentation.PaddingMode;
import io.millrace.contracts.event.ImageShape;
import io.millrace.image.Fitting;
import io.millrace.image.Picture;
import io.millrace.image.Region.Box;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Against torchvision 0.18.1, by {@code torchvision.py}, given what is left to chance. */
class TorchvisionTest {
    private static JsonNode cases;

    @BeforeAll
    static void read() throws IOException {
        try (InputStream in = TorchvisionTest.class.getResourceAsStream("torchvision.json")) {
            cases = new ObjectMapper().readTree(in);
        }
    }

    private static ImageShape shape(JsonNode image) {
        return new ImageShape(
                image.at("/shape/0").asInt(),
                image.at("/shape/1").asInt(),
                image.at("/shape/2").asInt());
    }

    private static byte[] values(JsonNode list) {
        byte[] values = new byte[list.size()];
        IntStream.range(0, values.length)
                .forEach(k -> values[k] = (byte) list.get(k).asInt());
        return values;
    }

    private static List<JsonNode> cases(String name) {
        List<JsonNode> some = new ArrayList<>();
        cases.get(name).forEach(some::add);
        assertThat(some).isNotEmpty();
        return some;
    }

    /**
     * Float32 there, float64 here: a value in the middle between two bytes may fall either way.
     *
     * @param often how many values of a hundred may
     */
    private static void assertNear(byte[] found, JsonNode of, int often) {
        byte[] expected = values(of.get("expected"));
        assertThat(found).hasSameSizeAs(expected);
        int[] off = IntStream.range(0, found.length)
                .map(k -> Math.abs((found[k] & 0xff) - (expected[k] & 0xff)))
                .toArray();
        assertThat(IntStream.of(off).max().orElse(0)).as(of.toString()).isLessThanOrEqualTo(1);
        assertThat(IntStream.of(off).sum()).as(of.toString()).isLessThanOrEqualTo(found.length * often / 100);
    }

    @Test
    void aMotion() {
        for (JsonNode of : cases("affine")) {
            RandomAffine affine = new RandomAffine(
                    new Augmentation.RandomAffine(
                            null,
                            null,
                            null,
                            null,
                            Interpolation.valueOf(
                                    of.get("interpolation").asText().toUpperCase(Locale.ROOT)),
                            of.get("fill").asInt()),
                    shape(of.get("image")));

            byte[] moved = affine.moved(
                    values(of.at("/image/values")),
                    Motion.of(
                            of.get("degrees").asDouble(),
                            of.get("right").asInt(),
                            of.get("down").asInt(),
                            of.get("scale").asDouble(),
                            of.get("shear").asDouble()));

            assertNear(moved, of, 5);
        }
    }

    @Test
    void brightnessContrastAndSaturation() {
        for (JsonNode of : cases("color")) {
            ColorJitter jitter =
                    new ColorJitter(new Augmentation.ColorJitter(null, null, null), shape(of.get("image")));
            byte[] image = values(of.at("/image/values"));
            float factor = (float) of.get("factor").asDouble();

            switch (of.get("change").asText()) {
                case "brightness" -> ColorJitter.brightness(image, factor);
                case "contrast" -> jitter.contrast(image, factor);
                default -> jitter.saturation(image, factor);
            }

            assertNear(image, of, 5);
        }
    }

    @Test
    void aPartInAnotherSize() {
        for (JsonNode of : cases("cut")) {
            ImageShape shape = shape(of.get("image"));
            Box box = new Box(
                    of.at("/box/0").asInt(),
                    of.at("/box/1").asInt(),
                    of.at("/box/2").asInt(),
                    of.at("/box/3").asInt());
            ImageShape size = new ImageShape(
                    shape.channels(), of.at("/size/0").asInt(), of.at("/size/1").asInt());

            Picture cut = Fitting.cut(size, 1, (height, width) -> box)
                    .fit(new Picture(shape.channels(), shape.height(), shape.width(), values(of.at("/image/values"))))
                    .picture();

            // It rounds to bytes along each axis there, and once here.
            assertNear(cut.samples(), of, 25);
        }
    }

    @Test
    void cropsOfAPaddedImage() {
        for (JsonNode of : cases("crop")) {
            RandomCrop crop = new RandomCrop(
                    new Augmentation.RandomCrop(
                            of.get("padding").asInt(),
                            of.get("fill").asInt(),
                            PaddingMode.valueOf(of.get("mode").asText().toUpperCase(Locale.ROOT))),
                    shape(of.get("image")));

            assertThat(Images.outcomes(crop, values(of.at("/image/values")), 2000))
                    .as(of.get("mode").asText())
                    .isEqualTo(new HashSet<>(
                            StreamSupport.stream(of.get("expected").spliterator(), false)
                                    .map(TorchvisionTest::values)
                                    .map(Images::values)
                                    .toList()));
        }
    }
}
