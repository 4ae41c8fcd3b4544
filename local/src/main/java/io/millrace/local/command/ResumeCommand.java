// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace resume}. */
@Command(
        name = "resume",
        description = "Goes on with a run that was stopped, where it is.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ResumeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Mixin
    private StackOption stack;

    @Mixin
    private RunParameter run;

    @Override
    public Integer call() throws InterruptedException {
        new RunRequests(stack.ports(), stack.token()).post(run.path() + "/resume", null);
        command.commandLine().getOut().println("run " + run.id() + " goes on; ./millrace runs shows how it stands");
        return 0;
    }
}
