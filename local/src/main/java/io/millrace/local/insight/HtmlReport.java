// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.insight;

import static io.millrace.local.insight.Html.data;
import static io.millrace.local.insight.Html.escaped;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.local.insight.CurvePlot.Curve;
import io.millrace.local.insight.EvaluatorClient.GoneException;
import io.millrace.local.insight.EvaluatorClient.Mistake;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/** A report as one page that needs nothing from elsewhere: pictures and style are in it, and it runs no script. */
public final class HtmlReport {
    private final Findings findings;
    private final RunRecord record;
    private final EvaluatorClient evaluator;
    private final int shown;
    private final Instant now;
    private final StringBuilder page = new StringBuilder();

    private HtmlReport(Findings findings, EvaluatorClient evaluator, int shown, Instant now) {
        this.shown = shown;
        this.findings = findings;
        this.record = findings.record();
        this.evaluator = evaluator;
        this.now = now;
    }

    /**
     * The page.
     *
     * @param evaluator has the pictures
     * @param mistakes so many of the worst are shown, at most
     * @param now when it is made
     */
    public static String of(Findings findings, EvaluatorClient evaluator, int mistakes, Instant now)
            throws InterruptedException {
        return new HtmlReport(findings, evaluator, mistakes, now).page();
    }

    private String page() throws InterruptedException {
        String title = escaped(record.run().runId());
        page.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                // Whatever a class is called: nothing runs, and nothing is fetched.
                .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:;")
                .append(" style-src 'unsafe-inline'\">\n<title>")
                .append(title)
                .append(" · Millrace report</title>\n<style>\n")
                .append(style())
                .append("</style>\n</head>\n<body>\n<main>\n");
        head();
        curves();
        page.append("<h2>Class by class</h2>\n<div class=\"sides\">\n");
        ClassTables tables = new ClassTables(findings.evaluation());
        page.append(tables.scores());
        confusion(tables);
        page.append("</div>\n<p class=\"faint\">").append(escaped(confidence())).append("</p>\n");
        mistakes();
        checkpoints();
        page.append(new Provenance(findings).html());
        page.append("<footer>Made by Millrace at ")
                .append(now.truncatedTo(ChronoUnit.SECONDS))
                .append(" of the topics and of the evaluator; figures are of the test split unless said otherwise.")
                .append("</footer>\n</main>\n</body>\n</html>\n");
        return page.toString();
    }

