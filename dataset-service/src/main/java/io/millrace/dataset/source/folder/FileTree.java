// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source.folder;

import io.millrace.dataset.source.Contents.Skipped;
import io.millrace.dataset.source.DatasetUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Files by their paths, in a directory or in an archive, which is never unpacked into a directory. Thread-safe. */
interface FileTree {
    /**
     * A file.
     *
     * @param path of parts with slashes between them, never leading out of the tree
     * @param size in bytes, as it is claimed
     */
    record Entry(String path, long size) {
        static final Comparator<Entry> ORDER = Comparator.comparing(Entry::path);
    }

    /** All files, in the order of their paths. */
    List<Entry> entries();

    /** The paths of all directories that are said to be there, empty ones among them. */
    List<String> directories();

    /** What is no file that could be read: loops of links, names that lead out of the tree. */
    List<Skipped> passedOver();

    /**
     * The bytes of a file.
     *
     * @param most bytes that are read; a file with more is refused
     * @throws IOException when it cannot be read; the message says why
     */
    byte[] read(Entry entry, int most) throws IOException;

    /**
     * Opens a directory, a zip, a tar, or a gzipped tar, which is unpacked to a tar in the cache.
     *
     * @param cache directory for what has to be unpacked
     * @param mostUnpacked bytes of it
     * @throws DatasetUnavailableException when it is none of these, or not whole
     */
    static FileTree open(Path path, Path cache, long mostUnpacked) throws DatasetUnavailableException {
        try {
            if (Files.isDirectory(path)) {
                return DirectoryTree.of(path);
            }
            if (!Files.exists(path)) {
                throw new DatasetUnavailableException(path
                        + " is not there; set millrace.dataset.data-dir (--data-dir) to a directory, a zip or a tar");
            }
            return switch (Kind.of(path)
                    .orElseThrow(() -> new DatasetUnavailableException(path
                            + " is neither a directory, a zip, a tar nor a gzipped tar; pack the pictures into one"))) {
                case ZIP -> ZipTree.of(path);
                case TAR -> TarTree.of(path);
                case TAR_GZ -> TarTree.unzipped(path, cache, mostUnpacked);
            };
        } catch (DatasetUnavailableException e) {
            throw e;
        } catch (IOException e) {
            throw new DatasetUnavailableException(
                    path + " cannot be read (" + e.getMessage()
                            + "); replace it by an intact one, readable for this user",
                    e);
        }
    }

    /** What a file is by its first bytes, whatever it is called. */
    enum Kind {
        ZIP,
        TAR,
        TAR_GZ;

        private static final int TAR_MAGIC_AT = 257;
        private static final byte[] TAR_MAGIC = {'u', 's', 't', 'a', 'r'};

        static Optional<Kind> of(Path file) throws IOException {
            byte[] head;
            try (InputStream in = Files.newInputStream(file)) {
                head = in.readNBytes(TAR_MAGIC_AT + TAR_MAGIC.length);
            }
            if (head.length > 3 && head[0] == 'P' && head[1] == 'K' && (head[2] == 3 || head[2] == 5)) {
                return Optional.of(ZIP);
            }
            if (head.length > 2 && head[0] == 0x1f && head[1] == (byte) 0x8b) {
                return Optional.of(TAR_GZ);
            }
            int end = TAR_MAGIC_AT + TAR_MAGIC.length;
            return head.length == end && Arrays.equals(head, TAR_MAGIC_AT, end, TAR_MAGIC, 0, TAR_MAGIC.length)
                    ? Optional.of(TAR)
                    : Optional.empty();
        }
    }
}
