// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.classify;

import io.millrace.local.Refusal;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The pictures of a folder and of the folders in it, by the endings of their names. Links to files are followed, links to
 * folders are not.
 *
 * @param path the folder
 * @param pictures relative to it, sorted, with {@code /} between their parts
 * @param others how many other files there are
 * @param unreadable folders that could not be looked into, with the reason
 */
record PictureFolder(Path path, Set<String> pictures, int others, Map<String, String> unreadable) {
    private static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff");

    /**
     * Looks into a folder.
     *
     * @throws Refusal when it is none, or there is no picture in it
     */
    static PictureFolder of(Path path) {
        if (!Files.isDirectory(path)) {
            throw new Refusal(path + (Files.exists(path) ? " is no folder" : " does not exist")
                    + ". With --csv, name a folder of pictures; without it, pictures are classified one by one");
        }
        Visitor visitor = new Visitor(path);
        try {
            Files.walkFileTree(path, visitor);
        } catch (IOException e) {
            throw new Refusal("the folder " + path + " cannot be read: " + e, e);
        }
        if (visitor.pictures.isEmpty() && visitor.unreadable.isEmpty()) {
            throw new Refusal("there is no picture in " + path
                    + ", whose name would end in .png, .jpg, .jpeg, .gif, .bmp, .webp, .tif or .tiff (" + visitor.others
                    + " other files)");
        }
        return new PictureFolder(path, visitor.pictures, visitor.others, visitor.unreadable);
    }

    private static final class Visitor extends SimpleFileVisitor<Path> {
        private final Path root;
        private final Set<String> pictures = new TreeSet<>(Comparator.naturalOrder());
        private final Map<String, String> unreadable = new TreeMap<>();
        private int others;

        Visitor(Path root) {
            this.root = root;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
            if (ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1)) && !Files.isDirectory(file)) {
                pictures.add(relative(file));
            } else {
                others++;
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            unreadable.put(relative(file), "cannot be looked into: " + e);
            return FileVisitResult.CONTINUE;
        }

        private String relative(Path file) {
            return root.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
        }
    }
}
