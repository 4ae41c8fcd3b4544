// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source.folder;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.contracts.batch.Split;
import io.millrace.dataset.source.Contents.Skipped;
import io.millrace.dataset.source.DatasetUnavailableException;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Classes by a CSV file: the columns {@code file} (a path from where the table lies) and {@code label}, and perhaps {@code
 * split}, {@code train} or {@code test}.
 */
final class LabelTable {
    private static final int MOST_BYTES = 256 << 20;
    private static final Set<String> FILE = Set.of("file", "filename", "path", "image");
    private static final Set<String> LABEL = Set.of("label", "class", "category");

    private final String name;
    private final String folder;
    private final Map<String, FileTree.Entry> files = new HashMap<>();
    private final List<Skipped> skipped = new ArrayList<>();
    private final Map<String, Row> rows = new HashMap<>();

    private LabelTable(FileTree tree, FileTree.Entry table) {
        this.name = table.path();
        this.folder = name.substring(0, name.lastIndexOf('/') + 1);
        tree.entries().forEach(file -> files.put(file.path(), file));
    }

    private record Row(String label, Split split) {}

    /** The only CSV file in the outermost folder that has files. */
    static Optional<FileTree.Entry> in(FileTree tree) {
        List<FileTree.Entry> tables = tree.entries().stream()
                .filter(file ->
                        file.path().toLowerCase(Locale.ROOT).endsWith(".csv") && !EntryNames.isLitter(file.path()))
                .toList();
        return tables.size() == 1
                        && tables.get(0).path().chars().filter(c -> c == '/').count() <= 1
                ? Optional.of(tables.get(0))
                : Optional.empty();
    }

    static Layout layout(FileTree tree, String place) throws DatasetUnavailableException {
        FileTree.Entry table = in(tree).orElseThrow();
        try {
            LabelTable labels = new LabelTable(tree, table);
            labels.read(new String(tree.read(table, MOST_BYTES), UTF_8));
            return labels.layout();
        } catch (DatasetUnavailableException e) {
            throw e;
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            throw new DatasetUnavailableException(
                    table.path() + " in " + place + " is no CSV file that can be read (" + e.getMessage()
                            + "); mend it, or move it away: the folders then say the classes",
                    e);
        }
    }

    private void read(String text) throws IOException {
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .setIgnoreSurroundingSpaces(true)
                .setIgnoreEmptyLines(true)
                .get();
        String content = text.startsWith("\uFEFF") ? text.substring(1) : text;
        try (CSVParser parser = CSVParser.parse(new StringReader(content), format)) {
            String file = column(parser, FILE).orElseThrow(() -> lacks(parser, "file"));
            String label = column(parser, LABEL).orElseThrow(() -> lacks(parser, "label"));
            Optional<String> split = column(parser, Set.of("split"));
            for (CSVRecord record : parser) {
                if (!record.isConsistent()) {
                    skipped.add(new Skipped(
                            name + ":" + parser.getCurrentLineNumber(),
                            "the line has " + record.size() + " columns, the first one has "
                                    + parser.getHeaderNames().size()));
                } else {
                    row(
                            record.get(file),
                            record.get(label),
                            split.map(record::get).orElse(""));
                }
            }
        }
    }

    private static Optional<String> column(CSVParser parser, Set<String> names) {
        return parser.getHeaderNames().stream()
                .filter(header -> names.contains(header.toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    private DatasetUnavailableException lacks(CSVParser parser, String column) {
        return new DatasetUnavailableException(
                name + " has no column \"" + column + "\", but "
                        + String.join(", ", parser.getHeaderNames())
                        + "; its first line must name the columns file and label, or move it away: the folders then say the classes");
    }

    private void row(String file, String label, String split) {
        Optional<String> path = EntryNames.path(folder + file).filter(files::containsKey);
        Split of =
                switch (split.toLowerCase(Locale.ROOT)) {
                    case "" -> null;
                    case "test", "val", "valid", "validation" -> Split.TEST;
                    default -> Split.TRAIN;
                };
        if (path.isEmpty()) {
            skipped.add(new Skipped(file, name + " names it, but it is not there"));
        } else if (label.isBlank()) {
            skipped.add(new Skipped(file, name + " gives it no label"));
        } else {
            Row before = rows.putIfAbsent(path.get(), new Row(label, of));
            if (before != null && !before.label().equals(label)) {
                skipped.add(new Skipped(
                        file, name + " gives it two labels, \"" + before.label() + "\" and \"" + label + "\""));
                rows.put(path.get(), new Row(null, of));
            }
        }
    }

    private Layout layout() {
        rows.values().removeIf(row -> row.label() == null);
        boolean divided = rows.values().stream().anyMatch(row -> row.split() == Split.TEST)
                && rows.values().stream().anyMatch(row -> row.split() == Split.TRAIN);
        Set<String> classes = new TreeSet<>();
        Set<String> trained = new HashSet<>();
        rows.values().forEach(row -> {
            classes.add(row.label());
            if (row.split() != Split.TEST) {
                trained.add(row.label());
            }
        });
        List<String> notes = new ArrayList<>();
        if (divided) {
            classes.retainAll(trained);
        }
        List<String> names = List.copyOf(classes);
        List<Layout.Item> items = new ArrayList<>();
        rows.forEach((path, row) -> {
            int label = names.indexOf(row.label());
            if (label < 0) {
                skipped.add(new Skipped(path, "class \"" + row.label() + "\" has no training images"));
            } else {
                Split split = row.split() == null ? Split.TRAIN : row.split();
                items.add(new Layout.Item(files.get(path), label, divided ? split : null));
            }
        });
        items.sort(Comparator.comparing(Layout.Item::file, FileTree.Entry.ORDER));
        skipped.sort(Comparator.comparing(Skipped::file));
        long without = files.keySet().stream()
                .filter(path -> !rows.containsKey(path) && !path.equals(name) && !EntryNames.isLitter(path))
                .count();
        if (without > 0) {
            notes.add(without + (without == 1 ? " file has" : " files have") + " no label in " + name);
        }
        return new Layout("pictures with labels in " + name, names, items, skipped, notes);
    }
}
