// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.Refusal;
import io.millrace.local.classify.ClassifyClient;
import io.millrace.local.classify.FolderClassification;
import io.millrace.local.classify.Prediction;
import io.millrace.local.classify.Tally;
import io.millrace.local.classify.UnansweredException;
import io.millrace.local.stack.Part;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace classify}. */
@Command(
        name = "classify",
        description = "Asks the served model what images show: a line for each, or a folder as a CSV file.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ClassifyCommand implements Callable<Integer> {
    /** A service that was killed is up again within it. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @Spec
    private CommandSpec command;

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE|DIR",
            description = "PNG, JPEG, GIF, BMP, WebP or TIFF; with --csv a folder of them")
    private List<Path> paths;

    @Option(
            names = "--csv",
            paramLabel = "OUT",
            description =
                    "Classify all pictures of a folder, and of the folders in it, into a file with a line for each: "
                            + "file, label, probability, model, version, or the reason why there is none, whether the probability is calibrated, "
                            + "and warnings")
    private Path csv;

    @Option(names = "--overwrite", description = "Replace the file that --csv names")
    private boolean overwrite;

    @Mixin
    private StackOption stack;

    /** 1 when one of them has no answer. */
    @Override
    public Integer call() throws InterruptedException {
        ClassifyClient client = new ClassifyClient(stack.ports().uri(Part.INFERENCE), stack.token());
        if (csv == null) {
            return oneByOne(client);
        }
        if (paths.size() > 1) {
            throw new ParameterException(
                    command.commandLine(), "--csv takes one folder, and there are " + paths.size() + " paths");
        }
        return folder(client);
    }

    private int folder(ClassifyClient client) throws InterruptedException {
        FolderClassification work = new FolderClassification(client, PATIENCE, paths.get(0), csv, overwrite);
        Tally tally;
        try (Progress progress = Progress.on(command.commandLine().getErr())) {
            tally = work.run(done -> progress.show(done::progress));
        }
        out().println(tally.summary());
        out().println((tally.failed() ? "predictions, and why some are missing: " : "predictions: ") + csv);
        out().flush();
        return tally.failed() ? 1 : 0;
    }

    private int oneByOne(ClassifyClient client) throws InterruptedException {
        int failures = 0;
        for (Path file : paths) {
            try {
                Prediction prediction = client.classify(file);
                out().println(file + "  " + line(prediction));
                prediction.warnings().forEach(warning -> out().println("  warning: " + warning));
            } catch (UnansweredException e) {
                if (e.isNobodyThere()) {
                    throw new Refusal(
                            "nothing answers at " + client.uri()
                                    + ". Start a stack with ./millrace up, or name the port of the one that "
                                    + "runs with --port N",
                            e);
                }
                failures++;
                String remedy = Files.isDirectory(file) ? "; a folder is classified into a table with --csv OUT" : "";
                command.commandLine().getErr().println(file + "  " + e.getMessage() + remedy);
            }
            out().flush();
        }
        return failures == 0 ? 0 : 1;
    }

    private PrintWriter out() {
        return command.commandLine().getOut();
    }

    private static String line(Prediction prediction) {
        return String.format(
                Locale.ROOT,
                "%s  %.2f %%  (%s, version %s%s)",
                prediction.label(),
                100 * prediction.probability(),
                prediction.model(),
                prediction.version(),
                prediction.calibrated() == null ? "" : prediction.calibrated() ? ", calibrated" : ", not calibrated");
    }
}
