// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source.folder;

import io.millrace.dataset.source.Contents.Skipped;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** The files below a directory; links are followed, but not in circles. */
record DirectoryTree(Path root, List<Entry> entries, List<String> directories, List<Skipped> passedOver)
        implements FileTree {
    private static final int DEPTH = 32;

    static DirectoryTree of(Path root) throws IOException {
        Visitor visitor = new Visitor(root);
        Files.walkFileTree(root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), DEPTH, visitor);
        visitor.entries.sort(Entry.ORDER);
        return new DirectoryTree(root, visitor.entries, visitor.directories, visitor.passedOver);
    }

    @Override
    public byte[] read(Entry entry, int most) throws IOException {
        try (InputStream in = Files.newInputStream(root.resolve(entry.path()))) {
            return Bounded.bytes(in, most);
        } catch (AccessDeniedException e) {
            throw new IOException("this user may not read it", e);
        }
    }

    private static final class Visitor extends SimpleFileVisitor<Path> {
        private final Path root;
        private final List<Entry> entries = new ArrayList<>();
        private final List<String> directories = new ArrayList<>();
        private final List<Skipped> passedOver = new ArrayList<>();

        Visitor(Path root) {
            this.root = root;
        }

        private String path(Path file) {
            return StreamSupport.stream(root.relativize(file).spliterator(), false)
                    .map(Path::toString)
                    .collect(Collectors.joining("/"));
        }

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            if (!directory.equals(root)) {
                directories.add(path(directory));
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile()) {
                entries.add(new Entry(path(file), attributes.size()));
            } else if (attributes.isDirectory()) {
                passedOver.add(new Skipped(path(file), "it lies deeper than " + DEPTH + " folders"));
            } else if (attributes.isSymbolicLink()) {
                passedOver.add(new Skipped(path(file), "it is a link to nothing"));
            } else {
                passedOver.add(new Skipped(path(file), "it is no regular file"));
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (file.equals(root)) {
                throw e;
            }
            passedOver.add(new Skipped(
                    path(file),
                    e instanceof FileSystemLoopException
                            ? "it is a link to a folder that it lies in"
                            : "it cannot be read: " + e.getMessage()));
            return FileVisitResult.CONTINUE;
        }
    }
}
