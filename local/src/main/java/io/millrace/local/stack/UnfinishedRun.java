// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import io.millrace.local.Refusal;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * What the work directory remembers of a run that has not ended: its id and what was asked for, so that the same command
 * goes on with it, and the ids of those before it that are to be stopped, since another command was given. Not thread-safe.
 */
public final class UnfinishedRun {
    private static final String ID = "id";
    /** Of runs before, with blanks between them. */
    private static final String FORMER = "former";

    private static final String OPTIONS = "millrace.dataset.";

    private final Path file;

    UnfinishedRun(Path file) {
        this.file = file;
    }

    /**
     * The wanted run with the id of the unfinished one, when there is one and it was begun with the same options; else as
     * it is. Either is remembered from now on.
     *
     * @param wanted what is asked for now
     * @throws Refusal when the file cannot be read or written
     */
    public WantedRun recall(WantedRun wanted) {
        try {
            Properties before = read();
            List<String> former = former(before);
            before.remove(FORMER);
            String id = before.getProperty(ID);
            WantedRun again = wanted.withId(id == null ? wanted.runId() : id);
            if (before.equals(describe(again))) {
                return again;
            }
            Properties now = describe(wanted);
            remember(
                    now,
                    id == null
                            ? former
                            : Stream.concat(former.stream(), Stream.of(id)).toList());
            write(now);
            return wanted;
        } catch (IOException | IllegalArgumentException e) {
            throw new Refusal(
                    file + ", which remembers the unfinished run, cannot be used (" + e + "). Make it readable and "
                            + "writable, or delete it: the run is then begun anew",
                    e);
        }
    }

    /**
     * The runs that this directory's earlier commands began and did not end, and that are not what is asked for now.
     *
     * @throws IOException when the file cannot be read
     */
    public List<String> former() throws IOException {
        return former(read());
    }

    /** One of those was stopped, or has ended. */
    public void stopped(String runId) throws IOException {
        Properties now = read();
        List<String> former = new ArrayList<>(former(now));
        former.remove(runId);
        remember(now, former);
        write(now);
    }

    private static List<String> former(Properties properties) {
        return Stream.of(properties.getProperty(FORMER, "").split(" "))
                .filter(id -> !id.isEmpty())
                .toList();
    }

    private static void remember(Properties properties, List<String> former) {
        if (former.isEmpty()) {
            properties.remove(FORMER);
        } else {
            properties.setProperty(FORMER, String.join(" ", former));
        }
    }

    /** Settings that are not dataset-service's do not make it another run. */
    private static Properties describe(WantedRun run) {
        Properties description = new Properties();
        description.putAll(run.configuration());
        run.settings().forEach((key, value) -> {
            if (key.startsWith(OPTIONS)) {
                description.setProperty(key, value);
            }
        });
        description.setProperty(ID, run.runId());
        return description;
    }

    private Properties read() throws IOException {
        Properties properties = new Properties();
        if (Files.exists(file)) {
            try (Reader reader = Files.newBufferedReader(file)) {
                properties.load(reader);
            }
        }
        return properties;
    }

    private void write(Properties properties) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".tmp");
        try (Writer writer = Files.newBufferedWriter(draft)) {
            properties.store(writer, "The run that ./millrace up goes on with when it is asked for the same again.");
        }
        Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Nothing more is to come of it: the same command begins a new run. */
    public void ended() throws IOException {
        Properties left = new Properties();
        remember(left, former());
        if (left.isEmpty()) {
            Files.deleteIfExists(file);
        } else {
            write(left);
        }
    }
}
