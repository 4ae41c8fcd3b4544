// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.export;

import io.millrace.contracts.event.Nearest;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.model.checkpoint.StoredCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the file of a checkpoint by what people call it: its path, or its id in a store that is a directory. */
final class Finder {
    private static final int NEWEST = 3;

    private final Path root;

    Finder(Path root) {
        this.root = root;
    }

    private record Known(String id, Path file, FileTime written) {}

    /**
     * The file.
     *
     * @throws IllegalArgumentException when there is none; the message says what there is
     */
    Path find(String wanted) throws IOException {
        if (isFile(wanted)) {
            return Path.of(wanted);
        }
        List<Known> known = all();
        List<Path> found = known.stream()
                .filter(each -> each.id().equals(wanted))
                .map(Known::file)
                .toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        throw new IllegalArgumentException(
                found.isEmpty()
                        ? "there is no checkpoint " + wanted + ", neither as a file nor in " + root + "; "
                                + said(known, wanted)
                        : "checkpoint " + wanted + " was written " + found.size()
                                + " times, by a trainer and by the one that replaced it; name the file: " + found);
    }

    private static boolean isFile(String wanted) {
        try {
            return Files.isRegularFile(Path.of(wanted));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static String said(List<Known> known, String wanted) {
        if (known.isEmpty()) {
            return "that store is empty: ./millrace up trains, and --work-dir DIR names another place";
        }
        return "the nearest is "
                + Nearest.of(known.stream().map(Known::id).toList(), wanted)
                + ", the newest "
                + known.stream()
                        .sorted(Comparator.comparing(Known::written).reversed())
                        .limit(NEWEST)
                        .map(Known::id)
                        .collect(Collectors.joining(", "));
    }

    private List<Known> all() throws IOException {
        List<Known> known = new ArrayList<>();
        if (!Files.isDirectory(root)) {
            return known;
        }
        DirectoryCheckpointStore store = new DirectoryCheckpointStore(root);
        try (Stream<Path> entries = Files.list(root)) {
            for (Path run : entries.filter(Files::isDirectory).sorted().toList()) {
                for (StoredCheckpoint stored : store.list(run.getFileName().toString())) {
                    Path file = root.resolve(stored.uri());
                    known.add(new Known(stored.checkpointId(), file, Files.getLastModifiedTime(file)));
                }
            }
        }
        return known;
    }
}
