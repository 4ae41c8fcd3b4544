// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a log line by line, its oldest file first, and goes on as it grows and as files of it are set aside. Not
 * thread-safe.
 */
public final class LogReader implements Closeable {
    private static final int PIECE = 64 * 1024;

    private final LogFile log;
    private final byte[] piece = new byte[PIECE];
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private int from;
    private int to;
    private InputStream file;
    /** Which file it is, whatever its name is by now. */
    private Object key;

    public LogReader(LogFile log) {
        this.log = log;
    }

    /** The next line, without its end; empty when there is no further one by now. */
    public Optional<String> next() throws IOException {
        while (true) {
            for (int i = from; i < to; i++) {
                if (piece[i] == '\n') {
                    begun.write(piece, from, i - from);
                    from = i + 1;
                    return Optional.of(taken());
                }
            }
            begun.write(piece, from, to - from);
            from = 0;
            to = 0;
            if (!more() && !nextFile()) {
                return Optional.empty();
            }
        }
    }

    /** What is there of a line that has no end yet; empty when there is nothing. */
    public Optional<String> rest() {
        return begun.size() == 0 ? Optional.empty() : Optional.of(taken());
    }

    private String taken() {
        String line = begun.toString(UTF_8);
        begun.reset();
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }

    private boolean more() throws IOException {
        to = file == null ? 0 : Math.max(0, file.read(piece));
        return to > 0;
    }

    /** Whether there is something to read in it. A file is left when there is a younger one: nothing is added to it then. */
    private boolean nextFile() throws IOException {
        Map<Object, Path> files = files();
        Object next = younger(files);
        if (next == null) {
            return false;
        }
        if (more()) {
            return true;
        }
        InputStream opened;
        try {
            opened = Files.newInputStream(files.get(next));
        } catch (NoSuchFileException e) {
            // Renamed in between, as below.
            return true;
        }
        if (!next.equals(key(files.get(next)))) {
            opened.close();
            return true;
        }
        close();
        file = opened;
        key = next;
        return true;
    }

    /** The one after the present one; the oldest, where that one is gone. */
    private Object younger(Map<Object, Path> files) {
        boolean passed = !files.containsKey(key);
        for (Object each : files.keySet()) {
            if (passed) {
                return each;
            }
            passed = each.equals(key);
        }
        return null;
    }

    /** The oldest first. While files are being renamed, one may be seen twice or not at all, so it is looked twice. */
    private Map<Object, Path> files() throws IOException {
        Map<Object, Path> before = look();
        Map<Object, Path> now = look();
        while (!now.equals(before)) {
            before = now;
            now = look();
        }
        return now;
    }

    private Map<Object, Path> look() throws IOException {
        Map<Object, Path> files = new LinkedHashMap<>();
        for (Path each : log.files()) {
            Object found = key(each);
            if (found != null) {
                files.put(found, each);
            }
        }
        return files;
    }

    private static Object key(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
