// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import io.millrace.contracts.batch.Split;
import io.millrace.test.Fuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of data sets that were damaged, or made to do damage. */
class FuzzTest {
    private static final long MOST = 16 << 20;

    @TempDir
    private Path directory;

    @Test
    void idxImages() throws Exception {
        byte[] images = IdxFixtures.images(2);
        new Fuzz("idx images", List.of(images, IdxFixtures.gzip(images)), DatasetUnavailableException.class, MOST)
                .run(input -> IdxFile.images(file(input), 0, 0));
    }

    @Test
    void idxLabels() throws Exception {
        byte[] labels = IdxFixtures.labels(20);
        new Fuzz("idx labels", List.of(labels, IdxFixtures.gzip(labels)), DatasetUnavailableException.class, MOST)
                .run(input -> IdxFile.labels(file(input), 10));
    }

    /** All are gzipped or not by what they hold, not by a name. */
    private Path file(byte[] input) throws IOException {
        boolean zipped = input.length > 1 && input[0] == 0x1f;
        return Files.write(directory.resolve(zipped ? "input.gz" : "input"), input);
    }

    @Test
    void cifar() throws Exception {
        Path cifar = Files.createDirectory(directory.resolve("cifar"));
        CifarFilesTest.write(cifar, CifarFilesTest.files10());
        Path damaged = cifar.resolve("test_batch.bin");
        new Fuzz("cifar", List.of(Files.readAllBytes(damaged)), DatasetUnavailableException.class, MOST)
                .fewer(4)
                .run(input -> {
                    Files.write(damaged, input);
                    DataSource source = CifarFiles.CIFAR10.read(cifar, directory.resolve("cache"));
                    source.read(Split.TEST, 0, new byte[source.imageSize()], 0);
                });
    }
}
