// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.RunSpec;
import io.millrace.local.Refusal;
import io.millrace.local.insight.EvaluatorClient;
import io.millrace.local.insight.RunBook;
import io.millrace.local.insight.RunRecord;
import io.millrace.local.stack.Connections;
import io.millrace.local.stack.Installation;
import io.millrace.local.stack.ModelProgram;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import io.millrace.local.stack.WorkDir;
import io.millrace.local.tensorboard.BestPictures;
import io.millrace.local.tensorboard.RunEvents;
import io.millrace.local.tensorboard.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace tensorboard}. */
@Command(
        name = "tensorboard",
        description =
                "Writes runs as event files for TensorBoard, those of yesterday, too: curves, hyper-parameters, the network's "
                        + "graph, the confusion matrix and the worst mistakes.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class TensorBoardCommand implements Callable<Integer> {
    private static final Duration READING = Duration.ofMinutes(2);
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    @Spec
    private CommandSpec command;

    @Parameters(arity = "0..1", paramLabel = "RUN", description = "The id of a run; without, all that there are")
    private String runId;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on as runs do, until Ctrl-C, or until RUN has ended")
    private boolean follow;

    @Option(
            names = "--histograms",
            description = "Also how the weights of each checkpoint are spread, of those that are in the work directory")
    private boolean histograms;

    @Mixin
    private WorkDirOption workDir;

    @Mixin
    private StackOption stack;

    /** By the run's incarnation. */
    private final Map<String, RunEvents> written = new LinkedHashMap<>();

    private final BestPictures pictures = new BestPictures(this::say);

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path work = WorkDir.existing(workDir.path()).path();
        Ports ports = stack.ports();
        new RunRequests(ports, stack.token()).get("/runs");
        try (RunBook book = new RunBook(Connections.of(ports, Map.of(), System.getenv()))) {
            book.catchUp(READING);
            List<RunRecord> records = records(book);
            if (records.isEmpty() && !follow) {
                say("there are no runs; ./millrace start orders one");
                return 0;
            }
            for (RunRecord record : records) {
                begin(record, work);
            }
            // Of runs that go on pictures are asked for again anyway, and curves are not to wait for them.
            EvaluatorClient evaluator = evaluator(ports, follow ? Duration.ZERO : PATIENCE);
            for (RunRecord record : records) {
                illustrate(record, evaluator);
            }
            say("to look at: tensorboard --logdir " + Shell.path(work.resolve("tensorboard"))
                    + "  (pip install tensorboard)");
            while (follow && !(runId != null && ended(book.find(runId)))) {
                Thread.sleep(PAUSE.toMillis());
                book.catchUp(READING);
                records = records(book);
                for (RunRecord record : records) {
                    goOn(record, work);
                }
                for (RunRecord record : records) {
                    pictures.add(record, events(record), evaluator);
                }
            }
            if (follow) {
                RunRecord ended = book.find(runId);
                goOn(ended, work);
                pictures.add(ended, events(ended), evaluator(ports, PATIENCE));
            }
            return 0;
        } finally {
            for (RunEvents events : written.values()) {
                events.close();
            }
        }
    }

    private List<RunRecord> records(RunBook book) {
        return runId == null ? book.names().stream().map(book::find).toList() : List.of(book.find(runId));
    }

    private static boolean ended(RunRecord record) {
        return record.status() != null && record.status().ended(record.run());
    }

    private void begin(RunRecord record, Path work) throws IOException, InterruptedException {
        RunSpec run = record.run();
        RunEvents events = RunEvents.anew(work.resolve("tensorboard").resolve(run.runId()), run, Instant.now());
        written.put(run.incarnation(), events);
        graph(run, events);
        if (histograms) {
            weights(record, work.resolve("checkpoints"), events);
        }
        events.write(record);
    }

    private EvaluatorClient evaluator(Ports ports, Duration patience) {
        return new EvaluatorClient(ports.uri(Part.EVALUATOR), patience, stack.token());
    }

    private RunEvents events(RunRecord record) {
        return written.get(record.run().incarnation());
    }

    private void illustrate(RunRecord record, EvaluatorClient evaluator) throws IOException, InterruptedException {
        RunEvents events = events(record);
        int added = pictures.add(record, events, evaluator);
        say(String.format(
                Locale.ROOT,
                "%s  %d points, %d evaluations, %d pictures",
                record.run().runId(),
                events.points(),
                events.evaluations(),
                added));
    }

    private void goOn(RunRecord record, Path work) throws IOException, InterruptedException {
        if (events(record) == null) {
            begin(record, work);
        } else {
            events(record).write(record);
        }
    }

    private void graph(RunSpec run, RunEvents events) throws IOException, InterruptedException {
        try {
            String lines = ModelProgram.summary(Installation.own())
                    .printed(List.of(
                            "graph",
                            run.dataset().shape().toString(),
                            new String(EventCodec.encode(run.network()), UTF_8)));
            events.graph(lines, run.createdAt());
        } catch (Refusal e) {
            say(run.runId() + "  without its graph: " + e.getMessage());
        }
    }

    private void weights(RunRecord record, Path checkpoints, RunEvents events) throws IOException {
        for (EvaluationCompleted evaluation : record.evaluations(false)) {
            Path file = checkpoints.resolve(evaluation.checkpoint().uri());
            if (Files.isReadable(file)) {
                events.weights(evaluation, Weights.read(file));
            }
        }
    }

    private void say(String line) {
        command.commandLine().getOut().println(line);
        command.commandLine().getOut().flush();
    }
}
