// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.contracts.event.Precision;
import io.millrace.model.Learner;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the TorchScript archive that the trainer trains with, for {@code benchmarks/gpu}. */
@Command(
        name = "archive",
        mixinStandardHelpOptions = true,
        description = "Writes the TorchScript archive of ResNet-18 (1x28x28, 10 classes, recipe quick) to a file.")
final class Archive implements Callable<Integer> {
    @Option(names = "--precision", defaultValue = "FP32", description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
    private Precision precision;

    @Option(names = "--channels-last", description = "Activations as NHWC.")
    private boolean channelsLast;

    @Parameters(paramLabel = "FILE", description = "Where to write it.")
    private Path file;

    @Spec
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Archive())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        try (Learner learner = Workload.learner(precision, channelsLast)) {
            learner.writeArchive(file);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("Wrote " + file);
        out.flush();
        return 0;
    }
}
