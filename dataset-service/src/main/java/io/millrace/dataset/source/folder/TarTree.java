// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source.folder;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.dataset.source.Contents.Skipped;
import io.millrace.dataset.source.DatasetUnavailableException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;

/** The files in a tar, read from it as they are needed. */
final class TarTree implements FileTree {
    /** See {@link ZipTree}. */
    private static final long MOST_RATIO = 200;

    private static final long HARMLESS = 1L << 30;

    private final FileChannel tar;
    /** By path, where their data begins. */
    private final Map<String, Long> offsets = new TreeMap<>();

    private final List<Entry> entries = new ArrayList<>();
    private final List<String> directories = new ArrayList<>();
    private final List<Skipped> passedOver = new ArrayList<>();

    private TarTree(FileChannel tar) {
        this.tar = tar;
    }

    static TarTree of(Path path) throws IOException {
        TarTree tree = new TarTree(FileChannel.open(path));
        try (TarFile file = new TarFile(path)) {
            for (TarArchiveEntry entry : file.getEntries()) {
                tree.add(entry);
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("it is no whole tar: " + e.getMessage(), e);
        }
        tree.entries.sort(Entry.ORDER);
        return tree;
    }

    /** Unpacks to a tar, once for each file of a place, size and time of change. */
    static TarTree unzipped(Path path, Path cache, long most) throws IOException {
        BasicFileAttributes is = Files.readAttributes(path, BasicFileAttributes.class);
        // An upload gets its name when it was checked, and is the same file then.
        Object same = is.fileKey() == null ? path.toAbsolutePath() : is.fileKey();
        String version = same + "|" + is.size() + "|" + is.lastModifiedTime();
        Path tar = cache.resolve(UUID.nameUUIDFromBytes(version.getBytes(UTF_8)) + ".tar");
        if (!Files.exists(tar)) {
            Files.createDirectories(cache);
            Path part = Files.createTempFile(cache, "unpacking", ".part");
            try {
                unzip(path, part, most);
                Files.move(part, tar, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
        }
        if (Kind.of(tar).filter(kind -> kind == Kind.TAR).isEmpty()) {
            throw new DatasetUnavailableException(path + " is gzipped, but no tar; pack the pictures with tar -czf");
        }
        return of(tar);
    }

    private static void unzip(Path path, Path to, long most) throws IOException {
        long packed = Files.size(path);
        long written = 0;
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = new GZIPInputStream(Files.newInputStream(path), buffer.length);
                OutputStream out = Files.newOutputStream(to)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                written += count;
                if (written > most) {
                    throw new DatasetUnavailableException(path + " unpacks to more than " + most
                            + " bytes; raise millrace.dataset.max-unpacked, or pack it as a zip");
                }
                if (written > HARMLESS && written / packed > MOST_RATIO) {
                    throw new DatasetUnavailableException(path + " of " + packed + " bytes unpacks to more than "
                            + written + ", which is a bomb and no archive of pictures; pack the pictures anew");
                }
                out.write(buffer, 0, count);
            }
        }
    }

    private void add(TarArchiveEntry entry) {
        Optional<String> path = EntryNames.path(entry.getName());
        if (path.isEmpty()) {
            if (!entry.isDirectory()) {
                passedOver.add(new Skipped(entry.getName(), "its name leads out of the archive"));
            }
        } else if (entry.isDirectory()) {
            directories.add(path.get());
        } else if (!entry.isFile() || entry.isSymbolicLink() || entry.isLink() || entry.isSparse()) {
            passedOver.add(new Skipped(path.get(), "it is a link or no regular file, which archives may not have"));
        } else if (offsets.putIfAbsent(path.get(), entry.getDataOffset()) != null) {
            passedOver.add(new Skipped(path.get(), "the archive has another file of that name"));
        } else {
            entries.add(new Entry(path.get(), entry.getSize()));
        }
    }

    @Override
    public List<Entry> entries() {
        return entries;
    }

    @Override
    public List<String> directories() {
        return directories;
    }

    @Override
    public List<Skipped> passedOver() {
        return passedOver;
    }

    @Override
    public byte[] read(Entry entry, int most) throws IOException {
        if (entry.size() > most) {
            throw new IOException("it has more than the " + most + " bytes that are taken of a picture");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) entry.size());
        long begin = offsets.get(entry.path());
        while (bytes.hasRemaining()) {
            if (tar.read(bytes, begin + bytes.position()) < 0) {
                throw new EOFException("the archive ends before it");
            }
        }
        return bytes.array();
    }
}
