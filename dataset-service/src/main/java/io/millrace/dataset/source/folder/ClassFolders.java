// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source.folder;

import io.millrace.contracts.batch.Split;
import io.millrace.dataset.source.Contents.Skipped;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Classes by folders: {@code train/cat/…} and {@code test/cat/…}, or {@code cat/…} alone. What lies deeper belongs to its
 * class; a folder around all of it, as archives have one, is passed over.
 */
final class ClassFolders {
    private static final Set<String> TRAIN = Set.of("train", "training");
    /** The first that is there counts: ImageNet and others call it val. */
    private static final List<String> TEST = List.of("test", "testing", "val", "valid", "validation");

    private final FileTree tree;
    private final int depth;
    private final List<FileTree.Entry> files;
    private final List<Skipped> skipped = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    private ClassFolders(FileTree tree) {
        this.tree = tree;
        this.files = tree.entries().stream()
                .filter(file -> !EntryNames.isLitter(file.path()))
                .toList();
        this.depth = around(files);
    }

    static Layout layout(FileTree tree, String place) {
        return new ClassFolders(tree).layout();
    }

    /** How many folders lie around all files, one in the other, none of which can be a class. */
    private static int around(List<FileTree.Entry> files) {
        int depth = 0;
        while (true) {
            int level = depth;
            Set<String> tops =
                    files.stream().map(file -> part(file.path(), level)).collect(Collectors.toSet());
            boolean folders = files.stream().allMatch(file -> parts(file.path()).length > level + 2);
            if (files.isEmpty()
                    || tops.size() != 1
                    || !folders
                    || isSplit(tops.iterator().next())) {
                return depth;
            }
            depth++;
        }
    }

    private static boolean isSplit(String folder) {
        String name = folder.toLowerCase(Locale.ROOT);
        return TRAIN.contains(name) || TEST.contains(name);
    }

    private static String[] parts(String path) {
        return path.split("/");
    }

    private static String part(String path, int level) {
        String[] parts = parts(path);
        return level < parts.length ? parts[level] : "";
    }

    private Layout layout() {
        Map<String, Split> splits = splits();
        int level = depth + (splits.isEmpty() ? 0 : 1);
        Map<String, List<Found>> byClass = new TreeMap<>();
        int beside = 0;
        for (FileTree.Entry file : files) {
            Split split = splits.get(part(file.path(), depth));
            if (parts(file.path()).length < level + 2 || !splits.isEmpty() && split == null) {
                beside++;
            } else {
                byClass.computeIfAbsent(part(file.path(), level), any -> new ArrayList<>())
                        .add(new Found(file, split));
            }
        }
        if (beside > 0) {
            notes.add(beside
                    + (beside == 1
                            ? " file lies beside the folders of the classes and shows nothing"
                            : " files lie beside the folders of the classes and show nothing"));
        }
        empty(level, splits, byClass.keySet());
        if (!splits.isEmpty()) {
            untrained(byClass);
        }
        List<String> classes = List.copyOf(byClass.keySet());
        List<Layout.Item> items = new ArrayList<>();
        for (int label = 0; label < classes.size(); label++) {
            for (Found found : byClass.get(classes.get(label))) {
                items.add(new Layout.Item(found.file(), label, found.split()));
            }
        }
        items.sort(Comparator.comparing(Layout.Item::file, FileTree.Entry.ORDER));
        String kind = splits.isEmpty() ? "folders of classes" : "folders of classes for training and test";
        return new Layout(kind, classes, items, skipped, notes);
    }

    private record Found(FileTree.Entry file, Split split) {}

    /** The folders that stand for splits; none when there are not both. */
    private Map<String, Split> splits() {
        List<String> tops = Stream.concat(
                        files.stream()
                                .map(FileTree.Entry::path)
                                .filter(path -> parts(path).length > depth + 1)
                                .map(path -> part(path, depth)),
                        tree.directories().stream()
                                .filter(path -> parts(path).length > depth)
                                .map(path -> part(path, depth)))
                .distinct()
                .toList();
        Optional<String> train = tops.stream()
                .filter(top -> TRAIN.contains(top.toLowerCase(Locale.ROOT)))
                .findFirst();
        Optional<String> test = TEST.stream()
                .flatMap(name -> tops.stream().filter(top -> top.equalsIgnoreCase(name)))
                .findFirst();
        if (train.isEmpty() || test.isEmpty()) {
            return Map.of();
        }
        tops.stream()
                .filter(top -> !top.equals(train.get()) && !top.equals(test.get()) && !EntryNames.isLitter(top))
                .forEach(top -> notes.add("the folder \"" + top + "\" beside \"" + train.get() + "\" and \""
                        + test.get() + "\" is not used"));
        return Map.of(train.get(), Split.TRAIN, test.get(), Split.TEST);
    }

    /** Folders of classes in which nothing is. */
    private void empty(int level, Map<String, Split> splits, Set<String> classes) {
        Set<String> empty = new TreeSet<>();
        for (String directory : tree.directories()) {
            String[] parts = parts(directory);
            boolean inside = splits.isEmpty() || parts.length > depth && splits.containsKey(parts[depth]);
            if (parts.length == level + 1
                    && inside
                    && !classes.contains(parts[level])
                    && !EntryNames.isLitter(directory)) {
                empty.add(parts[level]);
            }
        }
        empty.forEach(name -> notes.add("the folder \"" + name + "\" is empty, and no class"));
    }

    /** What is only in the test split cannot be learnt. */
    private void untrained(Map<String, List<Found>> byClass) {
        List<String> unknown = byClass.entrySet().stream()
                .filter(entry -> entry.getValue().stream().noneMatch(found -> found.split() == Split.TRAIN))
                .map(Map.Entry::getKey)
                .toList();
        for (String name : unknown) {
            List<Found> lost = byClass.remove(name);
            lost.forEach(found ->
                    skipped.add(new Skipped(found.file().path(), "class \"" + name + "\" has no training images")));
            notes.add("class \"" + name + "\" is in the test split only; its " + lost.size() + " images are skipped");
        }
    }
}
