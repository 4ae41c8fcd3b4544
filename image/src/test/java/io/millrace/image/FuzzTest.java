// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import io.millrace.test.Fuzz;
import io.millrace.test.TestImages;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures that were damaged, or made to do damage. */
class FuzzTest {
    private static final int MOST_PIXELS = 100_000;
    /** What a decoder may take for so many pixels of 16 bits, and for its tables. */
    private static final long MOST_BYTES = 64L << 20;

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp", "webp", "tiff"})
    void pictures(String format) throws Exception {
        PictureReader reader = new PictureReader(new ReadLimits(1 << 20, MOST_PIXELS));
        new Fuzz("pictures " + format, corpus(format), PictureException.class, MOST_BYTES)
                .fewer(4)
                .run(reader::read);
    }

    private static List<byte[]> corpus(String format) throws IOException {
        List<byte[]> corpus = new ArrayList<>();
        if (!format.equals("webp")) {
            corpus.add(TestImages.file(TestImages.grey(16, 16, TestImages.ramp()), format));
            corpus.add(TestImages.file(TestImages.filled(9, 7, BufferedImage.TYPE_INT_RGB, 0xff8040), format));
        }
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/pictures"))) {
            files.filter(file -> file.toString().endsWith("." + format))
                    .sorted()
                    .map(FuzzTest::bytes)
                    .forEach(corpus::add);
        }
        return corpus;
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
