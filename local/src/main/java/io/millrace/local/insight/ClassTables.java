// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.insight;

import static io.millrace.local.insight.Html.escaped;

import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EvaluationCompleted.ClassScore;
import java.util.List;
import java.util.Locale;

/** The tables of a report that have a row for each class. */
final class ClassTables {
    private static final int MOST_SMALL = 20;
    private static final int SHORT = 4;
    private static final double LEAST = 0.06;
    private static final double STRONG = 0.55;

    private final EvaluationCompleted evaluation;

    ClassTables(EvaluationCompleted evaluation) {
        this.evaluation = evaluation;
    }

    /** Whether the confusion matrix can be read as a table. */
    boolean small() {
        return evaluation.classes().size() <= MOST_SMALL;
    }

    /** Precision, recall, F1 and support. */
    String scores() {
        StringBuilder table = new StringBuilder("<div class=\"card scroll\"><table>\n<tr><th>class</th>"
                + "<th class=\"number\">precision</th><th class=\"number\">recall</th><th class=\"number\">F1</th>"
                + "<th class=\"number\">samples</th></tr>\n");
        for (ClassScore score : evaluation.classes()) {
            table.append("<tr><td>")
                    .append(escaped(score.label()))
                    .append("</td>")
                    .append(bar(score.precision()))
                    .append(bar(score.recall()))
                    .append(bar(score.f1()))
                    .append("<td class=\"number\">")
                    .append(score.support())
                    .append("</td></tr>\n");
        }
        return table.append("</table></div>\n").toString();
    }

    private static String bar(double ratio) {
        return String.format(
                Locale.ROOT,
                "<td class=\"number\">%.4f<span class=\"bar\"><i style=\"width:%.0f%%\"></i></span></td>",
                ratio,
                100 * ratio);
    }

    /** A row for each true class, a column for each predicted one; what is wrong in another colour than what is right. */
    String confusion() {
        List<String> labels = evaluation.labels();
        StringBuilder table =
                new StringBuilder("<div class=\"card scroll\"><table class=\"confusion\">\n<tr><th></th>");
        boolean upright = labels.stream().allMatch(label -> label.length() <= SHORT);
        labels.forEach(label -> table.append(upright ? "<th><span>" : "<th class=\"long\"><span>")
                .append(escaped(label))
                .append("</span></th>"));
        table.append("</tr>\n");
        for (int row = 0; row < labels.size(); row++) {
            List<Integer> counts = evaluation.confusionMatrix().get(row);
            int all = counts.stream().mapToInt(Integer::intValue).sum();
            table.append("<tr><th class=\"row\">")
                    .append(escaped(labels.get(row)))
                    .append("</th>");
            for (int column = 0; column < labels.size(); column++) {
                table.append(cell(labels.get(row), labels.get(column), counts.get(column), all));
            }
            table.append("</tr>\n");
        }
        return table.append("</table><p class=\"faint\">A row for each true class, a column for each predicted one.")
                .append(" The root of a cell's part of its row is its colour.</p></div>\n")
                .toString();
    }

    private static String cell(String label, String predicted, int count, int all) {
        if (count == 0) {
            return "<td></td>";
        }
        double root = Math.sqrt((double) count / all);
        return String.format(
                Locale.ROOT,
                "<td%s title=\"%s taken for %s: %d of %d\" style=\"background:rgba(var(--%s),%.2f)\">%d</td>",
                root > STRONG ? " class=\"strong\"" : "",
                escaped(label),
                escaped(predicted),
                count,
                all,
                label.equals(predicted) ? "cell" : "slip",
                // What happened once shall be seen.
                Math.max(LEAST, root),
                count);
    }
}
