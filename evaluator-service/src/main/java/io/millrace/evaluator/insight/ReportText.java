// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.insight;

import io.millrace.contracts.event.EvaluationCompleted.ClassScore;
import io.millrace.evaluator.insight.ClassificationReport.Average;
import io.millrace.evaluator.insight.ClassificationReport.Confidence;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * A report as text: the table as scikit-learn's <a
 * href="https://scikit-learn.org/stable/modules/generated/sklearn.metrics.classification_report.html">classification_report</a>
 * prints it, to the character, and below it what the confidence is worth.
 */
public final class ReportText {
    private static final String MACRO = "macro avg";
    private static final String WEIGHTED = "weighted avg";
    private static final int ERROR_DIGITS = 4;

    private final ClassificationReport report;
    private final int digits;
    private final int width;

    private ReportText(ClassificationReport report, int digits) {
        this.report = report;
        this.digits = digits;
        this.width = Math.max(
                Math.max(WEIGHTED.length(), digits),
                report.classes().stream()
                        .mapToInt(score -> length(score.label()))
                        .max()
                        .orElse(0));
    }

    /** As Python counts: an emoji is one. */
    private static int length(String label) {
        return label.codePointCount(0, label.length());
    }

    /**
     * The text, each line with its end.
     *
     * @param digits behind the point
     */
    public static String of(ClassificationReport report, int digits) {
        return new ReportText(report, digits).text();
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        text.append(row("", "precision", "recall", "f1-score", "support")).append('\n');
        for (ClassScore score : report.classes()) {
            text.append(row(
                    score.label(),
                    rounded(score.precision(), digits),
                    rounded(score.recall(), digits),
                    rounded(score.f1(), digits),
                    Integer.toString(score.support())));
        }
        String samples = Integer.toString(report.samples());
        text.append('\n').append(row("accuracy", "", "", rounded(report.accuracy(), digits), samples));
        text.append(row(MACRO, report.macroAverage(), samples));
        text.append(row(WEIGHTED, report.weightedAverage(), samples));
        return text.append('\n').append(confidence()).append('\n').toString();
    }

    private String row(String name, Average average, String samples) {
        return row(
                name,
                rounded(average.precision(), digits),
                rounded(average.recall(), digits),
                rounded(average.f1(), digits),
                samples);
    }

    private String row(String name, String precision, String recall, String f1, String support) {
        return " ".repeat(width - length(name))
                + name
                + String.format(Locale.ROOT, "  %9s %9s %9s %9s\n", precision, recall, f1, support);
    }

    private String confidence() {
        Confidence calibration = report.calibration();
        String error = "calibration error " + rounded(calibration.error(), ERROR_DIGITS) + " over " + calibration.bins()
                + " bins";
        if (calibration.temperature() != null) {
            return error + "; " + rounded(calibration.calibratedError(), ERROR_DIGITS) + " with temperature "
                    + rounded(calibration.temperature(), ERROR_DIGITS) + ", fitted on " + calibration.fittedOn()
                    + " validation images";
        }
        return error + (calibration.uncalibrated() == null ? "" : "; not calibrated: " + calibration.uncalibrated());
    }

    /** As Python's {@code format}: the exact value, halves to even. */
    private static String rounded(double value, int digits) {
        return new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    }
}
