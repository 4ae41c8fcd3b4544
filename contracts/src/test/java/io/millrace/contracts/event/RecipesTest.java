// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipesTest {
    @Test
    void everyRecipeThatComesWithMillraceCanBeRead() {
        List<Recipe> recipes = Recipes.NAMES.stream().map(Recipes::named).toList();

        assertThat(recipes).extracting(Recipe::name).containsExactlyElementsOf(Recipes.NAMES);
        assertThat(recipes).allSatisfy(recipe -> assertThat(recipe.epochs()).isPositive());
        Recipe textbook = Recipes.named("textbook");
        assertThat(textbook.precision()).isEqualTo(Precision.FP32);
        assertThat(textbook.augmentation().shift()).isZero();
        assertThat(textbook.schedule()).isEqualTo(new Recipe.Schedule(Recipe.Schedule.Kind.CONSTANT, 0.01, 0));
    }

    @Test
    void anUnknownRecipeIsRefusedWithTheNamesThereAre() {
        assertThatThrownBy(() -> Recipes.named("../quick"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("../quick")
                .hasMessageContaining("quick, accurate, textbook");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"null | quick", "\"accurate\" | accurate", "{\"name\": \"textbook\"} | textbook", "{} | quick"})
    void aRecipeCanBeGivenByItsName(String wanted, String name) throws JsonProcessingException {
        assertThat(recipe(wanted)).isEqualTo(Recipes.named(name));
        assertThat(Recipes.of(null)).isEqualTo(Recipes.named("quick"));
    }

    @Test
    void whatASparseRecipeSaysDiffersAndNothingElse() throws JsonProcessingException {
        Recipe quick = Recipes.named("quick");

        Recipe recipe = recipe("{\"epochs\": 2, \"schedule\": {\"learningRate\": 0.1}, \"precision\": \"fp32\"}");

        assertThat(recipe.epochs()).isEqualTo(2);
        assertThat(recipe.precision()).isEqualTo(Precision.FP32);
        assertThat(recipe.schedule())
                .isEqualTo(new Recipe.Schedule(
                        quick.schedule().kind(), 0.1, quick.schedule().warmupFraction()));
        assertThat(recipe)
                .usingRecursiveComparison()
                .ignoringFields("epochs", "precision", "schedule")
                .isEqualTo(quick);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "3                              | recipe | 3 | a name or an object",
                "[]                             | recipe | [] | a name or an object",
                "\"slow\"                       | recipe | slow | one of quick, accurate, textbook",
                "{\"name\": \"slow\"}           | recipe | slow | one of quick, accurate, textbook",
                "{\"name\": null}               | recipe.name | null | one of quick, accurate, textbook",
                "{\"epoch\": 2}                 | recipe.epoch | 2 | left out, there is no such field; there are augmentation,",
                "{\"schedule\": {\"rate\": 1}}  | recipe.schedule.rate | 1 | left out, there is no such field; there are kind, learningRate, warmupFraction",
                "{\"schedule\": 0.1}            | recipe.schedule | 0.1 | an object",
                "{\"schedule\": {\"kind\": \"step\"}} | recipe.schedule.kind | \"step\" | one of constant, cosine, one-cycle",
                "{\"schedule\": {\"kind\": 1}}  | recipe.schedule.kind | 1 | one of constant, cosine, one-cycle",
                "{\"precision\": \"fp16\"}      | recipe.precision | \"fp16\" | one of auto, fp32, bf16",
                "{\"epochs\": \"2\"}            | recipe.epochs | \"2\" | a whole number",
                "{\"epochs\": 1.5}              | recipe.epochs | 1.5 | a whole number",
                "{\"epochs\": 99999999999}      | recipe.epochs | 99999999999 | a whole number, not too large",
                "{\"epochs\": null}             | recipe.epochs | null | a whole number",
                "{\"labelSmoothing\": null}     | recipe.labelSmoothing | null | a number",
                "{\"channelsLast\": null}       | recipe.channelsLast | null | true or false",
                "{\"channelsLast\": 1}          | recipe.channelsLast | 1 | true or false",
                "{\"optimizer\": {\"momentum\": null}} | recipe.optimizer.momentum | null | a number",
                "{\"epochs\": 0}                | recipe.epochs | 0 | a whole number from 1 to 999999999",
                "{\"batchSize\": 1}             | recipe.batchSize | 1 | a whole number from 2 to 999999999",
                "{\"labelSmoothing\": 1}        | recipe.labelSmoothing | 1.0 | a number from 0 to less than 1",
                "{\"labelSmoothing\": -0.1}     | recipe.labelSmoothing | -0.1 | a number from 0 to less than 1",
                "{\"checkpointEverySteps\": -1} | recipe.checkpointEverySteps | -1 | a whole number from 0 to 999999999",
                "{\"schedule\": {\"learningRate\": 0}}    | recipe.schedule.learningRate | 0.0 | a number above 0",
                "{\"schedule\": {\"learningRate\": 1e999}} | recipe.schedule.learningRate | Infinity | a number above 0",
                "{\"schedule\": {\"warmupFraction\": 1}}  | recipe.schedule.warmupFraction | 1.0 | a number from 0 to less than 1",
                "{\"augmentation\": {\"shift\": -1}}      | recipe.augmentation.shift | -1 | a whole number from 0 to 999999999",
                "{\"optimizer\": {\"momentum\": 0}}       | recipe.optimizer.nesterov | true | false without momentum",
                "{\"optimizer\": {\"momentum\": 1}}       | recipe.optimizer.momentum | 1.0 | a number from 0 to less than 1"
            })
    void whatWillNotDoIsRefusedWithItsFieldItsValueAndTheRemedy(
            String wanted, String field, String value, String remedy) {
        assertThatThrownBy(() -> recipe(wanted)).isInstanceOfSatisfying(RefusedFieldException.class, refused -> {
            assertThat(refused.field()).isEqualTo(field);
            assertThat(String.valueOf(refused.value())).isEqualTo(value);
            assertThat(refused.remedy()).startsWith(remedy);
        });
    }

    /** A field that came later may be missing, but what is written must be meant. */
    @Test
    void aFieldThatIsMissingIsSaidSo() throws JsonProcessingException {
        assertThatThrownBy(() -> recipe("{\"schedule\": null}"))
                .hasMessage("recipe.schedule is missing; it must be given");
    }

    private static Recipe recipe(String json) throws JsonProcessingException {
        return Recipes.of(StrictJson.tree(json));
    }
}