    private static String style() {
        try (InputStream css = HtmlReport.class.getResourceAsStream("report.css")) {
            return new String(css.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("report.css is in this program", e);
        }
    }

    private void head() {
        RunSpec run = record.run();
        RunStatus status = record.status();
        EvaluationCompleted evaluation = findings.evaluation();
        page.append("<h1>").append(escaped(run.runId())).append("</h1>\n<p class=\"faint\">");
        page.append(escaped(run.network().name() + " on " + TerminalReport.dataset(run.dataset()) + " · recipe "
                + run.recipe().name() + " · " + record.state()
                + (record.served() == null ? "" : " · promoted as " + record.served())));
        page.append("</p>\n<div class=\"tiles\">\n");
        tile(percent(evaluation.accuracy()), "accuracy, step " + evaluation.step());
        tile(number("%.4f", evaluation.loss()), "loss, mean cross entropy");
        tile(
                number("%,d", Math.round((1 - evaluation.accuracy()) * evaluation.samples())),
                number("mistakes of %,d", evaluation.samples()));
        if (status != null) {
            tile(status.epoch() + " of " + run.epochs(), number("epochs, %,d steps", status.step()));
            tile(number("%.0f s", status.trainSeconds()), number("of training, %,d images", status.samples()));
            tile(number("%,.0f", status.imagesPerSecond()), "images a second");
        }
        page.append("</div>\n");
    }

    private void tile(String figure, String what) {
        page.append("<div class=\"card tile\"><b>")
                .append(escaped(figure))
                .append("</b><span>")
                .append(escaped(what))
                .append("</span></div>\n");
    }

    private void curves() {
        page.append("<h2>Curves</h2>\n");
        if (record.points().isEmpty()) {
            page.append("<p>The topic of curves holds no point of this run.</p>\n");
        }
        Curves curves = new Curves(record);
        page.append("<div class=\"plots\">\n");
        plot("Accuracy", "per cent", curves.accuracy());
        plot("Loss", "nats", curves.loss());
        plot("Learning rate", "", curves.learningRate());
        page.append("</div>\n");
        if (record.run().recipe().labelSmoothing() > 0) {
            page.append("<p class=\"faint\">The loss of the training is that with label smoothing, ")
                    .append(record.run().recipe().labelSmoothing())
                    .append("; those of the splits are without.</p>\n");
        }
    }

    private void plot(String title, String unit, List<Curve> curves) {
        if (!curves.isEmpty()) {
            page.append("<figure class=\"card\"><figcaption>")
                    .append(title)
                    .append("</figcaption>")
                    .append(data(
                            CurvePlot.png(unit, curves, Theme.LIGHT),
                            CurvePlot.png(unit, curves, Theme.DARK),
                            title + " over the steps"))
                    .append("</figure>\n");
        }
    }

    private void confusion(ClassTables tables) throws InterruptedException {
        if (tables.small()) {
            page.append(tables.confusion());
            return;
        }
        try {
            page.append("<figure class=\"card\">")
                    .append(data(
                            evaluator.confusion(findings.checkpointId(), Theme.LIGHT),
                            evaluator.confusion(findings.checkpointId(), Theme.DARK),
                            "Confusion matrix"))
                    .append("</figure>\n");
        } catch (GoneException e) {
            page.append("<p>").append(escaped(e.getMessage())).append("</p>\n");
        }
    }

    /** The last line of the table says it. */
    private String confidence() {
        List<String> lines =
                findings.table().lines().filter(line -> !line.isBlank()).toList();
        return lines.isEmpty() ? "" : "Confidence: " + lines.get(lines.size() - 1) + ".";
    }

    private void mistakes() throws InterruptedException {
        page.append("<h2>Worst mistakes</h2>\n");
        List<Mistake> all = findings.mistakes().mistakes();
        List<Mistake> worst = all.subList(0, Math.min(shown, all.size()));
        if (findings.withoutMistakes() != null) {
            page.append("<p>They cannot be shown: ")
                    .append(escaped(findings.withoutMistakes()))
                    .append("</p>\n");
        } else if (worst.isEmpty()) {
            page.append("<p>")
                    .append(findings.mistakes().total() == 0 ? "There are none." : "Not asked for.")
                    .append("</p>\n");
        } else {
            page.append("<p>")
                    .append(number(
                            "%,d of %,d: those whose true class the network gives the least.",
                            worst.size(), findings.mistakes().total()))
                    .append(" Beside each image: what of it speaks for the class that was predicted, and what for the")
                    .append(" true one. It says what the network looked at, not that it is right.</p>\n")
                    .append("<div class=\"mistakes\">\n");
            for (Mistake mistake : worst) {
                mistake(mistake);
            }
            page.append("</div>\n");
        }
    }

    private void mistake(Mistake mistake) throws InterruptedException {
        String label = escaped(mistake.label());
        String predicted = escaped(mistake.predicted());
        page.append("<figure class=\"card\">");
        try {
            page.append(data(evaluator.picture(mistake.cam()), mistake.label() + ", taken for " + mistake.predicted()));
            page.append("<div class=\"columns\"><span>image</span><span>for ")
                    .append(predicted)
                    .append("</span><span>for ")
                    .append(label)
                    .append("</span></div>");
        } catch (GoneException e) {
            page.append("<p>").append(escaped(e.getMessage())).append("</p>");
        }
        page.append("<div class=\"verdict\"><span class=\"right\">")
                .append(label)
                .append("</span>, taken for <span class=\"wrong\">")
                .append(predicted)
                .append("</span></div><figcaption>")
                .append(number(
                        "%.1f %% against %.1f %% · sample %d",
                        100 * mistake.probability(), 100 * mistake.labelProbability(), mistake.index()))
                .append("</figcaption></figure>\n");
    }

    private void checkpoints() {
        page.append("<h2>Checkpoints</h2>\n<div class=\"card scroll\"><table>\n<tr><th>checkpoint</th>")
                .append("<th class=\"number\">epoch</th><th class=\"number\">step</th>")
                .append("<th class=\"number\">accuracy</th><th class=\"number\">loss</th>")
                .append("<th class=\"number\">calibration error</th></tr>\n");
        for (EvaluationCompleted each : record.evaluations()) {
            boolean best = each.checkpoint().checkpointId().equals(findings.checkpointId());
            page.append(best ? "<tr class=\"best\">" : "<tr>")
                    .append("<td class=\"mono\">")
                    .append(escaped(each.checkpoint().checkpointId()))
                    .append("</td>");
            for (String cell : List.of(
                    Integer.toString(each.epoch()),
                    Long.toString(each.step()),
                    percent(each.accuracy()),
                    number("%.4f", each.loss()),
                    number("%.4f", each.calibrationError()))) {
                page.append("<td class=\"number\">").append(cell).append("</td>");
            }
            page.append("</tr>\n");
        }
        page.append("</table></div>\n");
    }

    private static String percent(double ratio) {
        return number("%.2f %%", 100 * ratio);
    }

    private static String number(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
