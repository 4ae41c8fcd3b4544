// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RunSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunRulesTest {
    private static final Dataset MNIST = new Dataset(
            "mnist",
            "digest",
            60_000,
            10_000,
            1,
            28,
            28,
            List.of("0", "1"),
            new Normalization(List.of(1f), List.of(0f)));

    private static RunSpec spec(String body, Dataset data, Encoding encoding) {
        RunOrder order = RunOrderReader.read(body.getBytes(UTF_8));
        return RunRules.spec("id", order, RunRules.check(order), data, encoding);
    }

    @Test
    void anEmptyOrderIsTheQuickRecipeOnMnist() {
        RunSpec spec = spec("{}", MNIST, Encoding.UINT8);

        assertThat(spec.recipe()).isEqualTo(Recipes.named("quick"));
        assertThat(spec.network()).isEqualTo(new Network("resnet18", Network.Stem.IMAGENET, 1, 2));
        assertThat(spec.model()).isEqualTo("mnist");
        assertThat(spec.shards()).isEqualTo(1);
        assertThat(spec.seed()).isEqualTo(1);
        assertThat(spec.batchesPerEpoch()).isEqualTo(468);
    }

    @Test
    void everyValueCanBeReplaced() {
        RunSpec spec = spec("""
                {"recipe":"accurate","dataset":"mnist","network":"resnet18","stem":"cifar","model":"mine","seed":-9,
                 "shards":4,"epochs":3,"batchSize":50,"momentum":0.8,"nesterov":false,"weightDecay":0,
                 "schedule":"cosine","learningRate":0.3,"warmupFraction":0.1,"labelSmoothing":0.2,"shift":0,
                 "precision":"bf16","channelsLast":false,"checkpointEverySteps":100}""", MNIST, Encoding.UINT8);

        assertThat(spec.network().stem()).isEqualTo(Network.Stem.CIFAR);
        assertThat(spec.model()).isEqualTo("mine");
        assertThat(spec.seed()).isEqualTo(-9);
        assertThat(spec.shards()).isEqualTo(4);
        assertThat(spec.batchesPerEpoch()).isEqualTo(300);
        assertThat(spec.steps()).isEqualTo(900);
        assertThat(spec.recipe())
                .isEqualTo(new Recipe(
                        "accurate",
                        Recipes.named("accurate").description(),
                        3,
                        50,
                        new Recipe.Optimizer(0.8, false, 0),
                        new Recipe.Schedule(Recipe.Schedule.Kind.COSINE, 0.3, 0.1),
                        0.2,
                        new Recipe.Augmentation(0),
                        Precision.BF16,
                        false,
                        100));
    }

    @Test
    void aBatchThatFitsIntoARecordAsBytesMayNotAsFloats() {
        String body = "{\"batchSize\":10000}";

        assertThat(spec(body, MNIST, Encoding.UINT8).batchesPerEpoch()).isEqualTo(6);
        assertThatExceptionOfType(RunRefusedException.class)
                .isThrownBy(() -> spec(body, MNIST, Encoding.FLOAT32))
                .withMessageContaining(
                        "batchSize is 10000; it must be at most 5315: a batch has to fit into one record");
    }

    @Test
    void aDrawnSetMustFitIntoMemoryAndTheRefusalSaysWhatFits() {
        RunRules.fits(new RunOrder.StrokesSize(900, 100), 1000);

        assertThatExceptionOfType(RunRefusedException.class)
                .isThrownBy(() -> RunRules.fits(new RunOrder.StrokesSize(901, 100), 1000))
                .withMessageContaining("strokes.trainSamples is 901; it must be at most 900 beside 100 test samples");
        assertThatExceptionOfType(RunRefusedException.class)
                .isThrownBy(() -> RunRules.fits(new RunOrder.StrokesSize(1, 1000), 1000))
                .withMessageContaining("strokes.testSamples is 1000; it must be less than 1000");
    }

    @Test
    void batchesOfOneImageAreRefused() {
        assertThatExceptionOfType(RunRefusedException.class)
                .isThrownBy(() -> spec("{\"batchSize\":1}", MNIST, Encoding.UINT8))
                .withMessageContaining("batchSize is 1; it must be a whole number from 2 to ");
    }

    @Test
    void moreShardsThanSamplesAreRefused() {
        Dataset tiny =
                new Dataset("mnist", "d", 10, 1, 1, 28, 28, List.of("0"), new Normalization(List.of(1f), List.of(0f)));

        assertThatExceptionOfType(RunRefusedException.class)
                .isThrownBy(() -> spec("{\"shards\":11,\"batchSize\":2}", tiny, Encoding.UINT8))
                .withMessageContaining("shards is 11; it must be a whole number from 1 to 10");
    }
}
