// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.safetensors.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parameters that are not trained at first, or at all. */
class FreezeTest {
    private static final String SGD = "\"momentum\": 0.9, \"nesterov\": true, \"weightDecay\": 0.0005";

    private static Recipe recipe(String optimizer, String freeze) {
        return Given.recipe(
                "{\"epochs\": 4, \"schedule\": {\"learningRate\": 0.01}, \"labelSmoothing\": 0, \"optimizer\": {"
                        + optimizer + "}, \"freeze\": " + freeze + "}");
    }

    private static Recipe thawing(String optimizer) {
        return recipe(optimizer, "{\"what\": [\"backbone\"], \"untilEpoch\": 1}");
    }

    private static void steps(Learner learner, int from, int to) {
        for (int k = from; k < to; k++) {
            learner.step(List.of(Given.batch(k, 8)), 0.01);
        }
    }

    private static Learner restored(Recipe recipe, int epochsDone, List<Tensor> weights, List<Tensor> state) {
        return Learner.restored(
                Given.NETWORK,
                Given.NORMALIZATION,
                Given.SIDE,
                Given.SIDE,
                recipe,
                epochsDone,
                Given.compute(recipe),
                weights,
                state);
    }

    @Test
    void aFrozenBackboneStaysToTheBitWithItsStatisticsAndTheHeadLearns() {
        try (Learner learner = Given.learner(recipe(SGD, "{\"what\": [\"backbone\"]}"))) {
            List<Tensor> before = learner.weights();

            steps(learner, 0, 3);
            boolean over = learner.beginEpoch(1);

            assertThat(over).isFalse();
            List<Tensor> after = learner.weights();
            assertThat(after).hasSameSizeAs(before);
            for (int k = 0; k < before.size(); k++) {
                boolean head = before.get(k).name().startsWith("fc.");
                assertThat(after.get(k).equals(before.get(k)))
                        .as(before.get(k).name())
                        .isEqualTo(!head);
            }
            assertThat(learner.optimizerState())
                    .extracting(Tensor::name)
                    .containsExactly("momentum.fc.weight", "momentum.fc.bias");
        }
    }

    /** Its BatchNorm runs as in evaluation: the loss of a training step is what a scorer says of the same images. */
    @Test
    void aFrozenBackboneSeesWhatItSeesInEvaluation() {
        ImageBatch batch = Given.batch(1, 8);
        List<Tensor> weights;
        try (Learner learner = Given.learner(recipe(SGD, "null"))) {
            steps(learner, 0, 3);
            weights = learner.weights();
        }
        Recipe frozen = recipe(SGD, "{\"what\": [\"backbone\"]}");
        try (Learner learner = Learner.create(
                        Given.NETWORK,
                        Given.NORMALIZATION,
                        Given.SIDE,
                        Given.SIDE,
                        frozen,
                        Given.compute(frozen),
                        weights);
                Scorer scorer = Scorer.of(Given.NETWORK, Given.NORMALIZATION, Given.SIDE, Given.SIDE, weights)) {
            learner.step(List.of(batch), 0);

            Predictions scored = scorer.score(batch);
            double loss = 0;
            for (int k = 0; k < batch.size(); k++) {
                loss += scored.loss(k, batch.labels()[k]) / batch.size();
            }
            assertThat(learner.stats().loss()).isCloseTo(loss, within(1e-4));
        }
    }

    @Test
    void patternsFreezeWhatTheyMeanAndANormThatIsTrainedGoesOnCounting() {
        try (Learner learner = Given.learner(recipe(SGD, "{\"what\": [\"conv1.weight\", \"layer1.0.bn1.*\"]}"))) {
            List<Tensor> before = learner.weights();

            steps(learner, 0, 1);

            List<Tensor> after = learner.weights();
            for (String name : List.of("conv1.weight", "layer1.0.bn1.weight", "layer1.0.bn1.running_mean")) {
                assertThat(Given.named(after, name)).isEqualTo(Given.named(before, name));
            }
            for (String name : List.of("bn1.weight", "bn1.running_mean", "layer1.0.bn2.running_var")) {
                assertThat(Given.named(after, name)).isNotEqualTo(Given.named(before, name));
            }
        }
    }

