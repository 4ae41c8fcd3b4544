// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Small IDX files. */
public final class IdxFixtures {
    private IdxFixtures() {}

    /** A set of four files with so many samples; sample k shows the label k modulo 10. */
    public static Path writeSet(Path directory, int train, int test, boolean zipped) {
        String suffix = zipped ? ".gz" : "";
        write(directory.resolve("train-images-idx3-ubyte" + suffix), images(train));
        write(directory.resolve("train-labels-idx1-ubyte" + suffix), labels(train));
        write(directory.resolve("t10k-images-idx3-ubyte" + suffix), images(test));
        write(directory.resolve("t10k-labels-idx1-ubyte" + suffix), labels(test));
        return directory;
    }

    static byte[] images(int count) {
        ByteBuffer bytes = ByteBuffer.allocate(16 + count * 784);
        bytes.putInt(2051).putInt(count).putInt(28).putInt(28);
        for (int k = 0; k < count * 784; k++) {
            bytes.put((byte) (k / 784 * 25 % 250 + k % 3));
        }
        return bytes.array();
    }

    static byte[] labels(int count) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + count);
        bytes.putInt(2049).putInt(count);
        for (int k = 0; k < count; k++) {
            bytes.put((byte) (k % 10));
        }
        return bytes.array();
    }

    /** Writes content, gzipped where the name says so. */
    static Path write(Path file, byte[] content) {
        try {
            return Files.write(file, file.toString().endsWith(".gz") ? gzip(content) : content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }
}
