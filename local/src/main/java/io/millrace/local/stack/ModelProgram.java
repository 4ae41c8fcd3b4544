// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import io.millrace.local.Refusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The program that prints what networks are made of: a JVM of its own on the class path of trainer-service. This command
 * does not carry the model, whose libraries would be fetched for it.
 */
public final class ModelProgram {
    private static final String MAIN = "io.millrace.model.graph.SummaryMain";

    private final Installation installation;

    public ModelProgram(Installation installation) {
        this.installation = installation;
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
            throw new Refusal("what networks are made of cannot be shown: " + e.getMessage(), e);
        }
    }

    List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                installation.java().toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                installation.trainerLibraries().resolve("*").toString(),
                MAIN));
        command.addAll(arguments);
        return command;
    }
}
