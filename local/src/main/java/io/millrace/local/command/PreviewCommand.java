// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.RunSpec;
import io.millrace.local.Refusal;
import io.millrace.local.stack.Ports;
import io.millrace.local.watch.Endpoints;
import io.millrace.local.watch.OrderedRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace preview}. */
@Command(
        name = "preview",
        description =
                "Writes a picture of the first 64 images that a run would be trained on, as its recipe changes them. Asks"
                        + " a running stack; nothing is trained.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class PreviewCommand implements Callable<Integer> {
    private static final String ENDING = ".png";

    @Spec
    private CommandSpec command;

    @Option(
            names = "--dataset",
            paramLabel = "NAME",
            description = "One that the stack has. Without it: that of its latest run")
    private String dataset;

    @Mixin
    private RecipeOption recipe;

    @Option(names = "--seed", paramLabel = "N", description = "Of shuffling and augmentation. Default: 1")
    private Long seed;

    @Option(
            names = "--epoch",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of which the images are, from 0. Default: ${DEFAULT-VALUE}")
    private int epoch;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE.png",
            defaultValue = "preview.png",
            description = "Where the picture goes; one that is there is replaced. Default: ${DEFAULT-VALUE}")
    private Path output;

    @Mixin
    private StackOption stack;

    @Override
    public Integer call() throws InterruptedException {
        ObjectNode order = order();
        requirePlace();
        Ports ports = stack.ports();
        RunRequests requests = new RunRequests(ports, stack.token());
        if (dataset == null) {
            requests.get("/runs");
            latest(new Endpoints(ports, stack.token())).ifPresent(run -> {
                OrderBody.sameData(order, run);
                OrderBody.sameNetwork(order, run.network());
            });
        }
        byte[] png = requests.file("/preview?epoch=" + epoch, order);
        try {
            Files.write(output, png);
        } catch (IOException e) {
            throw new Refusal("--output " + output + " cannot be written (" + e + "); name another file", e);
        }
        command.commandLine().getOut().println("wrote " + output);
        command.commandLine().getOut().flush();
        return 0;
    }

    private ObjectNode order() {
        Map<String, String> settings = recipe.configuration();
        if (!settings.isEmpty()) {
            throw refused(
                    "--set " + settings.keySet().iterator().next(),
                    "left out: it belongs to the stack, which runs already. Give it to ./millrace up");
        }
        ObjectNode order = JsonNodeFactory.instance.objectNode();
        order.set("recipe", recipe.recipe());
        if (dataset != null) {
            order.put("dataset", dataset);
        }
        if (seed != null) {
            order.put("seed", seed);
        }
        return order;
    }

    private void requirePlace() {
        Path directory = output.toAbsolutePath().getParent();
        if (!output.toString().endsWith(ENDING) || Files.isDirectory(output) || !Files.isDirectory(directory)) {
            throw refused("--output " + output, "a file *.png in a directory that there is");
        }
        if (epoch < 0) {
            throw refused("--epoch " + epoch, "a whole number from 0 on");
        }
    }

    private static Optional<RunSpec> latest(Endpoints endpoints) {
        return endpoints.runs().stream()
                .map(OrderedRun::spec)
                .filter(Objects::nonNull)
                .reduce((earlier, later) -> later);
    }

    private ParameterException refused(String option, String remedy) {
        return new ParameterException(command.commandLine(), option + " will not do; it must be " + remedy);
    }
}
