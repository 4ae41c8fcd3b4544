// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.promote;

import static io.millrace.evaluator.Fixtures.DIGEST;
import static io.millrace.evaluator.Fixtures.INPUT;
import static io.millrace.evaluator.Fixtures.MODEL;
import static io.millrace.evaluator.Fixtures.NOON;
import static io.millrace.evaluator.Fixtures.checkpoint;
import static io.millrace.evaluator.Fixtures.evaluation;
import static io.millrace.evaluator.Fixtures.promotion;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EvaluationCompleted.ClassScore;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.ModelPromoted.Cause;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PromotionRuleTest {
    private static final Instant PROMOTED_AT = NOON.plusSeconds(10);
    private static final Optional<ModelPromoted> CURRENT =
            Optional.of(promotion(evaluation("run-1", 9, 0.9, 0.3), null, Cause.BEST, PROMOTED_AT));

    private final PromotionRule rule = new PromotionRule(Floor.of("auto"));

    @Test
    void theFirstOneIsPromotedWhenItReachesTheFloor() {
        assertThat(rule.objection(evaluation("run-1", 1, 0.6, 9), Optional.empty()))
                .isEmpty();
        assertThat(rule.objection(evaluation("run-1", 1, 0.54, 9), Optional.empty()))
                .contains(new Objection(
                        "its accuracy of 0.5400 is not above 0.5474: always answering the commonest class has 0.5000 on"
                                + " these 1000 samples, and 3 standard errors of that are 0.0474;"
                                + " millrace.evaluator.floor can be set",
                        true));
    }

    @Test
    void higherAccuracyIsBetterAndLossDecidesBetweenEquals() {
        assertThat(better(evaluation("run-1", 12, 0.91, 0.9))).isTrue();
        assertThat(better(evaluation("run-1", 12, 0.89, 0.1))).isFalse();
        assertThat(better(evaluation("run-1", 12, 0.9, 0.2))).isTrue();
        assertThat(better(evaluation("run-1", 12, 0.9, 0.3))).isFalse();
        assertThat(better(evaluation("run-1", 12, 0.9, 0.4))).isFalse();
    }

    @Test
    void thatAnotherOneIsBetterIsNoNews() {
        assertThat(rule.objection(evaluation("run-1", 12, 0.89, 0.1), CURRENT))
                .contains(new Objection(
                        "run-1-step-9 is better or as good: its accuracy is 0.9000, its loss 0.3000", false));
    }

    @Test
    void withinARunThatStopsEarlyTheValidationSplitDecides() {
        Optional<ModelPromoted> kept =
                Optional.of(promotion(evaluation("run-1", 9, 0.9, true), null, Cause.BEST, PROMOTED_AT));

        assertThat(rule.objection(evaluation("run-1", 12, 0.8, true), kept)).isEmpty();
        assertThat(rule.objection(evaluation("run-1", 12, 0.99, false), kept)).isPresent();
        assertThat(rule.objection(evaluation("run-1", 3, 0.99, true), kept)).isPresent();
        // One from the middle of an epoch, of which the validation split says nothing
        assertThat(rule.objection(evaluation("run-1", 12, 0.99, 0.1), kept)).isPresent();
        assertThat(better(evaluation("run-1", 12, 0.8, true))).isTrue();
    }

    @Test
    void betweenRunsTheTestSplitDecidesAndNeverForWeightsThatWereNotKept() {
        assertThat(better(evaluation("run-2", 12, 0.91, true))).isTrue();
        assertThat(better(evaluation("run-2", 12, 0.89, true))).isFalse();
        assertThat(better(evaluation("run-2", 12, 0.91, false))).isFalse();
    }

    @Test
    void thePromotedOneIsNotPromotedAgainUnlessItsFileWasWrittenAnew() {
        CheckpointRef same = checkpoint("run-1", 9);
        CheckpointRef anew = new CheckpointRef(same.checkpointId(), same.runId(), same.uri(), "other", 100);

        assertThat(better(evaluation("run-1", 9, 0.9, 0.3))).isFalse();
        assertThat(better(evaluation(anew, MODEL, DIGEST, 9, 0.8, 0.5, NOON))).isTrue();
    }

    /** However good it is on something else. */
    @Test
    void onAnotherTestSplitNothingIsBetter() {
        EvaluationCompleted other =
                evaluation(checkpoint("run-2", 1), MODEL, "digest-2", 1, 1, 0, PROMOTED_AT.plusSeconds(9));

        assertThat(reason(other)).contains("on another test split than that of run-1-step-9", "/models/mnist/promote");
    }

    /** As when only the number of training images differs. */
    @Test
    void dataSetsWithTheSameTestSplitAreCompared() {
        EvaluationCompleted promoted = on("test", evaluation(checkpoint("run-1", 9), MODEL, "a", 9, 0.9, 0.3, NOON));
        EvaluationCompleted candidate = on("test", evaluation(checkpoint("run-2", 1), MODEL, "b", 1, 0.95, 0.3, NOON));

        assertThat(rule.objection(candidate, Optional.of(promotion(promoted, null, Cause.BEST, PROMOTED_AT))))
                .isEmpty();
    }

    /** Evaluations from before test splits had names of their own. */
    @Test
    void whereATestSplitHasNoNameTheDataSetsCounts() {
        assertThat(rule.objection(on("test", evaluation("run-1", 12, 0.95, 0.3)), CURRENT))
                .isEmpty();
    }

    @Test
    void aModelIsBoundToItsClassesAndToTheShapeOfItsImages() {
        assertThat(reason(answering(evaluation("run-2", 1, 1, 0), "cat", "dog")))
                .isEqualTo(
                        "the model \"mnist\" answers [0, 1], it answers [cat, dog]; order its run under another model"
                                + " name, or delete the model: DELETE /models/mnist");
        EvaluationCompleted good = evaluation("run-2", 1, 1, 0);
        assertThat(reason(with(good, good.testDigest(), new ImageShape(3, 28, 28), good.classes())))
                .startsWith("the model \"mnist\" takes images of 1x28x28, it takes 3x28x28;");
    }

    @Test
    void whoeverWasEvaluatedBeforeTheLatestDecisionHasHadItsChance() {
        assertThat(PromotionRule.outstanding(evaluation("run-1", 9, 0.99, 0.1), CURRENT))
                .isFalse();
        assertThat(PromotionRule.outstanding(evaluation("run-1", 11, 0.99, 0.1), CURRENT))
                .isTrue();
        assertThat(PromotionRule.outstanding(evaluation("run-1", 9, 0.99, 0.1), Optional.empty()))
                .isTrue();
    }

    private boolean better(EvaluationCompleted candidate) {
        return rule.objection(candidate, CURRENT).isEmpty();
    }

    private String reason(EvaluationCompleted candidate) {
        Objection objection = rule.objection(candidate, CURRENT).orElseThrow();
        assertThat(objection.remarkable()).isTrue();
        return objection.reason();
    }

    /** The same with other classes. */
    static EvaluationCompleted answering(EvaluationCompleted of, String... labels) {
        List<ClassScore> classes = Arrays.stream(labels)
                .map(label -> new ClassScore(label, 1, 1, 1, of.samples() / labels.length))
                .toList();
        return with(of, of.testDigest(), INPUT, classes);
    }

    private static EvaluationCompleted on(String testDigest, EvaluationCompleted of) {
        return with(of, testDigest, INPUT, of.classes());
    }

    private static EvaluationCompleted with(
            EvaluationCompleted of, String testDigest, ImageShape input, List<ClassScore> classes) {
        return new EvaluationCompleted(
                of.checkpoint(),
                of.model(),
                of.datasetDigest(),
                testDigest,
                input,
                of.step(),
                of.epoch(),
                of.isFinal(),
                of.samples(),
                of.accuracy(),
                of.loss(),
                of.calibrationError(),
                classes,
                of.confusionMatrix(),
                of.durationSeconds(),
                of.validation(),
                of.evaluatedAt());
    }
}
