// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.model.checkpoint.CorruptCheckpointException;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Exports a checkpoint, for whoever does not carry this module: the {@code millrace} command starts it with arguments that
 * it has checked. No native library is loaded. What cannot be done is said in one line, and the exit code is 1.
 *
 * <pre>
 * STORE CHECKPOINT FORMAT whole|folded FILE new|overwrite [ACCURACY LOSS [TEMPERATURE CALIBRATION_ERROR]]
 * </pre>
 */
public final class ExportMain {
    private static final String CARD = ".md";

    private ExportMain() {}

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
        try {
            out.println(export(List.of(arguments)));
        } catch (IOException | IllegalArgumentException e) {
            new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8).println("millrace: " + said(e));
            System.exit(1);
        }
    }

    /**
     * Exports.
     *
     * @return what was written, for people
     */
    static String export(List<String> arguments) throws IOException {
        Path source = new Finder(Path.of(arguments.get(0))).find(arguments.get(1));
        Format format = Format.valueOf(arguments.get(2).toUpperCase(Locale.ROOT));
        boolean folded = arguments.get(3).equals("folded");
        Path target = Path.of(arguments.get(4)).toAbsolutePath();
        boolean overwrite = arguments.get(5).equals("overwrite");
        if (Files.exists(target) && Files.isSameFile(source, target)) {
            throw new IllegalArgumentException(
                    target + " is the checkpoint itself, which stays as it is; name another file with -o FILE");
        }
        Exporter exporter = Exporter.of(source, folded);
        String name = target.getFileName().toString();
        Path card = target.resolveSibling(name + CARD);
        String text = new ModelCard(exporter.found(), score(arguments)).text(format, folded, name);
        write(target, overwrite, out -> exporter.write(format, out));
        write(card, overwrite, out -> out.write(text.getBytes(UTF_8)));
        return String.format(
                Locale.ROOT,
                "Wrote %s (%s, %.1f MB) and what it is: %s",
                target,
                exporter.found().ref().checkpointId(),
                Files.size(target) / 1e6,
                card);
    }

    private static Optional<ModelCard.Score> score(List<String> arguments) {
        List<Double> said = arguments.stream().skip(6).map(Double::valueOf).toList();
        return said.size() < 2
                ? Optional.empty()
                : Optional.of(new ModelCard.Score(
                        said.get(0),
                        said.get(1),
                        said.size() < 4
                                ? Optional.empty()
                                : Optional.of(new ModelCard.Confidence(said.get(2), said.get(3)))));
    }

    private interface Content {
        void to(OutputStream out) throws IOException;
    }

    /** The whole file or none. */
    private static void write(Path target, boolean overwrite, Content content) throws IOException {
        Path temporary = target.resolveSibling(
                target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            try (OutputStream out =
                    new BufferedOutputStream(Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW))) {
                content.to(out);
            }
            if (overwrite) {
                Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
            } else {
                Files.move(temporary, target);
            }
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static String said(Exception e) {
        if (e instanceof FileAlreadyExistsException) {
            return e.getMessage() + " exists already; --overwrite replaces it, -o FILE writes another one";
        }
        if (e instanceof CorruptCheckpointException) {
            return e.getMessage() + "; nothing was written: export another checkpoint";
        }
        return e instanceof IOException ? "the export failed: " + e : e.getMessage();
    }
}
