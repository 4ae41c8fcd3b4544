// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.image.PictureException;
import io.millrace.test.Fuzz;
import io.millrace.test.TestImages;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Requests of the Open Inference Protocol that were damaged, or made to do damage. */
class FuzzTest {
    private static final String BINARY =
            "{\"inputs\": [{\"name\": \"image\", \"datatype\": \"UINT8\", \"shape\": [1, 1, 2, 2],"
                    + " \"parameters\": {\"binary_data_size\": 4}}]}";

    /** After a request in JSON come its binary data: the first line says where. */
    @Test
    void requests() throws Exception {
        String png =
                Base64.getEncoder().encodeToString(TestImages.file(TestImages.grey(16, 16, TestImages.ramp()), "png"));
        List<byte[]> requests = Stream.of(
                        "\n" + request("UINT8", "[1, 1, 2, 2]", "[1, 2, 3, 4]"),
                        "\n" + request("FP32", "[1, 2, 2]", "[[[0.5, 1], [2.25, 3e1]]]"),
                        "\n" + request("BYTES", "[1]", "[\"" + png + "\"]"),
                        BINARY.length() + "\n" + BINARY + "\u0001\u0002\u0003\u0004")
                .map(text -> text.getBytes(ISO_8859_1))
                .toList();
        new Fuzz("open inference", requests, PictureException.class, 16 << 20).run(input -> {
            int line = 0;
            while (line < input.length && input[line] != '\n') {
                line++;
            }
            String length = line == 0 ? null : new String(input, 0, line, UTF_8);
            InferJsonTest.pictures(Arrays.copyOfRange(input, Math.min(line + 1, input.length), input.length), length);
        });
    }

    private static String request(String datatype, String shape, String data) {
        return "{\"id\": \"7\", \"inputs\": [{\"name\": \"image\", \"datatype\": \"" + datatype + "\", \"shape\": "
                + shape + ", \"data\": " + data + "}], \"outputs\": [{\"name\": \"label\"}]}";
    }
}
