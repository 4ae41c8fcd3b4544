// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.insight;

import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.local.insight.EvaluatorClient.Mistake;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A report as lines. */
public final class TerminalReport {
    /** So many mistakes are named. */
    public static final int MISTAKES = 10;

    private TerminalReport() {}

    /**
     * The lines.
     *
     * @param evaluator where pictures can be had
     */
    public static List<String> lines(Findings findings, URI evaluator) {
        RunSpec run = findings.record().run();
        List<String> lines = new ArrayList<>();
        lines.add("run         " + run.runId() + ", " + findings.record().state() + progress(findings.record()));
        lines.add("data        " + dataset(run.dataset()));
        lines.add("network     " + run.network().name() + ", recipe "
                + run.recipe().name() + ", seed " + run.seed());
        lines.add(String.format(
                Locale.ROOT,
                "checkpoint  %s, accuracy %.2f %%, loss %.4f%s",
                findings.checkpointId(),
                100 * findings.evaluation().accuracy(),
                findings.evaluation().loss(),
                findings.record().served() == null
                        ? ""
                        : "; the run is promoted as " + findings.record().served()));
        lines.add("");
        findings.table().lines().forEach(lines::add);
        lines.add("");
        lines.addAll(mistakes(findings, evaluator));
        return lines;
    }

    private static String progress(RunRecord record) {
        RunStatus status = record.status();
        return status == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        ", epoch %d of %d, step %d of %d, %,d images in %.0f s",
                        status.epoch(),
                        record.run().epochs(),
                        status.step(),
                        record.run().steps(),
                        status.samples(),
                        status.trainSeconds());
    }

    static String dataset(Dataset dataset) {
        return String.format(
                Locale.ROOT,
                "%s, %,d training and %,d test images of %dx%dx%d, %d classes",
                dataset.name(),
                dataset.trainSamples(),
                dataset.testSamples(),
                dataset.channels(),
                dataset.height(),
                dataset.width(),
                dataset.classes().size());
    }

    private static List<String> mistakes(Findings findings, URI evaluator) {
        if (findings.withoutMistakes() != null) {
            return List.of("mistakes    cannot be shown: " + findings.withoutMistakes());
        }
        int total = findings.mistakes().total();
        if (total == 0) {
            return List.of("mistakes    none");
        }
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "mistakes    %,d of %,d; the worst:",
                total,
                findings.evaluation().samples()));
        List<Mistake> shown = findings.mistakes().mistakes();
        for (Mistake mistake : shown.subList(0, Math.min(MISTAKES, shown.size()))) {
            lines.add(String.format(
                    Locale.ROOT,
                    "  sample %-6d  %s, taken for %s (%.1f %%, and %.1f %% for %s)",
                    mistake.index(),
                    mistake.label(),
                    mistake.predicted(),
                    100 * mistake.probability(),
                    100 * mistake.labelProbability(),
                    mistake.label()));
        }
        lines.add("pictures    " + evaluator.resolve(shown.get(0).cam()) + " is the worst");
        return lines;
    }
}
