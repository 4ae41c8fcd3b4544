// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.view;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.local.process.LogFile;
import io.millrace.local.process.LogWriter;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import io.millrace.local.watch.Event;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Several views as one. */
public final class Views implements View {
    private final List<View> views;

    public Views(View... views) {
        this.views = List.of(views);
    }

    /**
     * The view that fits standard output, and a file with a line per event.
     *
     * @param log the file
     * @param ports of the stack
     * @param parts that are started
     */
    public static View of(LogFile log, Ports ports, Collection<Part> parts) throws IOException {
        log.rotate();
        PrintStream file = new PrintStream(new LogWriter(log, LogWriter.LIMIT_BYTES), false, UTF_8);
        return new Views(standardOutput(System.getenv(), ports, parts), new PlainView(file, Clock.systemUTC()));
    }

    private static View standardOutput(Map<String, String> environment, Ports ports, Collection<Part> parts) {
        PrintStream out = standardOutput();
        return hasCursor(environment)
                ? new LiveView(out, Clock.systemUTC(), Paint.of(environment), ports, parts)
                : new PlainView(out, Clock.systemUTC());
    }

    /** Where people read. */
    public static PrintStream standardOutput() {
        return new PrintStream(new FileOutputStream(FileDescriptor.out), false, UTF_8);
    }

    /** Whether standard output is a terminal that understands ANSI escape sequences. */
    public static boolean hasCursor(Map<String, String> environment) {
        // Java tells a terminal from a pipe differently from version to version; ./millrace asks the shell.
        return Boolean.getBoolean("millrace.terminal")
                && !environment.getOrDefault("TERM", "dumb").equals("dumb");
    }

    @Override
    public void show(Event event) {
        views.forEach(view -> view.show(event));
    }

    @Override
    public void close() {
        views.forEach(View::close);
    }
}
