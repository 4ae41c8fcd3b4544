// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.contracts.event.ImageShape;
import io.millrace.image.Fitted;
import io.millrace.image.Fitting;
import io.millrace.image.Picture;
import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import io.millrace.image.PictureReader;
import io.millrace.image.ReadLimits;
import io.millrace.image.ReadingGate;
import io.millrace.inference.decode.ImageSource;
import io.millrace.test.TestImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonImagesTest {
    private static final int MAX_PIXELS = 1000;
    private static final PictureReader READER = new PictureReader(ReadLimits.DEFAULT);
    /** Shows what was read. */
    static final Fitting AS_IT_IS = new Fitting() {
        @Override
        public ImageShape shape() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int enough() {
            return Integer.MAX_VALUE;
        }

        @Override
        public Fitted fit(Picture picture) {
            return new Fitted(picture, List.of());
        }
    };

    @Test
    void rowsAreGrey() throws PictureException {
        // When
        Picture image = parse("{\"pixels\": [[0, 1, 2], [253, 254, 255]]}");

        // Then
        assertThat(image)
                .extracting(Picture::channels, Picture::height, Picture::width)
                .containsExactly(1, 2, 3);
        assertThat(image.samples()).containsExactly(0, 1, 2, 253, 254, 255);
    }

    @Test
    void channelsMayComeFirst() throws PictureException {
        // When
        Picture image = parse("{\"pixels\": [[[1, 2]], [[3, 4]], [[5, 6]]]}");

        // Then
        assertThat(image.channels()).isEqualTo(3);
        assertThat(image.samples()).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void channelsMayComeLast() throws PictureException {
        // When
        Picture image = parse("{\"pixels\": [[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 12]]]}");

        // Then
        assertThat(image)
                .extracting(Picture::channels, Picture::height, Picture::width)
                .containsExactly(3, 2, 2);
        assertThat(image.samples()).containsExactly(1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12);
    }

    @Test
    void fractionsAreRoundedAndOtherMembersPassedOver() throws PictureException {
        // When
        Picture image = parse("{\"id\": {\"a\": [1]}, \"pixels\": [[0.4, 0.5, 254.9]], \"more\": null}");

        // Then
        assertThat(image.samples()).containsExactly(0, 1, 255);
    }

    @Test
    void numbersOfWhichNoneIsAboveOneRunFromZeroToOne() throws PictureException {
        assertThat(parse("{\"pixels\": [[0, 0.5, 1]]}").samples()).containsExactly(0, 128, 255);
        assertThat(parse("{\"pixels\": [[0, 1, 1.5]]}").samples()).containsExactly(0, 1, 2);
    }

    @Test
    void theSameDigitInEachWayIsTheSame() throws Exception {
        Path cases = Path.of(System.getProperty("millrace.root", ".."), "..", "shared", "cases");
        assumeTrue(Files.isDirectory(cases), "no cases");

        byte[] digit = parse(Files.readString(cases.resolve("base64_4.json"))).samples();

        assertThat(parse(Files.readString(cases.resolve("pixels_0_255_4.json"))).samples())
                .isEqualTo(digit);
        assertThat(parse(Files.readString(cases.resolve("pixels_0_1_4.json"))).samples())
                .isEqualTo(digit);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "data:image/png;base64,"})
    void aFileMayStandInBase64(String head) throws PictureException {
        byte[] png = TestImages.file(TestImages.grey(16, 16, TestImages.ramp()), "png");

        Picture picture = parse("{\"image\": \"" + head + Base64.getEncoder().encodeToString(png) + "\"}");

        assertThat(picture.samples()).isEqualTo(TestImages.ramp());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"image": "abcde"}                   | "image" is not base64
            {"image": 7}                         | "image" has to be the bytes of a file in base64
            {"image": "aGVsbG8=", "image": ""}   | "image" stands twice
            {"image": "aGVsbG8=", "pixels": [[1]]} | "image" and "pixels" both stand there
            {"pixels": [[1, 2], [3]]}            | /pixels/1 has 1 entries, the lists before it have 2
            {"pixels": [[1, 2], [3, 4, 5]]}      | /pixels/1 has 3 entries, the lists before it have 2
            {"pixels": [[0, 256]]}               | /pixels/0/1 is 256, not from 0 to 255
            {"pixels": [[-1]]}                   | /pixels/0/0 is -1, not from 0 to 255
            {"pixels": [[1e999]]}                | /pixels/0/0 is 1e999, not from 0 to 255
            {"pixels": [[1, "2"]]}               | /pixels/0/1 is not a number
            {"pixels": [[1, null]]}              | /pixels/0/1 is not a number
            {"pixels": [[1, true]]}              | /pixels/0/1 is not a number
            {"pixels": [[1, {"a": 1}]]}          | /pixels/0/1 is not a number
            {"pixels": [[1, [2]]]}               | /pixels/0/1 is not a number; the numbers before it stand 2 lists deep
            {"pixels": [[[1], 2]]}               | /pixels/0/1 is a number where a list; the numbers before it stand 3
            {"pixels": [[[[1]]]]}                | /pixels/0/0/0 is not a number
            {"pixels": [1, 2, 3]}                | a list of rows is needed
            {"pixels": []}                       | /pixels is empty
            {"pixels": [[]]}                     | /pixels/0 is empty
            {"pixels": "7"}                      | "pixels" has to be a list of rows
            {"pixels": [[1]], "pixels": [[2]]}   | "pixels" stands twice
            {"pixels": [[[1, 2]], [[3, 4]]]}     | "pixels" is 2 x 1 x 2; the first or the last has to be 1 or 3
            {"pixel": [[1]]}                     | the body has neither "image"
            [[1]]                                | the body has to be an object
            7                                    | the body has to be an object
            """)
    void wrongPixelsAreRefusedNamingThePlace(String document, String message) {
        assertRefused(document, Reason.UNREADABLE, message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"pixels": [[1, 2]            | Unexpected end-of-input
            {"pixels": [[1, NaN]]}        | NaN
            {"pixels": [[1, 2,]]}         | Unexpected character
            {pixels: [[1]]}               | Unexpected character
            {"pixels": [[1]]} {}          | something follows the object
            seven                         | Unrecognized token
            """)
    void whatIsNoJsonIsMalformed(String document, String message) {
        assertRefused(document, Reason.MALFORMED, message);
    }

    private static void assertRefused(String document, Reason reason, String message) {
        assertThatExceptionOfType(PictureException.class)
                .isThrownBy(() -> parse(document))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void moreThanTheLargestSizeIsTooLarge() {
        String row = "[" + "0,".repeat(1000) + "0]";

        assertRefused(
                "{\"pixels\": [" + row + "]}",
                Reason.TOO_LARGE,
                "\"pixels\" has 1001 x 1 = 1001 pixels, more than the 1000 that are taken");
    }

    @Test
    void severalImagesStandInInstancesInAnyForm() throws PictureException {
        byte[] png = TestImages.file(TestImages.grey(16, 16, TestImages.ramp()), "png");
        String file = "\"" + Base64.getEncoder().encodeToString(png) + "\"";

        List<Picture> pictures =
                pictures("{\"signature_name\": \"\", \"instances\": [[[1, 2]], {\"pixels\": [[3, 4]]}, {\"image\": "
                        + file + "}, {\"b64\": " + file + "}, " + file + "]}");

        assertThat(pictures.get(0).samples()).containsExactly(1, 2);
        assertThat(pictures.get(1).samples()).containsExactly(3, 4);
        assertThat(pictures.subList(2, 5)).extracting(Picture::samples).containsOnly(TestImages.ramp());
    }

    @Test
    void otherMembersAreKeptWhereSomebodyAsksForThem() throws PictureException {
        JsonImages read = JsonImages.read(
                "{\"top\": 2, \"fit\": \"ink\", \"invert\": true, \"x\": [1], \"pixels\": [[1]]}".getBytes(UTF_8),
                Set.of("top", "fit", "invert"));

        assertThat(read.more()).containsExactlyInAnyOrderEntriesOf(Map.of("top", "2", "fit", "ink", "invert", "true"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"top": [1], "pixels": [[1]]}         | "top" has to be a text, a number, true or false
            {"top": null, "pixels": [[1]]}        | "top" has to be a text
            {"top": 1, "top": 1, "pixels": [[1]]} | "top" stands twice
            {"instances": 7}                      | "instances" has to be a list
            {"instances": []}                     | "instances" is empty
            {"instances": [7]}                    | /instances/0 has to be an image
            {"instances": [[[1]], [[300]]]}       | /instances/1/0/0 is 300, not from 0 to 255
            {"instances": [[[1]], {}]}            | /instances/1: it has neither "image"
            {"instances": [[1, 2]]}               | /instances/0: "pixels" is a list of numbers
            {"instances": [{"b64": "abcde"}]}     | /instances/0: "image" is not base64
            {"instances": [[[1]]], "instances": [[[1]]]} | "instances" stands twice
            {"instances": [[[1]]], "image": "aGVsbG8="} | "instances" stands beside an image
            """)
    void wrongInstancesAreRefusedNamingThePlace(String document, String message) {
        assertThatExceptionOfType(PictureException.class)
                .isThrownBy(() -> pictures(document))
                .withMessageContaining(message);
    }

    private static Picture parse(String document) throws PictureException {
        List<Picture> pictures = pictures(document);
        assertThat(pictures).hasSize(1);
        return pictures.get(0);
    }

    private static List<Picture> pictures(String document) throws PictureException {
        List<Picture> pictures = new ArrayList<>();
        for (ImageSource source :
                JsonImages.read(document.getBytes(UTF_8), Set.of("top")).sources(MAX_PIXELS, READER)) {
            pictures.add(source.fitted(AS_IT_IS, ReadingGate.OPEN).picture());
        }
        return pictures;
    }
}
