// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Start;
import io.millrace.local.stack.Ports;
import io.millrace.local.stack.WantedRun;
import io.millrace.local.watch.Endpoints;
import io.millrace.local.watch.OrderedRun;
import java.time.Clock;
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

/** {@code millrace start}. */
@Command(
        name = "start",
        description =
                "Orders one more run from a running stack, which trains it when its turn comes. From a checkpoint of a run "
                        + "(--from), it has that run's network, data set and model, unless others are asked for.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class StartCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Mixin
    private RunOptions run;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description = "The name under which its best checkpoint is served. Default: that of the data set")
    private String model;

    @Option(
            names = "--priority",
            paramLabel = "N",
            description = "Runs of a higher one are trained first, and among equals the older. Default: 0")
    private Integer priority;

    @Mixin
    private StackOption stack;

    @Override
    public Integer call() throws InterruptedException {
        WantedRun wanted = run.wanted(Clock.systemUTC());
        refuseWhatBelongsToTheStack(wanted);
        Ports ports = stack.ports();
        RunRequests requests = new RunRequests(ports, stack.token());
        requests.get("/runs");
        JsonNode answer = requests.post("/runs", order(wanted, origin(wanted, new Endpoints(ports, stack.token()))));
        command.commandLine()
                .getOut()
                .println("run " + wanted.runId() + " is ordered; ./millrace runs shows how it stands");
        answer.path("notes").forEach(note -> command.commandLine().getOut().println(note.asText()));
        return 0;
    }

    private void refuseWhatBelongsToTheStack(WantedRun wanted) {
        Map<String, String> settings = wanted.settings();
        if (!settings.isEmpty() || wanted.dataDir().isPresent()) {
            String option = settings.isEmpty()
                    ? "--data-dir " + wanted.dataDir().get()
                    : "--set " + settings.keySet().iterator().next();
            throw new ParameterException(
                    command.commandLine(),
                    option
                            + " will not do; it must be left out: it belongs to the stack, which runs already. Give it to"
                            + " ./millrace up");
        }
    }

    /** The run whose checkpoint this one starts from. */
    private static Optional<RunSpec> origin(WantedRun wanted, Endpoints endpoints) {
        return wanted.start()
                .filter(start -> start.kind() == Start.Kind.CHECKPOINT)
                .flatMap(start -> endpoints.runs().stream()
                        .map(OrderedRun::spec)
                        .filter(Objects::nonNull)
                        .filter(spec -> spec.incarnation().equals(start.incarnation()))
                        .findFirst());
    }

    /** As the body of {@code POST /runs}. */
    private ObjectNode order(WantedRun wanted, Optional<RunSpec> origin) {
        ObjectNode order = JsonNodeFactory.instance.objectNode().put("runId", wanted.runId());
        order.set("recipe", wanted.recipe());
        wanted.start().ifPresent(start -> order.put("weights", start.weights()));
        wanted.start().map(Start::sha256).ifPresent(digest -> order.put("sha256", digest));
        wanted.seed().ifPresent(seed -> order.put("seed", seed));
        // Without --dataset there is another one to fall back to.
        Optional<RunSpec> data = origin.filter(any -> wanted.fallback().isPresent());
        order.put("dataset", wanted.dataset());
        data.ifPresent(spec -> {
            OrderBody.sameData(order, spec);
            order.put("model", spec.model());
        });
        OrderBody.network(order, wanted, origin.map(RunSpec::network));
        if (model != null) {
            order.put("model", model);
        }
        if (priority != null) {
            order.put("priority", priority);
        }
        return order;
    }
}
