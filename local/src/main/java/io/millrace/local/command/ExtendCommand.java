// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace extend}. */
@Command(
        name = "extend",
        description =
                "Adds epochs to a run, be it running, stopped or finished: it goes on from its last weights, in the same log. A "
                        + "schedule that spans the run begins again with what is added.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ExtendCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Mixin
    private StackOption stack;

    @Mixin
    private RunParameter run;

    @Option(names = "--epochs", paramLabel = "N", required = true, description = "How many to add, at least 1")
    private int epochs;

    @Override
    public Integer call() throws InterruptedException {
        if (epochs < 1) {
            throw new ParameterException(
                    command.commandLine(),
                    "--epochs " + epochs + " will not do; it must be a whole number from 1 on: so many are added");
        }
        RunRequests requests = new RunRequests(stack.ports(), stack.token());
        // Said with what it has now, so that an order which is sent twice adds them once.
        JsonNode spec = requests.get(run.path()).path("spec");
        int now = spec.path("recipe").path("epochs").asInt();
        for (JsonNode more : spec.path("extensions")) {
            now += more.asInt();
        }
        ObjectNode order =
                JsonNodeFactory.instance.objectNode().put("epochs", epochs).put("beyond", now);
        requests.post(run.path() + "/extend", order);
        command.commandLine()
                .getOut()
                .println("run " + run.id() + " has " + (now + epochs) + " epochs now, " + epochs + " more than before");
        return 0;
    }
}
