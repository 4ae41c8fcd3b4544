// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace rm}. */
@Command(
        name = "rm",
        description =
                "Removes a run with all that it left: logs, curves, checkpoints, lines of the leaderboard. Refused while it runs, and "
                        + "while one of its checkpoints is served.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class RemoveCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Mixin
    private StackOption stack;

    @Mixin
    private RunParameter run;

    @Override
    public Integer call() throws InterruptedException {
        new RunRequests(stack.ports(), stack.token()).delete(run.path());
        command.commandLine().getOut().println("run " + run.id() + " is removed, and what it left is being deleted");
        return 0;
    }
}
