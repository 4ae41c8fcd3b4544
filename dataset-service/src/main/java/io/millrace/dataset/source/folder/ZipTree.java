// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source.folder;

import io.millrace.dataset.source.Contents.Skipped;
import io.millrace.dataset.source.DatasetUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/** The files in a zip, read from it as they are needed. */
final class ZipTree implements FileTree {
    /** Pictures are compressed already; an archive that unpacks to more than so many times itself is a bomb. */
    private static final long MOST_RATIO = 200;
    /** Below which nobody minds. */
    private static final long HARMLESS = 1L << 30;

    private final ZipFile zip;
    private final Map<String, ZipArchiveEntry> files = new TreeMap<>();
    private final List<Entry> entries = new ArrayList<>();
    private final List<String> directories = new ArrayList<>();
    private final List<Skipped> passedOver = new ArrayList<>();

    private ZipTree(ZipFile zip) {
        this.zip = zip;
    }

    static ZipTree of(Path path) throws IOException {
        ZipTree tree = new ZipTree(ZipFile.builder().setPath(path).get());
        long claimed = 0;
        for (ZipArchiveEntry entry : Collections.list(tree.zip.getEntries())) {
            tree.add(entry);
            claimed += Math.max(0, entry.getSize());
        }
        if (claimed > HARMLESS && claimed / Math.max(1, Files.size(path)) > MOST_RATIO) {
            throw new DatasetUnavailableException(path + " of " + Files.size(path) + " bytes claims to hold " + claimed
                    + ", which is a zip bomb and no archive of pictures; pack the pictures anew");
        }
        tree.files.forEach((name, entry) -> tree.entries.add(new Entry(name, entry.getSize())));
        return tree;
    }

    private void add(ZipArchiveEntry entry) {
        Optional<String> path = EntryNames.path(entry.getName());
        if (path.isEmpty()) {
            passedOver.add(new Skipped(entry.getName(), "its name leads out of the archive"));
        } else if (entry.isDirectory()) {
            directories.add(path.get());
        } else if (entry.isUnixSymlink()) {
            passedOver.add(new Skipped(path.get(), "it is a link, which archives may not have"));
        } else if (!zip.canReadEntryData(entry)) {
            passedOver.add(new Skipped(path.get(), "it is encrypted, or packed in a way that is not read"));
        } else if (files.putIfAbsent(path.get(), entry) != null) {
            passedOver.add(new Skipped(path.get(), "the archive has another file of that name"));
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
        try (InputStream in = zip.getInputStream(files.get(entry.path()))) {
            return Bounded.bytes(in, most);
        }
    }
}
