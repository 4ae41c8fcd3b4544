// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.RunSpec;
import io.millrace.local.stack.Ports;
import io.millrace.local.stack.WantedRun;
import io.millrace.local.watch.Endpoints;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
        OrderBody.refuseWhatBelongsToTheStack(wanted, command);
        Ports ports = stack.ports();
        RunRequests requests = new RunRequests(ports, stack.token());
        requests.get("/runs");
        JsonNode answer =
                requests.post("/runs", order(wanted, OrderBody.origin(wanted, new Endpoints(ports, stack.token()))));
        command.commandLine()
                .getOut()
                .println("run " + wanted.runId() + " is ordered; ./millrace runs shows how it stands");
        answer.path("notes").forEach(note -> command.commandLine().getOut().println(note.asText()));
        return 0;
    }

    /** As the body of {@code POST /runs}. */
    private ObjectNode order(WantedRun wanted, Optional<RunSpec> origin) {
        ObjectNode order = OrderBody.of(wanted, origin);
        if (model != null) {
            order.put("model", model);
        }
        if (priority != null) {
            order.put("priority", priority);
        }
        return order;
    }
}
