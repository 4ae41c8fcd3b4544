// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.report.ReportFile;
import io.millrace.local.stack.AccessToken;
import io.millrace.local.stack.Commands;
import io.millrace.local.stack.Installation;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import io.millrace.local.stack.WantedRun;
import io.millrace.local.stack.WorkDir;
import io.millrace.local.view.View;
import io.millrace.local.view.Views;
import io.millrace.local.watch.Event;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace up}. */
@Command(
        name = "up",
        description =
                "Starts Kafka and the four services on this machine, trains, and serves the best model. Ctrl-C stops "
                        + "everything; what was learnt is kept in the work directory, and the same command goes on "
                        + "with a run that had not ended. With other options of the run that one is stopped.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class UpCommand implements Callable<Integer> {
    /** The processes of a stack that was killed allow themselves five seconds for their end. */
    static final Duration ENDING = Duration.ofSeconds(7);

    @Spec
    private CommandSpec command;

    @Mixin
    private RunOptions run;

    @Mixin
    private WorkDirOption workDir;

    @Mixin
    private StackOption stack;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description =
                    "Trainers that share the runs, one run each at a time; each has its part of the processors. With "
                            + "--shards they share this run, too. Default: 1",
            defaultValue = "1")
    private int workers;

    @Option(
            names = "--exit-when-done",
            description = "Stop when the run is trained, its final checkpoint scored, and the best one served")
    private boolean exitWhenDone;

    @Option(names = "--report", paramLabel = "FILE", description = "Write the result of the run to a file, as JSON")
    private Path report;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (workers < 1 || workers > Part.MOST_WORKERS) {
            throw new ParameterException(
                    command.commandLine(),
                    "--workers " + workers + " will not do; it must be a whole number from 1 to " + Part.MOST_WORKERS);
        }
        WantedRun wanted = run.wanted(Clock.systemUTC());
        Ports ports = stack.ports();
        Installation installation = Installation.own();
        boolean rehearsal = Rehearsal.on();
        if (!rehearsal) {
            installation.requireBuilt(Part.ALL);
        }
        Optional<ReportFile> reportFile = Optional.ofNullable(report).map(ReportFile::open);
        try (WorkDir opened = WorkDir.open(workDir.path())) {
            ports.requireFree(Part.all(workers), ENDING);
            if (rehearsal) {
                return Rehearsal.WOULD_START;
            }
            AccessToken token = stack.ownToken();
            View view = Views.of(opened.log("millrace"), ports, Part.all(workers));
            WantedRun recalled = opened.unfinishedRun().recall(wanted);
            Commands commands = new Commands(installation, opened, ports, token, recalled, workers);
            if (!recalled.equals(wanted)) {
                view.show(new Event.Note("goes on with run " + recalled.runId() + ", which did not end last time"));
            }
            Session session = new Session(commands, view, exitWhenDone, reportFile);
            Thread stop = new Thread(session::stop, "stop");
            Runtime.getRuntime().addShutdownHook(stop);
            try {
                return session.run();
            } finally {
                session.stop();
            }
        }
    }
}
