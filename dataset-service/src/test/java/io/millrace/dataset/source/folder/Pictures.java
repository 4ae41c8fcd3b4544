// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source.folder;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Folders of small pictures, and archives of them. */
public final class Pictures {
    private Pictures() {}

    /** A picture of noise; another seed, another picture. */
    public static byte[] picture(String format, int width, int height, boolean grey, long seed) {
        BufferedImage image =
                new BufferedImage(width, height, grey ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
        Random random = new Random(seed);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int band = 0; band < image.getRaster().getNumBands(); band++) {
                    image.getRaster().setSample(x, y, band, random.nextInt(256));
                }
            }
        }
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            ImageIO.write(image, format, bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A colour PNG of 12 x 10 pixels. */
    static byte[] small(long seed) {
        return picture("png", 12, 10, false, seed);
    }

    /** So many pictures in a folder, other ones for another seed. */
    static void many(Map<String, byte[]> files, String folder, int count, long seed) {
        for (int k = 0; k < count; k++) {
            files.put(folder + "/" + k + ".png", small(1000 * seed + k));
        }
    }

    /** Ten pictures of each of three classes whose names are not easy. */
    public static Map<String, byte[]> three() {
        Map<String, byte[]> files = new TreeMap<>();
        many(files, "cats & dogs", 10, 1);
        many(files, "it's \"quoted\"", 10, 2);
        many(files, "\uD83D\uDE00 smile", 10, 3);
        return files;
    }

    static Path write(Path root, Map<String, byte[]> files) throws IOException {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = root.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
        return root;
    }

    /** A zip, with entries of any name. */
    public static Path zip(Path archive, Map<String, byte[]> files) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue());
                zip.closeEntry();
            }
        }
        return archive;
    }

    /** A tar, gzipped or not. */
    public static Path tar(Path archive, Map<String, byte[]> files, boolean zipped) throws IOException {
        try (OutputStream out = Files.newOutputStream(archive);
                TarArchiveOutputStream tar =
                        new TarArchiveOutputStream(zipped ? new GZIPOutputStream(out) : out, "UTF-8")) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            tar.setAddPaxHeadersForNonAsciiNames(true);
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey(), true);
                entry.setSize(file.getValue().length);
                tar.putArchiveEntry(entry);
                tar.write(file.getValue());
                tar.closeArchiveEntry();
            }
        }
        return archive;
    }

    static long count(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.count();
        }
    }
}
