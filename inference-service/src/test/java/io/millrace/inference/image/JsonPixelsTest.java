// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.inference.image.ImageException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonPixelsTest {
    private static final int MAX_PIXELS = 100;

    @Test
    void rowsAreGrey() throws ImageException {
        // When
        PixelGrid image = parse("{\"pixels\": [[0, 1, 2], [253, 254, 255]]}");

        // Then
        assertThat(image)
                .extracting(PixelGrid::channels, PixelGrid::height, PixelGrid::width)
                .containsExactly(1, 2, 3);
        assertThat(image.samples()).containsExactly(0, 1, 2, 253, 254, 255);
    }

    @Test
    void channelsMayComeFirst() throws ImageException {
        // When
        PixelGrid image = parse("{\"pixels\": [[[1, 2]], [[3, 4]], [[5, 6]]]}");

        // Then
        assertThat(image.channels()).isEqualTo(3);
        assertThat(image.samples()).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void channelsMayComeLast() throws ImageException {
        // When
        PixelGrid image = parse("{\"pixels\": [[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 12]]]}");

        // Then
        assertThat(image)
                .extracting(PixelGrid::channels, PixelGrid::height, PixelGrid::width)
                .containsExactly(3, 2, 2);
        assertThat(image.samples()).containsExactly(1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12);
    }

    @Test
    void fractionsAreRoundedAndOtherMembersPassedOver() throws ImageException {
        // When
        PixelGrid image = parse("{\"id\": {\"a\": [1]}, \"pixels\": [[0.4, 0.5, 254.9]], \"more\": null}");

        // Then
        assertThat(image.samples()).containsExactly(0, 1, 255);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
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
            {"pixel": [[1]]}                     | the body has no "pixels"
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
        assertThatExceptionOfType(ImageException.class)
                .isThrownBy(() -> parse(document))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void moreThanTheLargestSizeIsTooLarge() {
        String row = "[" + "0,".repeat(100) + "0]";

        assertRefused(
                "{\"pixels\": [" + row + "]}",
                Reason.TOO_LARGE,
                "\"pixels\" has 101 x 1 = 101 pixels, more than the 100 that are taken");
    }

    private static PixelGrid parse(String document) throws ImageException {
        return JsonPixels.parse(document.getBytes(UTF_8), MAX_PIXELS);
    }
}
