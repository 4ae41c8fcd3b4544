// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipe.Group;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.network.Networks;
import io.millrace.model.network.Weight;
import io.millrace.model.optimizer.Settings;
import io.millrace.model.optimizer.Sgd;
import io.millrace.model.optimizer.UpdateRule;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parameters that are trained in a way of their own. */
class GroupsTest {
    private static final List<Weight> WEIGHTS = Networks.weights(Given.NETWORK);

    private static UpdateRule rule(boolean decayVectors, Group... groups) {
        return new UpdateRule(new Sgd(0.9, true), 5e-4, decayVectors, List.of(groups));
    }

    @Test
    void theFirstGroupThatMatchesCounts() {
        Map<String, Settings> settings = rule(
                        false,
                        new Group("fc.*", 1.0, 0.0, false),
                        new Group("layer4.*", 0.1, null, false),
                        new Group("*conv1.weight", 0.0, null, true))
                .settings(WEIGHTS);

        assertThat(settings.get("fc.weight")).isEqualTo(new Settings(1, 0, false));
        assertThat(settings.get("layer4.0.conv1.weight")).isEqualTo(new Settings(0.1, 5e-4, false));
        assertThat(settings.get("layer4.0.bn1.weight")).isEqualTo(new Settings(0.1, 0, false));
        assertThat(settings.get("layer1.0.conv1.weight")).isEqualTo(new Settings(0, 5e-4, true));
        assertThat(settings.get("layer1.0.conv2.weight")).isEqualTo(new Settings(1, 5e-4, false));
        assertThat(settings.get("bn1.bias")).isEqualTo(new Settings(1, 0, false));
        assertThat(settings).hasSize(62);
    }

    @ParameterizedTest
    @CsvSource({"resnet50, IMAGENET, fc", "resnet9, CIFAR, linear"})
    void headAndBackboneAreTheLastLinearLayerAndTheRest(String network, Network.Stem stem, String head) {
        Map<String, Settings> settings = rule(
                        true, new Group(Recipe.HEAD, 10.0, null, false), new Group(Recipe.BACKBONE, 0.5, null, false))
                .settings(Networks.weights(new Network(network, stem, 3, 10)));

        assertThat(settings).allSatisfy((name, each) -> assertThat(each.rateFactor())
                .isEqualTo(name.startsWith(head + ".") ? 10 : 0.5));
        assertThat(settings).containsKey(head + ".weight");
    }

    @Test
    void aRecipeSaysAllOfIt() {
        Map<String, Settings> settings = UpdateRule.of(Given.recipe("""
                        {"optimizer": {"weightDecay": 0.01, "decayNormAndBias": false},
                         "groups": [{"pattern": "head", "rateFactor": 10, "weightDecay": 0.2},
                                    {"pattern": "layer1.*", "frozen": true}]}
                        """)).settings(WEIGHTS);

        assertThat(settings.get("fc.bias")).isEqualTo(new Settings(10, 0.2, false));
        assertThat(settings.get("bn1.weight")).isEqualTo(new Settings(1, 0, false));
        assertThat(settings.get("conv1.weight")).isEqualTo(new Settings(1, 0.01, false));
        assertThat(settings.get("layer1.0.conv1.weight")).isEqualTo(new Settings(1, 0.01, true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[{\"pattern\": \"layer5.*\"}] | no parameter is left for the pattern \"layer5.*\"",
                "[{\"pattern\": \"head\"}, {\"pattern\": \"fc.bias\"}] | no parameter is left for the pattern \"fc.bias\"",
                "[{\"pattern\": \"head\", \"frozen\": true}, {\"pattern\": \"backbone\", \"frozen\": true}] | all parameters are frozen"
            })
    void groupsThatMakeNoSenseAreARequestThatIsRefused(String groups, String reason) {
        Recipe recipe = Given.recipe("{\"groups\": " + groups + "}");

        assertThatThrownBy(() -> Given.learner(recipe))
                .isInstanceOf(RefusedRequestException.class)
                .hasMessageStartingWith("recipe.groups: " + reason);
    }

    @Test
    void vectorsDecayUnlessToldOtherwise() {
        assertThat(rule(true).settings(WEIGHTS).get("bn1.bias").weightDecay()).isEqualTo(5e-4);
    }

    @Test
    void aGroupThatMatchesNothingIsRefused() {
        assertThatThrownBy(() ->
                        rule(true, new Group("layer5.*", 1.0, null, false)).settings(WEIGHTS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("layer5.*", "conv1.weight");
        // A dot is a dot.
        assertThatThrownBy(() ->
                        rule(true, new Group("fc_weight", 1.0, null, false)).settings(WEIGHTS))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void somethingHasToBeTrained() {
        assertThatThrownBy(() -> rule(true, new Group("*", 1.0, null, true)).settings(WEIGHTS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("frozen");
    }

    @Test
    void frozenParametersStayAndTheOthersMoveAtTheirRates() {
        Recipe recipe = Given.recipe();
        UpdateRule update = rule(true, new Group("layer*", 1.0, null, true), new Group("fc.*", 0.5, null, false));
        StepRules rules = StepRules.of(Given.NETWORK, Given.NORMALIZATION, Given.SIDE, Given.SIDE);
        try (Learner learner = Learner.created(rules, update, recipe, Given.compute(recipe), 1);
                Learner plain = Given.learner(recipe)) {
            List<Tensor> before = learner.weights();
            learner.step(List.of(Given.batch(1, 8)), 0.02);
            plain.step(List.of(Given.batch(1, 8)), 0.01);
            List<Tensor> after = learner.weights();

            for (Weight weight : WEIGHTS) {
                boolean stays = weight.trainable() && weight.name().startsWith("layer");
                assertThat(Given.named(after, weight.name()).equals(Given.named(before, weight.name())))
                        .as(weight.name())
                        .isEqualTo(stays);
            }
            assertThat(Given.named(after, "fc.weight")).isEqualTo(Given.named(plain.weights(), "fc.weight"));
            assertThat(learner.optimizerState())
                    .extracting(Tensor::name)
                    .containsExactly(
                            "momentum.conv1.weight",
                            "momentum.bn1.weight",
                            "momentum.bn1.bias",
                            "momentum.fc.weight",
                            "momentum.fc.bias");

            learner.restore(after, learner.optimizerState());
            assertThat(learner.weights()).isEqualTo(after);
        }
    }
}
