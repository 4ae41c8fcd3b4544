// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.process.LogFile;
import io.millrace.local.process.LogReader;
import io.millrace.local.stack.WorkDir;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The logs of several processes as one, by the times that their lines begin with. Not thread-safe. */
final class Logs implements Closeable {
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d[.,]\\d{3}");

    private final List<Source> sources = new ArrayList<>();
    private final boolean empty;

    Logs(WorkDir directory, List<String> names) {
        int width = names.stream().mapToInt(String::length).max().orElse(0);
        for (String name : names) {
            String prefix = names.size() == 1 ? "" : String.format("%-" + width + "s | ", name);
            sources.add(new Source(prefix, new LogReader(directory.log(name))));
        }
        empty = names.stream().map(directory::log).map(LogFile::files).allMatch(List::isEmpty);
    }

    boolean isEmpty() {
        return empty;
    }

    /** The next line of all; empty when there is none by now. */
    Optional<String> next() throws IOException {
        for (Source source : sources) {
            source.look();
        }
        // Of equal times the one that spoke last goes on, and nothing comes between the lines of a stack trace.
        Optional<Source> first = sources.stream()
                .filter(source -> source.head != null)
                .min(Comparator.comparing((Source source) -> source.time));
        first.filter(source -> sources.indexOf(source) > 0).ifPresent(source -> {
            sources.remove(source);
            sources.add(0, source);
        });
        return first.map(Source::take);
    }

    /** What is there of lines that are not finished. */
    List<String> rest() {
        return sources.stream()
                .flatMap(source -> source.reader.rest().map(source.prefix::concat).stream())
                .toList();
    }

    @Override
    public void close() throws IOException {
        for (Source source : sources) {
            source.reader.close();
        }
    }

    private static final class Source {
        private final String prefix;
        private final LogReader reader;
        private String head;
        /** When its latest line that says so was written. */
        private String time = "";

        Source(String prefix, LogReader reader) {
            this.prefix = prefix;
            this.reader = reader;
        }

        void look() throws IOException {
            if (head == null) {
                head = reader.next().orElse(null);
                Matcher matcher = head == null ? null : TIME.matcher(head);
                time = matcher != null && matcher.lookingAt() ? matcher.group().replace(',', '.') : time;
            }
        }

        String take() {
            String line = prefix + head;
            head = null;
            return line;
        }
    }
}
