// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;

/**
 * Appends to a log of bounded size: a file that is full is set aside, see {@link LogFile#rotate}, and the next one begins
 * with a whole line. Thread-safe.
 */
public final class LogWriter extends OutputStream {
    /** Of one file; with those that are set aside, a log takes four times as much. */
    public static final long LIMIT_BYTES = 8L << 20;

    private final LogFile log;
    private final long limit;
    private OutputStream file;
    private long size;

    /**
     * Goes on with a log, or begins it.
     *
     * @param limit bytes of a file that is full; the line that fills it is finished, if it takes no more than as much again
     */
    public LogWriter(LogFile log, long limit) throws IOException {
        this.log = log;
        this.limit = limit;
        open();
    }

    private void open() throws IOException {
        // After it was closed, or could not be opened on a full disk, the next line is the next attempt.
        file = Files.newOutputStream(log.path(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        size = Files.size(log.path());
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        if (file == null) {
            open();
        }
        int from = offset;
        int end = offset + length;
        while (from < end) {
            int until = room(bytes, from, end);
            file.write(bytes, from, until - from);
            size += until - from;
            if (size >= limit && (bytes[until - 1] == '\n' || size >= 2 * limit)) {
                next();
            }
            from = until;
        }
    }

    /** Up to where the bytes still belong into this file: as long as it is not full, and then to the end of the line. */
    private int room(byte[] bytes, int from, int end) {
        int most = (int) Math.min(end, from + 2 * limit - size);
        for (int i = (int) Math.max(from, from + limit - size - 1); i < most; i++) {
            if (bytes[i] == '\n') {
                return i + 1;
            }
        }
        return most;
    }

    private void next() throws IOException {
        close();
        log.rotate();
        open();
    }

    /** What is written after that opens the log again. */
    @Override
    public synchronized void close() throws IOException {
        if (file != null) {
            OutputStream closing = file;
            file = null;
            closing.close();
        }
    }
}