    /** What was trained goes on with its momentum, what is trained from now on begins without. */
    @Test
    void afterItsEpochsTheBackboneIsTrained() {
        try (Learner learner = Given.learner(thawing(SGD))) {
            steps(learner, 0, 2);
            List<Tensor> before = learner.weights();
            Tensor momentum = Given.named(learner.optimizerState(), "momentum.fc.weight");
            assertThat(learner.beginEpoch(0)).isFalse();

            assertThat(learner.beginEpoch(1)).isTrue();

            assertThat(learner.weights()).isEqualTo(before);
            assertThat(Given.named(learner.optimizerState(), "momentum.fc.weight"))
                    .isEqualTo(momentum);
            assertThat(Given.floats(Given.named(learner.optimizerState(), "momentum.conv1.weight")))
                    .containsOnly(0);
            assertThat(learner.beginEpoch(2)).as("once").isFalse();
            steps(learner, 2, 3);
            for (String name : List.of("conv1.weight", "bn1.running_mean", "layer4.1.conv2.weight")) {
                assertThat(Given.named(learner.weights(), name)).isNotEqualTo(Given.named(before, name));
            }
        }
    }

    /** Wherever a process dies around the end of the frozen epochs, the next one comes out at the same weights. */
    @ParameterizedTest
    @ValueSource(strings = {SGD, "\"kind\": \"adamw\"", "\"kind\": \"adam\", \"weightDecay\": 0.01"})
    void whoResumesThereGoesOnToTheBit(String optimizer) {
        Recipe recipe = thawing(optimizer);
        List<Tensor> undisturbed;
        List<Tensor> atTheEnd;
        List<Tensor> stateAtTheEnd;
        List<Tensor> after;
        List<Tensor> stateAfter;
        try (Learner learner = Given.learner(recipe)) {
            steps(learner, 0, 2);
            atTheEnd = learner.weights();
            stateAtTheEnd = learner.optimizerState();
            learner.beginEpoch(1);
            steps(learner, 2, 3);
            after = learner.weights();
            stateAfter = learner.optimizerState();
            steps(learner, 3, 5);
            undisturbed = learner.weights();
        }

        try (Learner resumed = restored(recipe, 1, atTheEnd, stateAtTheEnd)) {
            steps(resumed, 2, 5);
            assertThat(resumed.weights()).isEqualTo(undisturbed);
        }
        try (Learner resumed = restored(recipe, 1, after, stateAfter)) {
            steps(resumed, 3, 5);
            assertThat(resumed.weights()).isEqualTo(undisturbed);
        }
    }

    /** Its corrections count the updates of all parameters together. */
    @Test
    void adamBeginsAnewWithTheBackbone() {
        Recipe recipe = thawing("\"kind\": \"adamw\"");
        List<Tensor> weights;
        List<Tensor> thawed;
        try (Learner learner = Given.learner(recipe)) {
            steps(learner, 0, 2);
            weights = learner.weights();
            learner.beginEpoch(1);
            steps(learner, 2, 4);
            thawed = learner.weights();
        }
        Recipe plain = recipe("\"kind\": \"adamw\"", "null");
        try (Learner anew = Learner.create(
                Given.NETWORK, Given.NORMALIZATION, Given.SIDE, Given.SIDE, plain, Given.compute(plain), weights)) {
            steps(anew, 2, 4);
            assertThat(anew.weights()).isEqualTo(thawed);
        }
    }

    @Test
    void aStateThatLacksMoreThanWhatWasFrozenIsRefused() {
        Recipe recipe = thawing(SGD);
        try (Learner learner = Given.learner(recipe)) {
            List<Tensor> weights = learner.weights();

            assertThatThrownBy(() -> restored(recipe, 1, weights, List.of()))
                    .hasMessage("the optimizer state lacks \"momentum.fc.weight\"");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[\"layer5.*\"] | no parameter is meant by the pattern \"layer5.*\"; the first names are [conv1.weight",
                "[\"backbone\", \"head\"] | all parameters are frozen, there is nothing to train"
            })
    void whatFreezesNothingOrEverythingIsRefused(String what, String reason) {
        assertThatThrownBy(() -> Given.learner(recipe(SGD, "{\"what\": " + what + "}")))
                .isInstanceOf(RefusedRequestException.class)
                .hasMessageStartingWith("recipe.freeze: " + reason);
    }
}
