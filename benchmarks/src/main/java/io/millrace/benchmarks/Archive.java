// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipes;
import io.millrace.model.Learner;
import io.millrace.model.Torch;
import io.millrace.model.network.Networks;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Writes the TorchScript archive that the trainer trains with, for {@code benchmarks/gpu} and {@code benchmarks/pytorch}.
 *
 * <p>Without weights it is a deflated archive in which all of them are zero, with an entry {@code net/initial.json} that says
 * what each is drawn from: {@code {"fc__weight": {"uniform": 0.044}}}, {@code normal} by its deviation, {@code constant} by
 * its value. PyTorch does not read deflated archives; whoever draws the weights stores it anew.
 */
@Command(
        name = "archive",
        mixinStandardHelpOptions = true,
        description = "Writes the TorchScript archive of a network (10 classes, recipe quick) to a file.")
final class Archive implements Callable<Integer> {
    @Option(names = "--precision", defaultValue = "FP32", description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
    private Precision precision;

    @Option(
            names = "--device",
            defaultValue = "cpu",
            description = "Kind that it is for: cpu, cuda, mps (${DEFAULT-VALUE}).")
    private String device;

    @Option(names = "--channels-last", description = "Activations as NHWC.")
    private boolean channelsLast;

    @Option(names = "--network", defaultValue = "resnet18", description = "Its name (${DEFAULT-VALUE}).")
    private String network;

    @Option(names = "--stem", defaultValue = "imagenet", description = "imagenet or cifar (${DEFAULT-VALUE}).")
    private Network.Stem stem;

    @Option(names = "--shape", defaultValue = "1x28x28", description = "Of an image (${DEFAULT-VALUE}).")
    private String shape;

    @Option(names = "--seed", defaultValue = "1", description = "Of the weights (${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--without-weights", description = "Small: weights are zero, and said how to be drawn.")
    private boolean withoutWeights;

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
        int[] sizes =
                Arrays.stream(shape.split("x")).mapToInt(Integer::parseInt).toArray();
        Network of = new Network(network, stem, sizes[0], Workload.NETWORK.classes());
        Normalization normalization =
                Normalization.ofMeanStd(Collections.nCopies(sizes[0], 0.5), Collections.nCopies(sizes[0], 0.25));
        try (Learner learner = Learner.create(
                of,
                normalization,
                sizes[1],
                sizes[2],
                Recipes.named("quick"),
                onDevice(Torch.compute(precision, channelsLast)),
                seed)) {
            learner.writeArchive(file);
        }
        if (withoutWeights) {
            WeightlessArchive.rewrite(file, Networks.weights(of));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("Wrote " + file);
        out.flush();
        return 0;
    }

    /** The graph of a device may be made where there is none. */
    private Compute onDevice(Compute here) {
        return new Compute(
                here.precision(), here.channelsLast(), device, here.threads(), here.processor(), here.engine());
    }
}
