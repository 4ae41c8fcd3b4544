// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Of what processes died while they trained a run: {@code <store>/<run>/deaths.log}, a line each, {@code step reason}. A
 * fault of the machine passes; one that comes back at the same step again and again must not hold up the runs behind.
 */
final class Deaths {
    static final String NAME = "deaths.log";
    static final int TOO_MANY = 3;
    private static final Logger LOGGER = Logger.getLogger(Deaths.class);

    private Deaths() {}

    /** This process dies of that. Best effort: the store may be what it dies of. */
    static void note(Path folder, long step, Throwable reason) {
        String line = step + " " + reason.toString().replaceAll("\\s+", " ") + '\n';
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve(NAME), line, UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            LOGGER.warnf("A death was not noted. folder=%s reason=\"%s\"", folder, e);
        }
    }

    /**
     * Why a run is given up; empty while it may be tried again.
     *
     * @throws IOException when the store cannot be read
     */
    static Optional<String> tooMany(Path folder) throws IOException {
        Path file = folder.resolve(NAME);
        List<String> lines = Files.exists(file) ? Files.readString(file).lines().toList() : List.of();
        List<String> latest = lines.subList(Math.max(0, lines.size() - TOO_MANY), lines.size());
        List<String> steps =
                latest.stream().map(line -> line.split(" ", 2)[0]).distinct().toList();
        return latest.size() == TOO_MANY && steps.size() == 1
                ? Optional.of("training died " + TOO_MANY + " times in a row at step "
                        + lines.get(lines.size() - 1).replaceFirst(" ", ": "))
                : Optional.empty();
    }
}
