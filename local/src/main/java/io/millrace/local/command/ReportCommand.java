// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.Refusal;
import io.millrace.local.insight.EvaluatorClient;
import io.millrace.local.insight.Findings;
import io.millrace.local.insight.HtmlReport;
import io.millrace.local.insight.RunBook;
import io.millrace.local.insight.RunRecord;
import io.millrace.local.insight.TerminalReport;
import io.millrace.local.stack.Connections;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace report}. */
@Command(
        name = "report",
        description =
                "Says what a run learnt, of now or of yesterday: figures class by class, what its confidence is worth, its worst "
                        + "mistakes; with --html as one page with curves, the confusion matrix, and where the network looked.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ReportCommand implements Callable<Integer> {
    private static final Duration READING = Duration.ofMinutes(2);
    /** A test split may have to be scored again. */
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private static final int MOST_MISTAKES = 200;
    private static final double MEGA = 1e6;

    @Spec
    private CommandSpec command;

    @Mixin
    private RunParameter run;

    @Option(names = "--html", paramLabel = "FILE", description = "Write it as one HTML file, which needs no other")
    private Path html;

    @Option(names = "--overwrite", description = "Replace the file that --html names")
    private boolean overwrite;

    @Option(
            names = "--mistakes",
            paramLabel = "N",
            defaultValue = "24",
            description = "How many of the worst mistakes the page shows. Default: ${DEFAULT-VALUE}")
    private int mistakes;

    @Mixin
    private StackOption stack;

    @Override
    public Integer call() throws InterruptedException {
        if (mistakes < 0 || mistakes > MOST_MISTAKES) {
            throw new ParameterException(
                    command.commandLine(),
                    "--mistakes " + mistakes + " will not do; it must be a whole number from 0 to " + MOST_MISTAKES);
        }
        Path draft = html == null ? null : draft();
        Ports ports = stack.ports();
        String id = run.id();
        new RunRequests(ports, stack.token()).get("/runs");
        URI address = ports.uri(Part.EVALUATOR);
        EvaluatorClient evaluator = new EvaluatorClient(address, PATIENCE, stack.token());
        Findings findings = Findings.of(record(ports, id), evaluator, Math.max(mistakes, TerminalReport.MISTAKES));
        PrintWriter out = command.commandLine().getOut();
        TerminalReport.lines(findings, address).forEach(out::println);
        if (html != null) {
            write(HtmlReport.of(findings, evaluator, mistakes, Instant.now()), draft);
            out.println(String.format(
                    Locale.ROOT,
                    "page        %s, %.1f MB",
                    html.toAbsolutePath(),
                    html.toFile().length() / MEGA));
        }
        out.flush();
        return 0;
    }

    private static RunRecord record(Ports ports, String id) {
        try (RunBook book = new RunBook(Connections.of(ports, Map.of(), System.getenv()))) {
            book.catchUp(READING);
            return book.find(id);
        }
    }

    /** Makes sure, before the work, that the page can be written. */
    private Path draft() {
        if (Files.isDirectory(html)) {
            throw new Refusal("--html " + html + " is a directory; name a file");
        }
        if (Files.exists(html) && !overwrite) {
            throw new Refusal(
                    "--html " + html + " exists already. --overwrite replaces it, another name writes another one");
        }
        Path draft = html.toAbsolutePath().resolveSibling(html.getFileName() + ".tmp");
        try {
            Files.writeString(draft, "");
            Files.delete(draft);
            return draft;
        } catch (IOException e) {
            throw new Refusal(
                    "--html " + html + " cannot be written (" + e
                            + "). Name a file in a directory that exists and is writable",
                    e);
        }
    }

    private void write(String page, Path draft) {
        try {
            Files.writeString(draft, page);
            Files.move(draft, html, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new Refusal("--html " + html + " cannot be written (" + e + ")", e);
        }
    }
}
