// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace stop}. */
@Command(
        name = "stop",
        description =
                "Stops a run of a running stack: its trainer writes a checkpoint and takes up the next run. Nothing of it is lost; "
                        + "./millrace resume goes on with it.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class StopCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Mixin
    private StackOption stack;

    @Mixin
    private RunParameter run;

    @Override
    public Integer call() throws InterruptedException {
        new RunRequests(stack.ports(), stack.token()).post(run.path() + "/stop", null);
        command.commandLine()
                .getOut()
                .println("run " + run.id() + " is stopped; ./millrace resume " + run.id() + " goes on with it");
        return 0;
    }
}
