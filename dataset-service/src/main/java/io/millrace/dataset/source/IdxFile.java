// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads a file of the <a href="http://yann.lecun.com/exdb/mnist/">IDX format</a>, gzipped or plain, as strictly as it
 * can: the right kind, exactly the announced number of bytes, labels in range.
 */
final class IdxFile {
    static final int IMAGES = 2051;
    static final int LABELS = 2049;

    private static final String REMEDY = "replace the file by an intact one";
    /** Deflate cannot compress better, so a header that announces more is wrong and nothing is allocated for it. */
    private static final int MAX_COMPRESSION = 1032;

    private static final int MOST_PIXELS = 4096;

    private final Path file;
    private final int magic;

    private IdxFile(Path file, int magic) {
        this.file = file;
        this.magic = magic;
    }

    /**
     * What an image file holds.
     *
     * @param height of each image
     * @param width of each image
     * @param pixels {@code [N,height,width]}
     */
    record Images(int height, int width, byte[] pixels) {}

    /**
     * The pixels of an image file.
     *
     * @param height that the images must have; 0: any
     * @param width likewise
     * @throws DatasetUnavailableException naming the file, what was found, what was expected, and the remedy
     */
    static Images images(Path file, int height, int width) throws DatasetUnavailableException {
        int[] size = {height, width};
        byte[] pixels = new IdxFile(file, IMAGES).read(size);
        return new Images(size[0], size[1], pixels);
    }

    /**
     * The labels of a label file, {@code [N]}.
     *
     * @param classes labels lie below; 256: any
     * @throws DatasetUnavailableException as above
     */
    static byte[] labels(Path file, int classes) throws DatasetUnavailableException {
        IdxFile idx = new IdxFile(file, LABELS);
        byte[] labels = idx.read();
        for (int k = 0; k < labels.length; k++) {
            if ((labels[k] & 0xff) >= classes) {
                throw idx.refused("label " + (labels[k] & 0xff) + " at index " + k, "labels 0 to " + (classes - 1));
            }
        }
        return labels;
    }

    /** Zeros among the dimensions are replaced by what the header says. */
    private byte[] read(int... dimensions) throws DatasetUnavailableException {
        try (InputStream in = open()) {
            ByteBuffer header = ByteBuffer.wrap(in.readNBytes(8 + 4 * dimensions.length));
            if (header.remaining() < 8 + 4 * dimensions.length) {
                throw refused(
                        "only " + header.remaining() + " bytes",
                        "a header of " + (8 + 4 * dimensions.length) + " bytes");
            }
            int count = count(header, dimensions);
            return body(in, count, dimensions);
        } catch (EOFException e) {
            throw refused("gzip data that ends too early", "a whole gzip file");
        } catch (ZipException e) {
            throw refused("broken gzip data (" + e.getMessage() + ")", "a gzip file");
        } catch (DatasetUnavailableException e) {
            throw e;
        } catch (IOException e) {
            throw new DatasetUnavailableException(
                    file + " cannot be read (" + e + "); make it readable for this user", e);
        }
    }

    private InputStream open() throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file));
        try {
            return zipped() ? new GZIPInputStream(in, 1 << 16) : in;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private boolean zipped() {
        return file.getFileName().toString().endsWith(".gz");
    }

    private int count(ByteBuffer header, int... dimensions) throws IOException {
        int found = header.getInt();
        if (found != magic) {
            throw refused("magic number " + found + kind(found), "magic number " + magic + kind(magic));
        }
        int count = header.getInt();
        if (count <= 0) {
            throw refused("a count of " + Integer.toUnsignedString(count), "at least one item");
        }
        for (int k = 0; k < dimensions.length; k++) {
            int size = header.getInt();
            if (dimensions[k] == 0 && size > 0 && size <= MOST_PIXELS) {
                dimensions[k] = size;
            } else if (size != dimensions[k]) {
                throw refused(
                        "a dimension of " + size + " pixels",
                        (dimensions[k] == 0 ? "1 to " + MOST_PIXELS : dimensions[k]) + " pixels");
            }
        }
        return count;
    }

    private byte[] body(InputStream in, int count, int... dimensions) throws IOException {
        long bytes = count;
        for (int dimension : dimensions) {
            bytes *= dimension;
        }
        String expected = bytes + " bytes for the " + count + " items that the header announces";
        if (bytes > Files.size(file) * (zipped() ? MAX_COMPRESSION : 1) || bytes > Integer.MAX_VALUE - 8) {
            throw refused("a file of " + Files.size(file) + " bytes", expected);
        }
        byte[] body = new byte[(int) bytes];
        int read = in.readNBytes(body, 0, body.length);
        if (read < body.length) {
            throw refused("a file cut short after " + read + " bytes of data", expected);
        }
        if (in.read() >= 0) {
            throw refused("more data behind the last item", expected);
        }
        return body;
    }

    private static String kind(int magic) {
        return switch (magic) {
            case IMAGES -> " (images)";
            case LABELS -> " (labels)";
            default -> "";
        };
    }

    private DatasetUnavailableException refused(String found, String expected) {
        return new DatasetUnavailableException(file + ": found " + found + ", expected " + expected + "; " + REMEDY);
    }
}
