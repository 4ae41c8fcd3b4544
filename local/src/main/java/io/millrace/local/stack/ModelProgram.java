// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.local.Refusal;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Programs of module model, and of trainer-service: a JVM of its own on the class path of trainer-service. This command does
 * not carry the model, whose libraries would be fetched for it.
 */
public final class ModelProgram {
    private final Installation installation;
    private final String main;

    private ModelProgram(Installation installation, String main) {
        this.installation = installation;
        this.main = main;
    }

    /** Prints what networks are made of. */
    public static ModelProgram summary(Installation installation) {
        return new ModelProgram(installation, "io.millrace.model.graph.SummaryMain");
    }

    /** Takes a checkpoint to a format of other programs. */
    public static ModelProgram export(Installation installation) {
        return new ModelProgram(installation, "io.millrace.model.export.ExportMain");
    }

    /** Trains a run again. */
    public static ModelProgram replay(Installation installation) {
        return new ModelProgram(installation, "io.millrace.trainer.replay.ReplayMain");
    }

    /**
     * Runs it on this process's terminal.
     *
     * @return its exit code
     * @throws Refusal when it is not built, or cannot be started
     */
    public int run(List<String> arguments) throws InterruptedException {
        installation.requireTrainer();
        try {
            return new ProcessBuilder(command(arguments)).inheritIO().start().waitFor();
        } catch (IOException e) {
            throw new Refusal(main + " cannot be started: " + e.getMessage(), e);
        }
    }

    /**
     * Runs it and takes what it prints.
     *
     * @throws Refusal when it is not built, cannot be started, or fails
     */
    public String printed(List<String> arguments) throws InterruptedException {
        installation.requireTrainer();
        try {
            Process process = new ProcessBuilder(command(arguments))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), UTF_8);
            int code = process.waitFor();
            if (code != 0) {
                throw new Refusal(main + " ended with exit code " + code);
            }
            return text;
        } catch (IOException e) {
            throw new Refusal(main + " cannot be started: " + e.getMessage(), e);
        }
    }

    List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                installation.java().toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // Else the one of the services' libraries complains that it is not.
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-cp",
                installation.trainerLibraries().stream()
                        .map(folder -> folder.resolve("*").toString())
                        .collect(Collectors.joining(File.pathSeparator)),
                main));
        command.addAll(arguments);
        return command;
    }
}
