// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.serve.WeightsFile;
import io.millrace.local.stack.AccessToken;
import io.millrace.local.stack.Commands;
import io.millrace.local.stack.Installation;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import io.millrace.local.stack.WorkDir;
import io.millrace.local.view.View;
import io.millrace.local.view.Views;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace serve}. */
@Command(
        name = "serve",
        description = "Serves what was promoted in the work directory, or a file with the weights of a checkpoint, and "
                + "trains nothing. Ctrl-C stops it.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ServeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE.safetensors",
            description = "Weights that Millrace wrote, here or elsewhere. Without: what was promoted last")
    private Path file;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description = "Of several promoted models, the one of this name; a model is named as its data set unless "
                    + "something else was asked for")
    private String model;

    @Mixin
    private WorkDirOption workDir;

    @Mixin
    private StackOption stack;

    @Mixin
    private SetOption set;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (file != null && model != null) {
            throw new ParameterException(
                    command.commandLine(), "--model " + model + " and a file will not do: a file is one model");
        }
        Map<String, String> settings = set.onlyConfiguration();
        Ports ports = stack.ports();
        // The broker has the promotions; a file needs nobody.
        List<Part> parts = file == null ? List.of(Part.BROKER, Part.INFERENCE) : List.of(Part.INFERENCE);
        Installation installation = Installation.own();
        if (!Rehearsal.on()) {
            installation.requireBuilt(parts);
        }
        Optional<WeightsFile> weights = Optional.ofNullable(file).map(WeightsFile::of);
        if (weights.isEmpty()) {
            WorkDir.existing(workDir.path());
        }
        try (WorkDir opened = WorkDir.open(workDir.path())) {
            ports.requireFree(parts, UpCommand.ENDING);
            if (Rehearsal.on()) {
                return Rehearsal.WOULD_START;
            }
            AccessToken token = stack.ownToken();
            View view = Views.of(opened.log("millrace"), ports, parts);
            Commands commands = new Commands(installation, opened, ports, token, settings, Optional.empty(), 0);
            Serving serving = new Serving(commands, view, parts, weights, Optional.ofNullable(model));
            Runtime.getRuntime().addShutdownHook(new Thread(serving::stop, "stop"));
            try {
                return serving.run();
            } finally {
                serving.stop();
            }
        }
    }
}
