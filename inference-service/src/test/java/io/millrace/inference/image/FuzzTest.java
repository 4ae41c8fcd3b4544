// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.image.PictureException;
import io.millrace.image.PictureReader;
import io.millrace.image.ReadLimits;
import io.millrace.image.ReadingGate;
import io.millrace.inference.decode.ImageSource;
import io.millrace.test.Fuzz;
import io.millrace.test.TestImages;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** JSON that was damaged, or made to do damage. */
class FuzzTest {
    private static final int MAX_PIXELS = 10_000;
    private static final PictureReader READER = new PictureReader(new ReadLimits(1 << 20, MAX_PIXELS));

    @Test
    void jsonImages() throws Exception {
        String png =
                Base64.getEncoder().encodeToString(TestImages.file(TestImages.grey(16, 16, TestImages.ramp()), "png"));
        List<byte[]> documents = Stream.of(
                        "{\"pixels\": [[0, 1, 2], [253, 254, 255]]}",
                        "{\"pixels\": [[[0, 1, 2], [3, 4, 5]], [[253, 254, 255], [6, 7, 8]]]}",
                        "{\"more\": {\"a\": [1, null]}, \"pixels\": [[0]]}",
                        "{\"image\": \"" + png + "\", \"top\": 3}",
                        "{\"instances\": [{\"pixels\": [[1]]}, [[2, 3]], {\"image\": \"" + png + "\"}]}")
                .map(text -> text.getBytes(UTF_8))
                .toList();
        new Fuzz("json images", documents, PictureException.class, 16 << 20).run(input -> {
            JsonImages images = JsonImages.read(input, Set.of("top"));
            for (ImageSource source : images.sources(MAX_PIXELS, READER)) {
                source.fitted(JsonImagesTest.AS_IT_IS, ReadingGate.OPEN);
            }
        });
    }
}
