// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.process;

import io.millrace.contracts.batch.BatchId;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.Split;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/**
 * One split of MNIST, from its gzipped IDX files.
 *
 * @param images uint8, 784 per image
 * @param labels 0 to 9
 */
record Mnist(byte[] images, byte[] labels) {
    private static final int PIXELS = 28 * 28;

    /** Where the real data may lie; beside the project, not in it. */
    static Path directory() {
        return Path.of(System.getProperty("millrace.root", ".."), "..", "shared", "data", "mnist");
    }

    static Mnist read(String split) throws IOException {
        return new Mnist(idx(split + "-images-idx3-ubyte.gz", 16), idx(split + "-labels-idx1-ubyte.gz", 8));
    }

    private static byte[] idx(String file, int header) throws IOException {
        try (DataInputStream in = new DataInputStream(
                new GZIPInputStream(Files.newInputStream(directory().resolve(file))))) {
            in.readNBytes(header);
            return in.readAllBytes();
        }
    }

    int size() {
        return labels.length;
    }

    byte[] image(int index) {
        return Arrays.copyOfRange(images, index * PIXELS, (index + 1) * PIXELS);
    }

    /** Some images in a row, as the dataset-service publishes them. */
    ImageBatch batch(int from, int to) {
        int[] some = new int[to - from];
        for (int i = 0; i < some.length; i++) {
            some[i] = labels[from + i];
        }
        ByteBuffer pixels = ByteBuffer.allocateDirect(some.length * PIXELS);
        pixels.put(images, from * PIXELS, pixels.capacity()).flip();
        return new ImageBatch(
                new BatchId("run-mnist", Split.TRAIN, 1, 0, 0),
                1,
                ImageBatch.Encoding.UINT8,
                Checkpoints.NORMALIZATION,
                to - from,
                1,
                28,
                28,
                pixels,
                some,
                "");
    }
}
