// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.insight;

import static io.millrace.evaluator.Fixtures.NOON;
import static io.millrace.evaluator.Fixtures.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.Calibration;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.evaluator.score.Prediction;
import io.millrace.evaluator.score.Tally;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTextTest {
    /** Labels and predictions of the example in scikit-learn's documentation of classification_report. */
    private static final int[] LABELS = {0, 1, 2, 2, 2};

    private static final int[] PREDICTED = {0, 0, 2, 2, 1};

    private static final String AS_DOCUMENTED = """
                          precision    recall  f1-score   support

                 class 0       0.50      1.00      0.67         1
                 class 1       0.00      0.00      0.00         1
                 class 2       1.00      0.67      0.80         3

                accuracy                           0.60         5
               macro avg       0.50      0.56      0.49         5
            weighted avg       0.70      0.60      0.61         5
            """;

    private final EvaluationCompleted example = example();

    private static EvaluationCompleted example() {
        Tally tally = new Tally(List.of("class 0", "class 1", "class 2"));
        for (int n = 0; n < LABELS.length; n++) {
            tally.add(new Prediction(LABELS[n], PREDICTED[n], 0.9, 0.5));
        }
        return new EvaluationCompleted(
                checkpoint("run-1", 5),
                "documented",
                "digest",
                null,
                null,
                5,
                1,
                true,
                tally.samples(),
                tally.accuracy(),
                tally.loss(),
                tally.calibrationError(),
                tally.classes(),
                tally.confusionMatrix(),
                0.1,
                null,
                NOON);
    }

    private static String text(EvaluationCompleted evaluation, int digits) {
        return ReportText.of(ClassificationReport.of(evaluation), digits);
    }

    @Test
    void theTableIsScikitLearnsToTheCharacter() {
        assertThat(text(example, 2)).startsWith(AS_DOCUMENTED + "\n");
    }

    @Test
    void digitsAreAsManyAsAskedFor() {
        assertThat(text(example, 4)).contains("weighted avg     0.7000    0.6000    0.6133         5\n");
    }

    @Test
    void halvesAreRoundedAsPythonDoes() {
        // Given a recall of one in eight: 0.125 is a half, and goes to even
        Tally tally = new Tally(List.of("a", "b"));
        for (int n = 0; n < 8; n++) {
            tally.add(new Prediction(0, n == 0 ? 0 : 1, 0.9, 0.5));
        }
        EvaluationCompleted eighth = new EvaluationCompleted(
                checkpoint("run-1", 5),
                "m",
                "d",
                null,
                null,
                5,
                1,
                true,
                8,
                0.125,
                1,
                0,
                tally.classes(),
                tally.confusionMatrix(),
                0.1,
                null,
                NOON);

        assertThat(text(eighth, 2)).contains("           a       1.00      0.12      0.22         8\n");
    }

    @Test
    void whatTheConfidenceIsWorthStandsBelow() {
        assertThat(text(example, 2)).endsWith("\n\ncalibration error 0.3000 over 15 bins\n");
        assertThat(text(example.uncalibrated("there is no validation split"), 2))
                .endsWith("; not calibrated: there is no validation split\n");
        assertThat(text(example.with(new Calibration(1.5, 0.01, "held-out", 600, null)), 2))
                .endsWith("; 0.0100 with temperature 1.5000, fitted on 600 validation images\n");
    }

    @Test
    void whatIsTakenForWhatIsNamedTheMostFrequentFirst() {
        assertThat(ClassificationReport.of(example).confused())
                .containsExactly(
                        new ClassificationReport.Confusion("class 1", "class 0", 1),
                        new ClassificationReport.Confusion("class 2", "class 1", 1));
    }
}
