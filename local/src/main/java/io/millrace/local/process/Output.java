// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;

/**
 * What one process says, on its way into the log of a child. It is always taken, since a process that nobody listens to
 * stops; what cannot be written, on a full disk, is counted, and the log says how much it lacks as soon as it can.
 */
final class Output {
    private static final int PIECE = 64 * 1024;
    /** The process is gone by then; what it left behind may hold the pipe open. */
    private static final long LAST_WORDS_MILLIS = 1_000;

    private final InputStream source;
    private final LogWriter log;
    private final Thread thread;
    private long lost;

    private Output(String name, InputStream source, LogWriter log) {
        this.source = source;
        this.log = log;
        this.thread = new Thread(this::copy, "log-" + name);
        this.thread.setDaemon(true);
    }

    /** Begins to take it. */
    static Output take(String name, InputStream source, LogWriter log) {
        Output output = new Output(name, source, log);
        output.thread.start();
        return output;
    }

    private void copy() {
        byte[] piece = new byte[PIECE];
        try (source) {
            for (int read = source.read(piece); read >= 0; read = source.read(piece)) {
                write(piece, read);
            }
        } catch (IOException e) {
            // The end of a process that was destroyed.
        }
    }

    private void write(byte[] piece, int length) {
        try {
            if (lost > 0) {
                log.write(("\n(" + lost + " bytes could not be written here)\n").getBytes(UTF_8));
                lost = 0;
            }
            log.write(piece, 0, length);
        } catch (IOException e) {
            lost += length;
        }
    }

    /** Waits until everything is written that an ended process said. */
    void awaitEnd() throws InterruptedException {
        thread.join(LAST_WORDS_MILLIS);
    }
}
