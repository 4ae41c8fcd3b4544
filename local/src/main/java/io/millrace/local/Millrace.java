// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import io.millrace.local.command.ClassifyCommand;
import io.millrace.local.command.ExportCommand;
import io.millrace.local.command.ExtendCommand;
import io.millrace.local.command.LogsCommand;
import io.millrace.local.command.NetworksCommand;
import io.millrace.local.command.PreviewCommand;
import io.millrace.local.command.RecipesCommand;
import io.millrace.local.command.RemoveCommand;
import io.millrace.local.command.ReplayCommand;
import io.millrace.local.command.ReportCommand;
import io.millrace.local.command.ResumeCommand;
import io.millrace.local.command.RunsCommand;
import io.millrace.local.command.ServeCommand;
import io.millrace.local.command.StartCommand;
import io.millrace.local.command.StatusCommand;
import io.millrace.local.command.StopCommand;
import io.millrace.local.command.SummaryCommand;
import io.millrace.local.command.TensorBoardCommand;
import io.millrace.local.command.TuneCommand;
import io.millrace.local.command.UpCommand;
import io.millrace.local.command.UploadCommand;
import io.millrace.local.command.WorkersCommand;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The program behind {@code ./millrace}. Exit codes: 0 done, 1 it did not work, 2 it was not understood. */
@Command(
        name = "millrace",
        description = "A labelled image data set in, a served classifier out, as a stream.",
        mixinStandardHelpOptions = true,
        version = "Millrace 0.1.0",
        subcommands = {
            UpCommand.class,
            ServeCommand.class,
            ClassifyCommand.class,
            StatusCommand.class,
            LogsCommand.class,
            NetworksCommand.class,
            RecipesCommand.class,
            SummaryCommand.class,
            ExportCommand.class,
            ReplayCommand.class,
            ReportCommand.class,
            TensorBoardCommand.class,
            UploadCommand.class,
            PreviewCommand.class,
            RunsCommand.class,
            WorkersCommand.class,
            StartCommand.class,
            TuneCommand.class,
            StopCommand.class,
            ResumeCommand.class,
            ExtendCommand.class,
            RemoveCommand.class
        },
        synopsisSubcommandLabel =
                "up | serve | classify | status | logs | networks | recipes | summary | export | replay | report | tensorboard"
                        + " | upload | preview | runs | workers | start | tune | stop | resume | extend | rm")
public final class Millrace {
    private static final int NOT_UNDERSTOOD = 2;

    private Millrace() {}

    public static void main(String[] arguments) {
        Logging.configure("command-logging.properties");
        System.setProperty("java.awt.headless", "true");
        System.exit(commandLine().execute(arguments.length == 0 ? new String[] {"--help"} : arguments));
    }

    /** The command line, ready to be executed. */
    public static CommandLine commandLine() {
        return new CommandLine(new Millrace())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Millrace::notUnderstood)
                .setExecutionExceptionHandler(Millrace::failed);
    }

    private static int notUnderstood(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("millrace: " + e.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
        err.println("./" + command.getCommandSpec().qualifiedName() + " --help lists what there is.");
        return NOT_UNDERSTOOD;
    }

    private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) throws Exception {
        if (e instanceof Refusal) {
            command.getErr().println("millrace: " + e.getMessage());
            return command.getCommandSpec().exitCodeOnExecutionException();
        }
        throw e;
    }
}
