// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.Supplier;

/** One line about how far something is: redrawn in place on a terminal, now and then elsewhere. Not thread-safe. */
final class Progress implements AutoCloseable {
    private static final Duration ON_TERMINAL = Duration.ofMillis(200);
    private static final Duration ELSEWHERE = Duration.ofSeconds(10);

    private final PrintWriter err;
    private final boolean terminal;
    private long shown = System.nanoTime();
    private boolean drawn;

    private Progress(PrintWriter err, boolean terminal) {
        this.err = err;
        this.terminal = terminal;
    }

    /** As ./millrace found out about the terminal. */
    static Progress on(PrintWriter err) {
        return new Progress(err, Boolean.getBoolean("millrace.terminal"));
    }

    void show(Supplier<String> line) {
        Duration pause = terminal ? ON_TERMINAL : ELSEWHERE;
        if (System.nanoTime() - shown > pause.toNanos()) {
            shown = System.nanoTime();
            drawn = terminal;
            err.print(terminal ? "\r\033[K" + line.get() : line.get() + System.lineSeparator());
            err.flush();
        }
    }

    /** Leaves no half a line. */
    @Override
    public void close() {
        if (drawn) {
            drawn = false;
            err.print("\r\033[K");
            err.flush();
        }
    }
}
