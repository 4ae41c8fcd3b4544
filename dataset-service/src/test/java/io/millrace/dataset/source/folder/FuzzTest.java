// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source.folder;

import io.millrace.contracts.batch.Split;
import io.millrace.dataset.source.DataSource;
import io.millrace.dataset.source.DatasetUnavailableException;
import io.millrace.dataset.source.Decoders;
import io.millrace.test.Fuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives of pictures that were damaged, or made to do damage. */
class FuzzTest {
    private static final Decoders DECODERS = new Decoders();
    private static final long MOST = 32 << 20;

    @TempDir
    private Path directory;

    @AfterAll
    static void stop() {
        DECODERS.close();
    }

    private static Map<String, byte[]> few() {
        Map<String, byte[]> files = new TreeMap<>();
        Pictures.many(files, "a", 2, 1);
        Pictures.many(files, "b", 2, 2);
        return files;
    }

    @Test
    void zip() throws Exception {
        run("zip", Pictures.zip(directory.resolve("right.zip"), few()));
    }

    @Test
    void tar() throws Exception {
        run("tar", Pictures.tar(directory.resolve("right.tar"), few(), false));
    }

    @Test
    void zippedTar() throws Exception {
        run("tgz", Pictures.tar(directory.resolve("right.tgz"), few(), true));
    }

    private void run(String suffix, Path right) throws Exception {
        Path archive = directory.resolve("input." + suffix);
        new Fuzz("archives " + suffix, List.of(Files.readAllBytes(right)), DatasetUnavailableException.class, MOST)
                .fewer(10)
                .run(input -> read(Files.write(archive, input)));
    }

    private void read(Path archive) throws IOException, InterruptedException {
        DataSource source = PictureFolder.open(
                "mine",
                archive,
                directory.resolve("cache"),
                new PictureFolder.Options(Optional.empty(), 0.5, 1, 1 << 20),
                DECODERS);
        for (Split split : Split.values()) {
            for (int k = 0; k < source.size(split); k++) {
                source.read(split, k, new byte[source.imageSize()], 0);
            }
        }
    }
}
