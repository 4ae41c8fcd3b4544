// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.e2e;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** The first samples of MNIST, as MNIST's own files. */
final class MnistSlice {
    private MnistSlice() {}

    /** Writes the four files into a new directory; returns it. */
    static Path write(Path mnist, Path directory, int train, int test) throws IOException {
        Files.createDirectories(directory);
        images(mnist, directory, "train-images-idx3-ubyte", train);
        labels(mnist, directory, "train-labels-idx1-ubyte", train);
        images(mnist, directory, "t10k-images-idx3-ubyte", test);
        labels(mnist, directory, "t10k-labels-idx1-ubyte", test);
        return directory;
    }

    private static void images(Path mnist, Path directory, String name, int count) throws IOException {
        try (DataInputStream in = open(mnist, name);
                DataOutputStream out = new DataOutputStream(Files.newOutputStream(directory.resolve(name)))) {
            begin(in, out, count);
            int rows = in.readInt();
            int columns = in.readInt();
            out.writeInt(rows);
            out.writeInt(columns);
            out.write(in.readNBytes(count * rows * columns));
        }
    }

    private static void labels(Path mnist, Path directory, String name, int count) throws IOException {
        try (DataInputStream in = open(mnist, name);
                DataOutputStream out = new DataOutputStream(Files.newOutputStream(directory.resolve(name)))) {
            begin(in, out, count);
            out.write(in.readNBytes(count));
        }
    }

    private static void begin(DataInputStream in, DataOutputStream out, int count) throws IOException {
        out.writeInt(in.readInt());
        in.readInt();
        out.writeInt(count);
    }

    private static DataInputStream open(Path mnist, String name) throws IOException {
        return new DataInputStream(new GZIPInputStream(Files.newInputStream(mnist.resolve(name + ".gz"))));
    }
}
