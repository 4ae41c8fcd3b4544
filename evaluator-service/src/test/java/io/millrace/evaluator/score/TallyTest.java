// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.contracts.event.EvaluationCompleted.ClassScore;
import io.millrace.contracts.event.EvaluationCompleted.ConfidenceBin;
import java.util.List;
import org.junit.jupiter.api.Test;

class TallyTest {
    private static final List<String> LABELS = List.of("cat", "dog", "owl");

    @Test
    void sixPredictionsGiveTheFiguresWorkedOutByHand() {
        // Given: label, predicted, confidence, loss
        Tally tally = new Tally(LABELS);
        tally.add(new Prediction(0, 0, 0.90, 0.1));
        tally.add(new Prediction(0, 0, 0.92, 0.1));
        tally.add(new Prediction(0, 1, 0.50, 1.0));
        tally.add(new Prediction(1, 1, 0.51, 0.7));
        tally.add(new Prediction(1, 0, 0.40, 1.4));
        tally.add(new Prediction(1, 1, 1.00, 0.0));

        // Then
        assertThat(tally.samples()).isEqualTo(6);
        assertThat(tally.accuracy()).isCloseTo(4.0 / 6, within(1e-12));
        assertThat(tally.loss()).isCloseTo(3.3 / 6, within(1e-12));
        assertThat(tally.confusionMatrix()).isEqualTo(List.of(List.of(2, 1, 0), List.of(1, 2, 0), List.of(0, 0, 0)));
        assertThat(tally.classes())
                .containsExactly(
                        new ClassScore("cat", 2 / 3.0, 2 / 3.0, 2 / 3.0, 3),
                        new ClassScore("dog", 2 / 3.0, 2 / 3.0, 2 / 3.0, 3),
                        // Never there and never predicted: every denominator is 0.
                        new ClassScore("owl", 0, 0, 0, 0));
        // Bins of 1/15: 0.90 and 0.92 lie in (13/15, 14/15], 0.50 and 0.51 in (7/15, 8/15], 0.40 in (5/15, 6/15],
        // 1.00 in (14/15, 1]. |2 - 1.82| + |1 - 1.01| + |0 - 0.40| + |1 - 1| = 0.18 + 0.01 + 0.40, over 6.
        assertThat(tally.calibrationError()).isCloseTo(0.59 / 6, within(1e-12));
        assertThat(tally.confidence()).hasSize(15);
        assertThat(tally.confidence().get(7)).satisfies(bin -> {
            assertThat(bin.samples()).isEqualTo(2);
            assertThat(bin.correct()).isOne();
            assertThat(bin.confidence()).isCloseTo(0.505, within(1e-12));
        });
        assertThat(tally.confidence().get(0)).isEqualTo(new ConfidenceBin(0, 0, 0));
    }

    @Test
    void precisionRecallAndF1DifferWhereTheConfusionMatrixIsNotSymmetric() {
        // Given "cat": 1 of 4 found, once taken for it wrongly
        Tally tally = new Tally(LABELS);
        tally.add(new Prediction(0, 0, 1, 0));
        tally.add(new Prediction(0, 1, 1, 0));
        tally.add(new Prediction(0, 1, 1, 0));
        tally.add(new Prediction(0, 2, 1, 0));
        tally.add(new Prediction(1, 0, 1, 0));

        // Then precision 1/2, recall 1/4, F1 = 2 * (1/8) / (3/4) = 1/3
        assertThat(tally.classes().get(0)).isEqualTo(new ClassScore("cat", 0.5, 0.25, 1 / 3.0, 4));
        assertThat(tally.classes().get(1)).isEqualTo(new ClassScore("dog", 0, 0, 0, 1));
        assertThat(tally.classes().get(2)).isEqualTo(new ClassScore("owl", 0, 0, 0, 0));
    }

    @Test
    void binsAreOpenBelowAndClosedAbove() {
        // Given one right at exactly 1/15 and one wrong just above: two bins, whose errors must not cancel
        Tally tally = new Tally(LABELS);
        tally.add(new Prediction(0, 0, 1 / 15.0, 0));
        tally.add(new Prediction(0, 1, 1 / 15.0 + 1e-9, 0));

        // Then |1 - 1/15| + |0 - 1/15| = 1, over 2; in one bin it would be |1 - 2/15| / 2
        assertThat(tally.calibrationError()).isCloseTo(0.5, within(1e-8));
    }

    @Test
    void perfectConfidenceInRightAnswersIsPerfectlyCalibrated() {
        Tally tally = new Tally(LABELS);
        tally.add(new Prediction(2, 2, 1, 0));

        assertThat(tally.calibrationError()).isZero();
        assertThat(tally.accuracy()).isEqualTo(1);
    }

    @Test
    void nothingGivesZeroes() {
        Tally tally = new Tally(LABELS);

        assertThat(tally.accuracy()).isZero();
        assertThat(tally.loss()).isZero();
        assertThat(tally.calibrationError()).isZero();
        assertThat(tally.classes()).hasSize(3);
    }
}
