// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.contracts.event.Nearest;
import io.millrace.local.Refusal;
import io.millrace.local.stack.Installation;
import io.millrace.local.stack.ModelProgram;
import io.millrace.local.watch.Endpoints;
import io.millrace.local.watch.Standing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace export}. */
@Command(
        name = "export",
        description = "Takes a checkpoint home: a file for other programs, and a model card (Markdown) beside it.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ExportCommand implements Callable<Integer> {
    /** Formats, and what files of each are called. */
    private static final Map<String, String> ENDINGS =
            Map.of("safetensors", ".safetensors", "torchscript", ".pt", "onnx", ".onnx");

    private static final List<String> FORMATS = List.of("safetensors", "torchscript", "onnx");
    private static final String CARD = ".md";
    private static final Pattern STORED =
            Pattern.compile("(?:.*/)?([^/]+)/(step-\\d+)-[0-9a-f]+(\\.average)?\\.safetensors");

    @Spec
    private CommandSpec command;

    @Parameters(paramLabel = "CHECKPOINT", description = "Its id, as ./millrace status says it, or its file")
    private String checkpoint;

    @Option(
            names = "--format",
            required = true,
            paramLabel = "FORMAT",
            description =
                    "safetensors: weights under torchvision's names; torchscript: for torch.jit.load; onnx: for ONNX "
                            + "Runtime and others")
    private String format;

    @Option(names = "--folded", description = "With BatchNorm folded into the convolutions: faster, not to be trained")
    private boolean folded;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Default: the checkpoint's id with the format's ending, in this directory")
    private Path output;

    @Option(names = "--overwrite", description = "Replace files that are there")
    private boolean overwrite;

    @Option(
            names = "--work-dir",
            paramLabel = "DIR",
            defaultValue = WorkDirOption.DEFAULT,
            description = "Of the stack that trained it. Default: ${DEFAULT-VALUE}")
    private Path workDir;

    @Mixin
    private StackOption stack;

    @Override
    public Integer call() throws InterruptedException {
        requireFormat();
        Path target = target();
        requireRoom(target);
        if (Rehearsal.on()) {
            return Rehearsal.WOULD_START;
        }
        List<String> arguments = new ArrayList<>(List.of(
                workDir.resolve("checkpoints").toAbsolutePath().toString(),
                checkpoint,
                format,
                folded ? "folded" : "whole",
                target.toString(),
                overwrite ? "overwrite" : "new"));
        // The model card says how good it is where somebody knows.
        new Endpoints(stack.ports(), stack.token())
                .leaderboard().stream()
                        .filter(standing -> standing.checkpointId().equals(id()))
                        .findFirst()
                        .ifPresent(standing -> arguments.addAll(score(standing)));
        return ModelProgram.export(Installation.own()).run(arguments);
    }

    /** What is known of it: accuracy, loss, and, where it is calibrated, how. */
    private static List<String> score(Standing standing) {
        return Stream.of(standing.accuracy(), standing.loss(), standing.temperature(), standing.calibratedError())
                .filter(Objects::nonNull)
                .map(Object::toString)
                .toList();
    }

    private void requireFormat() {
        if (!FORMATS.contains(format)) {
            throw new ParameterException(
                    command.commandLine(),
                    "--format " + format + " will not do; it must be one of " + String.join(", ", FORMATS)
                            + "; the nearest is " + Nearest.of(FORMATS, format));
        }
    }

    /** Of a file that lies as in a store: what the store calls it. */
    private String id() {
        Matcher stored = STORED.matcher(Path.of(checkpoint).toAbsolutePath().toString());
        return stored.matches()
                ? stored.group(1) + '-' + stored.group(2) + (stored.group(3) == null ? "" : "-average")
                : checkpoint;
    }

    private Path target() {
        if (output != null) {
            return output.toAbsolutePath().normalize();
        }
        String name = Path.of(id()).getFileName().toString().replaceFirst("\\.safetensors$", "");
        return Path.of(name + ENDINGS.get(format)).toAbsolutePath();
    }

    private void requireRoom(Path target) {
        Path directory = target.getParent();
        if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
            throw new Refusal("nothing can be written in " + directory + ": it is "
                    + (Files.isDirectory(directory) ? "not writable" : "no directory")
                    + ". Make it one that is, or choose another with -o FILE");
        }
        for (Path file : List.of(target, target.resolveSibling(target.getFileName() + CARD))) {
            if (Files.isDirectory(file)) {
                throw new Refusal(file + " is a directory. Name a file in it with -o " + file + "/FILE");
            }
            if (Files.exists(file) && !overwrite) {
                throw new Refusal(file + " exists already. --overwrite replaces it, -o FILE writes another one");
            }
        }
    }
}
