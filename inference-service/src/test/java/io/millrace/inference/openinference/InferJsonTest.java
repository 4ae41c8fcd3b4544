// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.contracts.event.ImageShape;
import io.millrace.image.Fitted;
import io.millrace.image.Fitting;
import io.millrace.image.Picture;
import io.millrace.image.PictureException;
import io.millrace.image.PictureReader;
import io.millrace.image.ReadLimits;
import io.millrace.image.ReadingGate;
import io.millrace.inference.decode.ImageSource;
import io.millrace.test.TestImages;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InferJsonTest {
    private static final PictureReader READER = new PictureReader(ReadLimits.DEFAULT);
    private static final int MAX_PIXELS = 1000;

    /** Shows what was read. */
    private static final Fitting AS_IT_IS = as(1);

    private static Fitting as(int channels) {
        return new Fitting() {
            @Override
            public ImageShape shape() {
                return new ImageShape(channels, 1, 1);
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
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]",
                "[[[[1, 2], [3, 4], [5, 6]]], [[[7, 8], [9, 10], [11, 12]]]]",
            })
    void dataMayBeFlatOrInListsAsTheShapeHasThem(String data) throws PictureException {
        List<Picture> pictures = pictures(request("UINT8", "[2, 1, 3, 2]", data));

        assertThat(pictures).hasSize(2);
        assertThat(pictures.get(0))
                .extracting(Picture::channels, Picture::height, Picture::width)
                .containsExactly(1, 3, 2);
        assertThat(pictures.get(1).samples()).containsExactly(7, 8, 9, 10, 11, 12);
    }

    @Test
    void channelsMayComeLastOrNotAtAll() throws PictureException {
        assertThat(pictures(request("INT64", "[1, 1, 2, 3]", "[1, 2, 3, 4, 5, 6]"))
                        .get(0)
                        .channels())
                .isEqualTo(1);
        assertThat(pictures(request("INT32", "[1, 2, 2, 3]", "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]"))
                        .get(0)
                        .samples())
                .containsExactly(1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12);
        assertThat(pictures(request("UINT8", "[2, 1, 2]", "[1, 2, 3, 4]")))
                .extracting(Picture::samples)
                .containsExactly(new byte[] {1, 2}, new byte[] {3, 4});
    }

    @Test
    void floatingPointImagesRunFromZeroToOneWhereNoneOfTheirValuesIsAbove() throws PictureException {
        List<Picture> pictures = pictures(request("FP32", "[2, 1, 1, 2]", "[0.5, 1, 0.5, 2]"));

        assertThat(pictures.get(0).samples()).containsExactly(128, 255);
        assertThat(pictures.get(1).samples()).containsExactly(1, 2);
        assertThat(pictures(request("UINT8", "[1, 1, 1, 2]", "[0, 1]")).get(0).samples())
                .containsExactly(0, 1);
    }

    @Test
    void filesStandInBase64() throws PictureException {
        String file = Base64.getEncoder().encodeToString(png());

        assertThat(pictures(request("BYTES", "[2]", "[\"" + file + "\", \"data:image/png;base64," + file + "\"]")))
                .extracting(Picture::samples)
                .containsOnly(TestImages.ramp());
    }

    @Test
    void binaryDataFollowsTheJson() throws PictureException {
        String json = binary("UINT8", "[2, 1, 1, 2]", 4);
        assertThat(pictures(json, new byte[] {1, 2, 3, (byte) 255}))
                .extracting(Picture::samples)
                .containsExactly(new byte[] {1, 2}, new byte[] {3, (byte) 255});

        ByteBuffer floats = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(0)
                .putFloat(1);
        assertThat(pictures(binary("FP32", "[1, 1, 1, 2]", 8), floats.array())
                        .get(0)
                        .samples())
                .containsExactly(0, 255);

        byte[] png = png();
        ByteBuffer file = ByteBuffer.allocate(4 + png.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(png.length)
                .put(png);
        assertThat(pictures(binary("BYTES", "[1, 1]", 4 + png.length), file.array())
                        .get(0)
                        .samples())
                .isEqualTo(TestImages.ramp());
    }

    @Test
    void idAndOutputsAreRead() throws PictureException {
        InferRequest request = read("""
                {"id": "a", "parameters": {"binary_data_output": true, "priority": 3, "x": {"y": [1]}},
                 "inputs": [{"name": "image", "shape": [1, 1, 1], "datatype": "UINT8", "data": [7]}],
                 "outputs": [{"name": "label", "parameters": {"binary_data": false}},
                             {"name": "probabilities", "parameters": {"classification": 2}}]}""");

        assertThat(request.id()).contains("a");
        assertThat(request.outputs()).extracting(RequestedOutput::name).containsExactly("label", "probabilities");
        assertThat(request.outputs()).extracting(request::isBinary).containsExactly(false, true);
        assertThat(request.outputs()).extracting(RequestedOutput::classes).containsExactly(0, 2);
    }

    @Test
    void withoutOutputsThereAreAll() throws PictureException {
        InferRequest request = read(request("UINT8", "[1, 1, 1]", "[7]"));

        assertThat(request.id()).isEmpty();
        assertThat(request.outputs()).isEqualTo(RequestedOutput.ALL);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            UINT8 | [1, 1, 2, 2]       | [1, 2, 3]          | has 3 values; its shape [1, 1, 2, 2] wants 4
            UINT8 | [1, 1, 2, 2]       | [[1, 2], [3, 4]]   | /inputs/0/data has the shape [2, 2], and "shape" is [1, 1, 2, 2]
            UINT8 | [1, 1, 2, 2]       | [[[[1, 2], [3]]]]  | has 1 entries, the lists before it have 2
            UINT8 | [1, 1, 1, 2]       | [[1], 2]           | /inputs/0/data/1 stands where the values before it do not
            UINT8 | [1, 1, 1, 2]       | [1, [2]]           | stands where the values before it do not
            UINT8 | [1, 1, 1, 1]       | []                 | /inputs/0/data is empty
            UINT8 | [1, 1, 1, 1]       | [null]             | has to be a number
            UINT8 | [1, 1, 1, 1]       | [true]             | has to be a number
            UINT8 | [1, 1, 1, 2]       | [1, "2"]           | /inputs/0/data/1 has to be a number
            UINT8 | [1, 1, 1, 1]       | 7                  | /inputs/0/data has to be a list
            UINT8 | [1, 1, 1, 1]       | [1.5]              | pixels are whole numbers from 0 to 255
            UINT8 | [1, 1, 1, 2]       | [0, 256]           | input "image", image 1: a value is 256.0
            FP32  | [2, 1, 1, 1]       | [0, -0.5]          | image 2: a value is -0.5; pixels are numbers from 0 to 255, or all
            FP32  | [1, 1, 1, 1]       | [1e99]             | a value is Infinity
            FP32  | [1, 1, 1, 1]       | [NaN]              | the body is not JSON
            FP16  | [1, 1, 1, 1]       | [1]                | datatype "FP16" is not taken; pixels are UINT8, FP32
            UINT8 | [1, 784]           | [1]                | wants 784
            UINT8 | [1, 2]             | [1, 2]             | pixels have [N,C,H,W] or [N,H,W,C]
            UINT8 | [1, 2, 1, 2]       | [1, 2, 3, 4]       | pixels have [N,C,H,W] or [N,H,W,C]
            UINT8 | [0, 1, 1, 1]       | []                 | every number of it must be 1 or more
            UINT8 | [-1, 1, 1, 1]      | [1]                | /inputs/0/shape/0 has to be a whole number, 0 or more
            UINT8 | [1.5]              | [1]                | /inputs/0/shape/0 has to be a whole number
            UINT8 | ["1"]              | [1]                | /inputs/0/shape/0 has to be a whole number
            UINT8 | [99999999999999999999] | [1]            | /inputs/0/shape/0 has to be a whole number
            UINT8 | [4000000000, 4000000000, 4000000000] | [1] | more values than a request can hold
            UINT8 | [1, 40, 40]        | [1]                | has 1 values
            BYTES | [1]                | [7]                | /inputs/0/data has numbers, and "datatype" is BYTES
            UINT8 | [1, 1, 1]          | ["aGVsbG8="]       | /inputs/0/data has texts, and "datatype" is UINT8
            BYTES | [1]                | ["%%%"]            | image 1: the image is empty
            BYTES | [1, 2]             | ["aA==", "aA=="]   | files of N images have [N], or [N,1]
            BYTES | [2]                | ["aGVsbG8="]       | has 1 values; its shape [2] wants 2
            """)
    void wrongTensorsAreRefusedSayingWhatIsWrong(String datatype, String shape, String data, String message) {
        assertRefused(() -> pictures(request(datatype, shape, data)), message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                        | the body is empty
            []                                        | the body has to be an object
            {}                                        | the body has no "inputs"
            {"inputs": {}}                            | /inputs has to be a list of inputs
            {"inputs": [7]}                           | /inputs/0 has to be an object
            {"inputs": []}                            | there are 0 inputs; one is needed
            {"inputs": [], "inputs": []}              | "inputs" stands twice
            {"inputs": [{"name": "image", "datatype": "UINT8", "shape": [1, 1, 1], "data": [1]}, 7]} | /inputs/1 is one input too many; one is needed, "image"
            {"inputs": [{"name": "image", "shape": [1, 1, 1, 1, 1, 1, 1, 1, "9"]}]} | /inputs/0/shape/8 is one dimension too many
            {"outputs": [{"name": "label"}, {"name": "probabilities"}, 7]} | /outputs/2 is one output too many
            {"inputs": [{}]}                          | /inputs/0 has no "name"
            {"inputs": [{"name": "image", "shape": [1]}]} | /inputs/0 has no "datatype"
            {"inputs": [{"name": "image", "datatype": "UINT8"}]} | /inputs/0 has no "shape"
            {"inputs": [{"name": "image", "datatype": "UINT8", "shape": [1]}]} | neither "data" nor
            {"inputs": [{"name": "image", "datatype": "UINT8", "shape": [1], "data": [1], "parameters": {"binary_data_size": 1}}]} | both "data" and
            {"inputs": [{"name": "x", "datatype": "UINT8", "shape": [1, 1, 1], "data": [1]}]} | input "x" is none of the model's
            {"id": 7, "inputs": []}                   | /id has to be a string
            {"parameters": [], "inputs": []}          | /parameters has to be an object
            {"parameters": {"binary_data_output": 1}} | /parameters/binary_data_output has to be true or false
            {"outputs": [{}]}                         | /outputs/0 has no "name"
            {"outputs": [{"name": "logits"}]}         | output "logits" is none of the model's, which are
            {"outputs": [{"name": "label", "parameters": {"classification": 2}}]} | no output to classify by
            {"outputs": [{"name": "label", "parameters": {"classification": -2}}]} | has to be a whole number
            {"inputs": [{"name": "image", "datatype": "UINT8", "shape": [1, 1, 1], "data": [1]}]} {} | something follows the JSON
            {"inputs": [{"name": "image"              | the body is not JSON
            """)
    void wrongRequestsAreRefusedNamingThePlace(String body, String message) {
        assertRefused(() -> pictures(body), message);
    }

    @Test
    void anOutputStandsOnce() {
        assertRefused(
                () -> read(request("UINT8", "[1, 1, 1]", "[1]")
                        .replaceFirst("\\{", "{\"outputs\": [{\"name\": \"label\"}, {\"name\": \"label\"}], ")),
                "an output stands twice");
    }

    @Test
    void binaryDataHasToBeWhatIsAnnounced() {
        String json = binary("UINT8", "[1, 1, 1, 4]", 4);
        assertRefused(() -> pictures(json, new byte[3]), "has binary data of 4 bytes, and 3 are left after the JSON");
        assertRefused(() -> pictures(json, new byte[5]), "1 bytes follow the data of all inputs");
        assertRefused(
                () -> pictures(binary("UINT8", "[1, 1, 1, 4]", 5), new byte[5]),
                "has 5 bytes; 4 values of UINT8 have 4");
        assertRefused(
                () -> pictures(binary("FP32", "[1, 1, 1, 4]", 4), new byte[4]),
                "has 4 bytes; 4 values of FP32 have 16");
        assertRefused(() -> read(json), "has binary data of 4 bytes, and 0 are left");
        assertRefused(
                () -> pictures(binary("BYTES", "[1]", 3), new byte[3]),
                "element 1 of the binary data lacks its length");
        assertRefused(
                () -> pictures(binary("BYTES", "[1]", 5), new byte[] {2, 0, 0, 0, 1}),
                "lacks 2 bytes, as announced; 1 are there");
        assertRefused(
                () -> pictures(binary("BYTES", "[1]", 4), new byte[] {-1, -1, -1, -1}),
                "4294967295 bytes, as announced");
        assertRefused(
                () -> pictures(binary("BYTES", "[2]", 4), new byte[4]),
                "the binary data has 1 elements; the shape wants 2");
        assertRefused(
                () -> pictures(binary("FP32", "[1, 1, 1, 1]", 4), new byte[] {0, 0, (byte) 0xc0, 0x7f}),
                "a value is NaN");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "x", "1e3", "99999999999999999999", "2147483648", "1000"})
    void lengthOfTheJsonHasToBeWithinTheBody(String length) {
        byte[] body = request("UINT8", "[1, 1, 1]", "[1]").getBytes(UTF_8);

        assertRefused(
                () -> InferJson.read(body, length),
                "Inference-Header-Content-Length is \"" + length
                        + "\"; it must be how many bytes of the body are JSON");
    }

    @Test
    void jsonThatIsCutByItsAnnouncedLengthIsNoJson() {
        byte[] body = request("UINT8", "[1, 1, 1]", "[1]").getBytes(UTF_8);

        assertRefused(() -> InferJson.read(body, "10"), "the body is not JSON");
        assertRefused(() -> InferJson.read(body, "0"), "the body is empty");
    }

    @Test
    void planesOfAnImageAreNotTakenForImagesWhereTheModelLooksAtColours() throws PictureException {
        List<ImageSource> sources =
                read(request("UINT8", "[3, 1, 1]", "[1, 2, 3]")).input().images(MAX_PIXELS, READER);

        assertRefused(() -> sources.get(0).fitted(as(3), ReadingGate.OPEN), "say which number are the channels");
    }

    @Test
    void moreThanTheLargestSizeIsTooLarge() {
        assertRefused(
                () -> pictures(binary("UINT8", "[1, 1, 1001]", 1001), new byte[1001]),
                "input \"image\" has 1001 x 1 = 1001 pixels, more than the 1000 that are taken");
    }

    /** Whatever comes: it is read, or refused in words; nothing else is thrown. */
    @Test
    void mutatedBodiesAreReadOrRefused() throws PictureException {
        Random random = new Random(1);
        byte[] whole = body(binary("FP32", "[2, 1, 1, 2]", 16), new byte[16]);
        int json = binary("FP32", "[2, 1, 1, 2]", 16).length();
        for (int k = 0; k < 20_000; k++) {
            byte[] mutated = whole.clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                mutated[random.nextInt(mutated.length)] =
                        (byte) (random.nextBoolean() ? random.nextInt() : "[]{}\",:0-e".charAt(random.nextInt(10)));
            }
            byte[] cut =
                    random.nextInt(4) == 0 ? java.util.Arrays.copyOf(mutated, random.nextInt(mutated.length)) : mutated;
            try {
                pictures(cut, Integer.toString(json));
            } catch (PictureException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    private static byte[] png() {
        return TestImages.file(TestImages.grey(16, 16, TestImages.ramp()), "png");
    }

    private static String request(String datatype, String shape, String data) {
        return "{\"inputs\": [{\"name\": \"image\", \"data\": " + data + ", \"datatype\": \"" + datatype
                + "\", \"shape\": " + shape + "}]}";
    }

    private static String binary(String datatype, String shape, int size) {
        return "{\"inputs\": [{\"name\": \"image\", \"datatype\": \"" + datatype + "\", \"shape\": " + shape
                + ", \"parameters\": {\"binary_data_size\": " + size + "}}]}";
    }

    private static byte[] body(String json, byte[] data) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(json.getBytes(UTF_8));
        body.writeBytes(data);
        return body.toByteArray();
    }

    private static InferRequest read(String json) throws PictureException {
        return InferJson.read(json.getBytes(UTF_8), null);
    }

    private static List<Picture> pictures(String json) throws PictureException {
        return pictures(json.getBytes(UTF_8), null);
    }

    private static List<Picture> pictures(String json, byte[] data) throws PictureException {
        return pictures(body(json, data), Integer.toString(json.length()));
    }

    static List<Picture> pictures(byte[] body, String length) throws PictureException {
        List<Picture> pictures = new ArrayList<>();
        for (ImageSource source : InferJson.read(body, length).input().images(MAX_PIXELS, READER)) {
            pictures.add(source.fitted(AS_IT_IS, ReadingGate.OPEN).picture());
        }
        return pictures;
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable reading, String message) {
        assertThatExceptionOfType(PictureException.class).isThrownBy(reading).withMessageContaining(message);
    }
}
