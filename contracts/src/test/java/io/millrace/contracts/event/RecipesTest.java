// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecipesTest {
    @Test
    void everyRecipeThatComesWithMillraceCanBeRead() {
        List<Recipe> recipes = Recipes.NAMES.stream().map(Recipes::named).toList();

        assertThat(recipes).extracting(Recipe::name).containsExactlyElementsOf(Recipes.NAMES);
        assertThat(recipes).allSatisfy(recipe -> assertThat(recipe.epochs()).isPositive());
        Recipe textbook = Recipes.named("textbook");
        assertThat(textbook.precision()).isEqualTo(Precision.FP32);
        assertThat(textbook.augmentation().shift()).isZero();
        assertThat(textbook.schedule()).isEqualTo(new Schedule.Constant(0.01, 0));
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
                .isEqualTo(new Schedule.Triangle(0.1, quick.schedule().warmupFraction()));
        assertThat(recipe)
                .usingRecursiveComparison()
                .ignoringFields("epochs", "precision", "schedule")
                .isEqualTo(quick);
    }

    @Test
    void anOptimizerOfAnotherKindBeginsWithTorchsDefaults() throws JsonProcessingException {
        assertThat(recipe("{\"optimizer\": {\"kind\": \"adam\"}, \"schedule\": {\"learningRate\": 0.001}}")
                        .optimizer())
                .isEqualTo(new Optimizer.Adam(0.9, 0.999, 1e-8, 0.0, true));
        Recipe recipe = recipe(
                "{\"optimizer\": {\"kind\": \"adamw\", \"beta2\": 0.98}, \"schedule\": {\"learningRate\": 0.001}}");
        assertThat(recipe.optimizer()).isEqualTo(new Optimizer.AdamW(0.9, 0.98, 1e-8, 0.01, true));
        assertThat(recipe.schedule()).isEqualTo(new Schedule.Triangle(0.001, 0.25));
        assertThat(recipe("{\"optimizer\": {\"kind\": \"sgd\", \"momentum\": 0.8}}")
                        .optimizer())
                .isEqualTo(new Optimizer.Sgd(0.8, true, 5e-4));
    }

    @ParameterizedTest
    @ValueSource(strings = {"adam", "adamw"})
    void theRateOfOneOptimizerIsNotTakenForAnother(String kind) {
        assertThatThrownBy(() -> recipe("{\"name\": \"textbook\", \"optimizer\": {\"kind\": \"" + kind + "\"}}"))
                .hasMessage(
                        "recipe.schedule.learningRate is missing; it must be given with another optimizer, 0.01 is for"
                                + " that of textbook; 0.001 is usual for " + kind);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "constant | warmupFraction | 0.25",
                "cosine | minimum | 0.01",
                "step | everySteps | 30",
                "multi-step | atEpochs | [1, 2]",
                "exponential | factor | 0.9",
                "plateau | patience | 2"
            })
    void aScheduleOfAnotherKindKeepsWhatItHasInCommon(String kind, String member, String value)
            throws JsonProcessingException {
        Schedule schedule = recipe(
                        "{\"schedule\": {\"kind\": \"" + kind + "\"" + ", \"" + member + "\": " + value + "}}")
                .schedule();

        assertThat(schedule.learningRate()).isEqualTo(0.05);
        assertThat(schedule.warmupFraction()).isEqualTo(0.25);
    }

    @Test
    void whatIsNotSaidIsAsTorchHasIt() throws JsonProcessingException {
        assertThat(recipe("{\"schedule\": {\"kind\": \"one-cycle\", \"learningRate\": 0.1}}")
                        .schedule())
                .isEqualTo(new Schedule.OneCycle(0.1, 0.3, Schedule.Anneal.COS, 25.0, 1e4, false));
        assertThat(recipe("{\"schedule\": {\"kind\": \"linear\"}}").schedule())
                .isEqualTo(new Schedule.Linear(0.05, 1.0 / 3, 1.0, 5));
        assertThat(recipe("{\"schedule\": {\"kind\": \"plateau\", \"warmupFraction\": 0}}")
                        .schedule())
                .isEqualTo(new Schedule.Plateau(0.05, 0, 0.1, 10, 1e-4, Schedule.ThresholdMode.REL, 0, 0.0, 1e-8));
        assertThat(recipe("{\"schedule\": {\"kind\": \"step\", \"everyEpochs\": 2}}")
                        .schedule())
                .isEqualTo(new Schedule.Step(0.05, 0.25, null, 2, 0.1));
        assertThat(recipe("{\"averaging\": {}}").averaging()).isEqualTo(new Recipe.Averaging(0.999));
        assertThat(recipe("{\"groups\": [{\"pattern\": \"head\"}]}").groups())
                .containsExactly(new Recipe.Group("head", 1.0, null, false));
    }

    @Test
    void anAugmentationThatIsNamedAloneIsAsTorchvisionHasIt() throws JsonProcessingException {
        Augmentation augmentation = recipe("{\"augmentation\": {\"randomResizedCrop\": {}, \"randomAffine\": {},"
                        + " \"randomCrop\": {\"padding\": 4}, \"randomHorizontalFlip\": {}, \"colorJitter\": {},"
                        + " \"randomErasing\": {}, \"mixUp\": {}, \"cutMix\": {}}}")
                .augmentation();

        assertThat(augmentation)
                .isEqualTo(new Augmentation(
                        0,
                        new Augmentation.RandomResizedCrop(List.of(0.08, 1.0), List.of(0.75, 4.0 / 3)),
                        new Augmentation.RandomAffine(0.0, null, null, 0.0, Augmentation.Interpolation.NEAREST, 0),
                        new Augmentation.RandomCrop(4, 0, Augmentation.PaddingMode.CONSTANT),
                        new Augmentation.RandomHorizontalFlip(0.5),
                        new Augmentation.ColorJitter(0.0, 0.0, 0.0),
                        new Augmentation.RandomErasing(0.5, List.of(0.02, 0.33), List.of(0.3, 3.3), 0.0),
                        new Augmentation.MixUp(1.0),
                        new Augmentation.CutMix(1.0)));
        assertThat(recipe("{\"augmentation\": {\"randomHorizontalFlip\": null}}")
                        .augmentation())
                .isEqualTo(Augmentation.NONE);
    }

    @Test
    void someIsKeptForValidationWhereItIsNeeded() throws JsonProcessingException {
        assertThat(recipe("{}").validation()).isZero();
        assertThat(recipe("{\"validation\": 0.2}").validation()).isEqualTo(0.2);
        Recipe stopping = recipe("{\"earlyStopping\": {}}");
        assertThat(stopping.earlyStopping())
                .isEqualTo(new Recipe.EarlyStopping(Recipe.EarlyStopping.Metric.LOSS, 3, 0.0));
        assertThat(stopping.validation()).isEqualTo(0.1);
        assertThat(recipe("{\"schedule\": {\"kind\": \"plateau\"}}").validation())
                .isEqualTo(0.1);
        assertThat(recipe("{\"schedule\": {\"kind\": \"plateau\"}, \"validation\": 0.3}")
                        .validation())
                .isEqualTo(0.3);
    }

    @Test
    void aRateRisesForAPartOfTheStepsAndAtLeastOneIsLeft() {
        assertThat(new Schedule.Triangle(1, 0.25).warmupSteps(400)).isEqualTo(100);
        assertThat(new Schedule.Constant(1, 0.9).warmupSteps(1)).isZero();
        assertThat(new Schedule.OneCycle(1, null, null, null, null, null).warmupSteps(400))
                .isEqualTo(120);
        assertThat(new Schedule.Linear(1, 0.1, 1.0, 50).warmupSteps(400)).isEqualTo(50);
        assertThat(new Schedule.Linear(1, 0.1, 1.0, 50).warmupSteps(20)).isEqualTo(19);
        assertThat(new Schedule.Linear(1, 1.0, 0.1, 50).warmupSteps(400)).isZero();
    }

    @Test
    void anotherDistanceBetweenCheckpointsIsAllThatDiffers() throws JsonProcessingException {
        Recipe recipe = recipe("{\"accumulate\": 2, \"clipNorm\": 1, \"averaging\": {}, \"epochs\": 2,"
                + " \"groups\": [{\"pattern\": \"head\"}], \"validation\": 0.2, \"earlyStopping\": {},"
                + " \"freeze\": {\"what\": [\"backbone\"], \"untilEpoch\": 1}}");

        assertThat(recipe.withCheckpointEverySteps(7))
                .isEqualTo(recipe("{\"accumulate\": 2, \"clipNorm\": 1, \"averaging\": {}, \"epochs\": 2,"
                        + " \"groups\": [{\"pattern\": \"head\"}], \"validation\": 0.2, \"earlyStopping\": {},"
                        + " \"freeze\": {\"what\": [\"backbone\"], \"untilEpoch\": 1}, \"checkpointEverySteps\": 7}"));
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
                "{\"epoch\": 2, \"epochs\": 2}  | recipe.epoch | 2 | left out, there is no such field; there are accumulate, augmentation,",
                "{\"schedule\": {\"rate\": 1}}  | recipe.schedule.rate | 1 | left out, there is no such field of the kind triangle; there are kind, learningRate, warmupFraction",
                "{\"schedule\": {\"kind\": \"cosine\", \"minimun\": 1}} | recipe.schedule.minimun | 1 | left out, there is no such field of the kind cosine; there are kind, learningRate, minimum, warmupFraction; the nearest is minimum",
                "{\"schedule\": {\"kind\": \"one-cycle\", \"warmupFraction\": 0.1}} | recipe.schedule.warmupFraction | 0.1 | left out: one-cycle is torch's OneCycleLR, which has pctStart;",
                "{\"optimizer\": {\"beta1\": 1}} | recipe.optimizer.beta1 | 1 | left out, there is no such field of the kind sgd; there are decayNormAndBias, kind, momentum,",
                "{\"schedule\": 0.1}            | recipe.schedule | 0.1 | an object",
                "{\"schedule\": {\"kind\": \"onecycle\"}} | recipe.schedule.kind | \"onecycle\" | one of constant, step, multi-step, exponential, cosine, one-cycle, triangle, linear, plateau; the nearest is one-cycle",
                "{\"schedule\": {\"kind\": 1}}  | recipe.schedule.kind | 1 | one of constant, step,",
                "{\"optimizer\": 0.1}           | recipe.optimizer | 0.1 | an object",
                "{\"optimizer\": {\"kind\": \"rmsprop\"}} | recipe.optimizer.kind | \"rmsprop\" | one of sgd, adam, adamw",
                "{\"optimizer\": {\"kind\": \"adamx\"}} | recipe.optimizer.kind | \"adamx\" | one of sgd, adam, adamw; the nearest is adam",
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
                "{\"sampling\": \"weighted\"}      | recipe.sampling | \"weighted\" | one of balanced",
                "{\"augmentation\": {\"shift\": -1}}      | recipe.augmentation.shift | -1 | a whole number from 0 to 999999999",
                "{\"augmentation\": {\"flip\": {}}} | recipe.augmentation.flip | {} | left out, there is no such field; there are colorJitter, cutMix, mixUp, randomAffine, randomCrop,",
                "{\"augmentation\": {\"shift\": 1, \"randomCrop\": {\"padding\": 2}}} | recipe.augmentation.shift | 1 | 0 beside randomCrop",
                "{\"augmentation\": {\"randomCrop\": {}}} | recipe.augmentation.randomCrop.padding | null | given",
                "{\"augmentation\": {\"randomCrop\": {\"padding\": 0}}} | recipe.augmentation.randomCrop.padding | 0 | a whole number from 1",
                "{\"augmentation\": {\"randomCrop\": {\"padding\": 1, \"fill\": 256}}} | recipe.augmentation.randomCrop.fill | 256 | a whole number from 0 to 255",
                "{\"augmentation\": {\"randomCrop\": {\"padding\": 1, \"paddingMode\": \"wrap\"}}} | recipe.augmentation.randomCrop.paddingMode | \"wrap\" | one of constant, edge, reflect, symmetric",
                "{\"augmentation\": {\"randomHorizontalFlip\": {\"p\": 1.5}}} | recipe.augmentation.randomHorizontalFlip.p | 1.5 | a number from 0 to 1",
                "{\"augmentation\": {\"randomHorizontalFlip\": true}} | recipe.augmentation.randomHorizontalFlip | true | an object",
                "{\"augmentation\": {\"randomResizedCrop\": {\"scale\": 0.5}}} | recipe.augmentation.randomResizedCrop.scale | 0.5 | a list of numbers",
                "{\"augmentation\": {\"randomResizedCrop\": {\"scale\": [0, 1]}}} | recipe.augmentation.randomResizedCrop.scale | [0.0, 1.0] | a list of two numbers above 0 and at most 1, the least and the largest",
                "{\"augmentation\": {\"randomResizedCrop\": {\"scale\": [0.5]}}} | recipe.augmentation.randomResizedCrop.scale | [0.5] | a list of two numbers",
                "{\"augmentation\": {\"randomResizedCrop\": {\"scale\": [null, 1]}}} | recipe.augmentation.randomResizedCrop.scale | [null, 1.0] | a list of two numbers",
                "{\"augmentation\": {\"randomResizedCrop\": {\"ratio\": [2, 1]}}} | recipe.augmentation.randomResizedCrop.ratio | [2.0, 1.0] | a list of two numbers from 0.01 to 100",
                "{\"augmentation\": {\"randomAffine\": {\"degrees\": -5}}} | recipe.augmentation.randomAffine.degrees | -5.0 | a number from 0 to 180",
                "{\"augmentation\": {\"randomAffine\": {\"shear\": 90}}} | recipe.augmentation.randomAffine.shear | 90.0 | a number from 0 to less than 90",
                "{\"augmentation\": {\"randomAffine\": {\"translate\": [0.1, 2]}}} | recipe.augmentation.randomAffine.translate | [0.1, 2.0] | a list of two numbers from 0 to 1",
                "{\"augmentation\": {\"randomAffine\": {\"scale\": [0, 1]}}} | recipe.augmentation.randomAffine.scale | [0.0, 1.0] | a list of two numbers from 0.01 to 100",
                "{\"augmentation\": {\"randomAffine\": {\"interpolation\": \"cubic\"}}} | recipe.augmentation.randomAffine.interpolation | \"cubic\" | one of nearest, bilinear",
                "{\"augmentation\": {\"randomAffine\": {\"fill\": -1}}} | recipe.augmentation.randomAffine.fill | -1 | a whole number from 0 to 255",
                "{\"augmentation\": {\"colorJitter\": {\"brightness\": -1}}} | recipe.augmentation.colorJitter.brightness | -1.0 | a number from 0 on",
                "{\"augmentation\": {\"colorJitter\": {\"contrast\": -1}}} | recipe.augmentation.colorJitter.contrast | -1.0 | a number from 0 on",
                "{\"augmentation\": {\"colorJitter\": {\"saturation\": -1}}} | recipe.augmentation.colorJitter.saturation | -1.0 | a number from 0 on",
                "{\"augmentation\": {\"colorJitter\": {\"hue\": 0.1}}} | recipe.augmentation.colorJitter.hue | 0.1 | left out, there is no such field; there are brightness, contrast, saturation",
                "{\"augmentation\": {\"randomErasing\": {\"p\": -1}}} | recipe.augmentation.randomErasing.p | -1.0 | a number from 0 to 1",
                "{\"augmentation\": {\"randomErasing\": {\"scale\": [0.1, 1.1]}}} | recipe.augmentation.randomErasing.scale | [0.1, 1.1] | a list of two numbers above 0",
                "{\"augmentation\": {\"randomErasing\": {\"ratio\": [0, 1]}}} | recipe.augmentation.randomErasing.ratio | [0.0, 1.0] | a list of two numbers from 0.01",
                "{\"augmentation\": {\"mixUp\": {\"alpha\": 0}}} | recipe.augmentation.mixUp.alpha | 0.0 | a number from 0.05 to 100",
                "{\"augmentation\": {\"cutMix\": {\"alpha\": 101}}} | recipe.augmentation.cutMix.alpha | 101.0 | a number from 0.05 to 100",
                "{\"augmentation\": {\"mixup\": {}}} | recipe.augmentation.mixup | {} | left out, there is no such field; there are colorJitter,",
                "{\"classWeights\": \"inverse\"} | recipe.classWeights | \"inverse\" | one of balanced",
                "{\"classWeights\": [1, 2]} | recipe.classWeights | [1,2] | one of balanced",
                "{\"classWeights\": \"balanced\", \"sampling\": \"balanced\"} | recipe.classWeights | balanced | left out beside sampling balanced",
                "{\"augmentation\": {\"randomErasing\": {\"value\": 1e999}}} | recipe.augmentation.randomErasing.value | Infinity | a number",
                "{\"optimizer\": {\"momentum\": 0}}       | recipe.optimizer.nesterov | true | false without momentum",
                "{\"optimizer\": {\"momentum\": 1}}       | recipe.optimizer.momentum | 1.0 | a number from 0 to less than 1",
                "{\"optimizer\": {\"weightDecay\": -1}}   | recipe.optimizer.weightDecay | -1.0 | a number from 0 to less than 1",
                "{\"optimizer\": {\"decayNormAndBias\": 1}} | recipe.optimizer.decayNormAndBias | 1 | true or false",
                "{\"optimizer\": {\"kind\": \"adam\", \"beta1\": 1}, \"schedule\": {\"learningRate\": 1}} | recipe.optimizer.beta1 | 1.0 | a number from 0",
                "{\"optimizer\": {\"kind\": \"adamw\", \"beta2\": \"x\"}, \"schedule\": {\"learningRate\": 1}} | recipe.optimizer.beta2 | \"x\" | a number",
                "{\"optimizer\": {\"kind\": \"adam\", \"beta2\": -1}, \"schedule\": {\"learningRate\": 1}} | recipe.optimizer.beta2 | -1.0 | a number from 0",
                "{\"optimizer\": {\"kind\": \"adam\", \"epsilon\": 0}, \"schedule\": {\"learningRate\": 1}} | recipe.optimizer.epsilon | 0.0 | a number above 0",
                "{\"optimizer\": {\"kind\": \"adam\", \"weightDecay\": 1}, \"schedule\": {\"learningRate\": 1}} | recipe.optimizer.weightDecay | 1.0 | a number from 0",
                "{\"optimizer\": {\"kind\": \"adamw\", \"weightDecay\": 1}, \"schedule\": {\"learningRate\": 1}} | recipe.optimizer.weightDecay | 1.0 | a number from 0",
                "{\"schedule\": {\"kind\": \"step\", \"everySteps\": 0}} | recipe.schedule.everySteps | 0 | a whole number from 1",
                "{\"schedule\": {\"kind\": \"step\", \"everyEpochs\": 0}} | recipe.schedule.everyEpochs | 0 | a whole number from 1",
                "{\"schedule\": {\"kind\": \"step\", \"everySteps\": 1, \"everyEpochs\": 1}} | recipe.schedule.everyEpochs | 1 | left out beside everySteps",
                "{\"schedule\": {\"kind\": \"step\", \"everySteps\": 1.5}} | recipe.schedule.everySteps | 1.5 | a whole number",
                "{\"schedule\": {\"kind\": \"step\", \"everySteps\": 1, \"factor\": 0}} | recipe.schedule.factor | 0.0 | a number above 0",
                "{\"schedule\": {\"kind\": \"multi-step\", \"atEpochs\": []}} | recipe.schedule.atEpochs | [] | a list of whole numbers from 1 on",
                "{\"schedule\": {\"kind\": \"multi-step\", \"atEpochs\": [2, 2]}} | recipe.schedule.atEpochs | [2, 2] | a list of whole numbers from 1 on",
                "{\"schedule\": {\"kind\": \"multi-step\", \"atEpochs\": [0]}} | recipe.schedule.atEpochs | [0] | a list of whole numbers from 1 on",
                "{\"schedule\": {\"kind\": \"multi-step\", \"atEpochs\": [null]}} | recipe.schedule.atEpochs | [null] | a list of whole numbers from 1 on",
                "{\"schedule\": {\"kind\": \"multi-step\", \"atEpochs\": 3}} | recipe.schedule.atEpochs | 3 | a list of whole numbers",
                "{\"schedule\": {\"kind\": \"multi-step\", \"atEpochs\": [1, \"x\"]}} | recipe.schedule.atEpochs.1 | \"x\" | a list of whole numbers",
                "{\"schedule\": {\"kind\": \"multi-step\", \"atEpochs\": [1], \"factor\": -1}} | recipe.schedule.factor | -1.0 | a number above 0",
                "{\"schedule\": {\"kind\": \"exponential\", \"factor\": 0}} | recipe.schedule.factor | 0.0 | a number above 0",
                "{\"schedule\": {\"kind\": \"cosine\", \"minimum\": 1}} | recipe.schedule.minimum | 1.0 | a number from 0 to the learning rate, 0.05",
                "{\"schedule\": {\"kind\": \"cosine\", \"minimum\": -1}} | recipe.schedule.minimum | -1.0 | a number from 0 to the learning rate",
                "{\"schedule\": {\"kind\": \"one-cycle\", \"pctStart\": 0}} | recipe.schedule.pctStart | 0.0 | a number above 0 and less than 1",
                "{\"schedule\": {\"kind\": \"one-cycle\", \"pctStart\": 1}} | recipe.schedule.pctStart | 1.0 | a number above 0 and less than 1",
                "{\"schedule\": {\"kind\": \"one-cycle\", \"pctStart\": 0.5, \"threePhase\": true}} | recipe.schedule.pctStart | 0.5 | a number above 0 and less than 0.5 with three phases",
                "{\"schedule\": {\"kind\": \"one-cycle\", \"divFactor\": 0}} | recipe.schedule.divFactor | 0.0 | a number above 0",
                "{\"schedule\": {\"kind\": \"one-cycle\", \"finalDivFactor\": 0}} | recipe.schedule.finalDivFactor | 0.0 | a number above 0",
                "{\"schedule\": {\"kind\": \"one-cycle\", \"anneal\": \"cosine\"}} | recipe.schedule.anneal | \"cosine\" | one of cos, linear",
                "{\"schedule\": {\"kind\": \"linear\", \"startFactor\": 0}} | recipe.schedule.startFactor | 0.0 | a number above 0, at most 1",
                "{\"schedule\": {\"kind\": \"linear\", \"startFactor\": 2}} | recipe.schedule.startFactor | 2.0 | a number above 0, at most 1",
                "{\"schedule\": {\"kind\": \"linear\", \"endFactor\": 2}} | recipe.schedule.endFactor | 2.0 | a number from 0 to 1",
                "{\"schedule\": {\"kind\": \"linear\", \"steps\": 0}} | recipe.schedule.steps | 0 | a whole number from 1",
                "{\"schedule\": {\"kind\": \"plateau\", \"factor\": 1}} | recipe.schedule.factor | 1.0 | a number above 0 and less than 1",
                "{\"schedule\": {\"kind\": \"plateau\", \"patience\": -1}} | recipe.schedule.patience | -1 | a whole number from 0",
                "{\"schedule\": {\"kind\": \"plateau\", \"threshold\": -1}} | recipe.schedule.threshold | -1.0 | a number from 0 on",
                "{\"schedule\": {\"kind\": \"plateau\", \"thresholdMode\": \"r\"}} | recipe.schedule.thresholdMode | \"r\" | one of rel, abs",
                "{\"schedule\": {\"kind\": \"plateau\", \"cooldown\": -1}} | recipe.schedule.cooldown | -1 | a whole number from 0",
                "{\"schedule\": {\"kind\": \"plateau\", \"minimum\": 1}} | recipe.schedule.minimum | 1.0 | a number from 0 to the learning rate",
                "{\"schedule\": {\"kind\": \"plateau\", \"epsilon\": -1}} | recipe.schedule.epsilon | -1.0 | a number from 0 on",
                "{\"schedule\": {\"kind\": \"plateau\"}, \"validation\": 0} | recipe.validation | 0.0 | above 0 with earlyStopping or a plateau schedule",
                "{\"earlyStopping\": {}, \"validation\": 0} | recipe.validation | 0.0 | above 0 with earlyStopping",
                "{\"validation\": 1}           | recipe.validation | 1.0 | a number from 0 to less than 1",
                "{\"earlyStopping\": {\"metric\": \"f1\"}} | recipe.earlyStopping.metric | \"f1\" | one of loss, accuracy",
                "{\"earlyStopping\": {\"patience\": 0}} | recipe.earlyStopping.patience | 0 | a whole number from 1",
                "{\"earlyStopping\": {\"minDelta\": -1}} | recipe.earlyStopping.minDelta | -1.0 | a number from 0 on",
                "{\"accumulate\": 0}           | recipe.accumulate | 0 | a whole number from 1 on by which recipe.batchSize, 128, can be divided",
                "{\"accumulate\": 3}           | recipe.accumulate | 3 | a whole number from 1 on by which recipe.batchSize, 128, can be divided",
                "{\"accumulate\": 128}         | recipe.accumulate | 128 | a whole number from 1 on by which recipe.batchSize, 128, can be divided into slices of at least 2",
                "{\"clipNorm\": 0}             | recipe.clipNorm | 0.0 | a number above 0",
                "{\"groups\": {}}              | recipe.groups | {} | a list of objects",
                "{\"groups\": [null]}          | recipe.groups | [null] | a list of objects",
                "{\"groups\": [{}]}            | recipe.groups.pattern | null | given",
                "{\"groups\": [3]}             | recipe.groups.0 | 3 | an object",
                "{\"groups\": [{\"pattern\": \"layer 4\"}]} | recipe.groups.pattern | layer 4 | \"backbone\", \"head\", or a parameter's name",
                "{\"groups\": [{\"pattern\": \"head\", \"rateFactor\": -1}]} | recipe.groups.rateFactor | -1.0 | a number from 0 on",
                "{\"groups\": [{\"pattern\": \"head\", \"rateFactor\": \"x\"}]} | recipe.groups.0.rateFactor | \"x\" | a number",
                "{\"groups\": [{\"pattern\": \"head\", \"weightDecay\": 1}]} | recipe.groups.weightDecay | 1.0 | a number from 0 to less than 1",
                "{\"groups\": [{\"pattern\": \"head\", \"rate\": 1}]} | recipe.groups.0.rate | 1 | left out, there is no such field; there are frozen, pattern, rateFactor, weightDecay",
                "{\"averaging\": {\"decay\": 1}} | recipe.averaging.decay | 1.0 | a number above 0 and less than 1",
                "{\"averaging\": {\"decay\": 0}} | recipe.averaging.decay | 0.0 | a number above 0 and less than 1",
                "{\"averaging\": 0.9}          | recipe.averaging | 0.9 | an object",
                "{\"freeze\": {}}              | recipe.freeze.what | null | given",
                "{\"freeze\": {\"what\": []}}  | recipe.freeze.what | [] | a list of at least one pattern",
                "{\"freeze\": {\"what\": \"backbone\"}} | recipe.freeze.what | \"backbone\" | a list of strings",
                "{\"freeze\": {\"what\": [\"a b\"]}} | recipe.freeze.what | a b | \"backbone\", \"head\"",
                "{\"freeze\": {\"what\": [null]}} | recipe.freeze.what | null | given",
                "{\"epochs\": 3, \"freeze\": {\"what\": [\"head\"], \"untilEpoch\": 0}} | recipe.freeze.untilEpoch | 0 | a whole number from 1",
                "{\"epochs\": 3, \"freeze\": {\"what\": [\"head\"], \"untilEpoch\": 3}} | recipe.freeze.untilEpoch | 3 | less than the 3 of recipe.epochs"
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
        assertThatThrownBy(() -> recipe("{\"schedule\": {\"kind\": null}}"))
                .hasMessageStartingWith("recipe.schedule.kind is missing; it must be one of constant, step,");
        assertThatThrownBy(() -> recipe("{\"schedule\": {\"kind\": \"step\"}}"))
                .hasMessage("recipe.schedule.everyEpochs is missing; it must be given, or everySteps");
        assertThatThrownBy(() -> recipe("{\"schedule\": {\"kind\": \"multi-step\"}}"))
                .hasMessage("recipe.schedule.atEpochs is missing; it must be given");
        assertThatThrownBy(() -> recipe("{\"schedule\": {\"kind\": \"exponential\"}}"))
                .hasMessage("recipe.schedule.factor is missing; it must be given");
    }

    private static Recipe recipe(String json) throws JsonProcessingException {
        return Recipes.of(StrictJson.tree(json));
    }
}
