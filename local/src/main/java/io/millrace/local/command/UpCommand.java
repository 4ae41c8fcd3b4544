// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.report.ReportFile;
import io.millrace.local.stack.Commands;
import io.millrace.local.stack.Installation;
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
import picocli.CommandLine.Option;

/** {@code millrace up}. */
@Command(
        name = "up",
        description =
                "Starts Kafka and the four services on this machine, trains, and serves the best model. Ctrl-C stops "
                        + "everything; what was learnt is kept in the work directory, and the same command goes on "
                        + "with a run that had not ended. With other options of the run that one is dropped.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class UpCommand implements Callable<Integer> {
    /** The processes of a stack that was killed allow themselves five seconds for their end. */
    private static final Duration ENDING = Duration.ofSeconds(7);

    @Mixin
    private RunOptions run;

    @Option(
            names = "--work-dir",
            paramLabel = "DIR",
            defaultValue = ".millrace",
            description = "Kafka's data, checkpoints, downloads and logs. Default: ${DEFAULT-VALUE}")
    private Path workDir;

    @Mixin
    private PortOption port;

    @Option(
            names = "--exit-when-done",
            description = "Stop when the run is trained, its final checkpoint scored, and the best one served")
    private boolean exitWhenDone;

    @Option(names = "--report", paramLabel = "FILE", description = "Write the result of the run to a file, as JSON")
    private Path report;

    @Override
    public Integer call() throws IOException, InterruptedException {
        WantedRun wanted = run.wanted(Clock.systemUTC());
        Ports ports = port.ports();
        Installation installation = Installation.own();
        boolean rehearsal = Rehearsal.on();
        if (!rehearsal) {
            installation.requireBuilt();
        }
        Optional<ReportFile> reportFile = Optional.ofNullable(report).map(ReportFile::open);
        try (WorkDir opened = WorkDir.open(workDir)) {
            ports.requireFree(ENDING);
            if (rehearsal) {
                return Rehearsal.WOULD_START;
            }
            View view = Views.of(opened.log("millrace"), ports);
            WantedRun recalled = opened.unfinishedRun().recall(wanted);
            Commands commands = new Commands(installation, opened, ports, recalled);
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
