// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Optimizer;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.contracts.event.ResidualLayout;
import io.millrace.contracts.event.ResidualLayout.Block;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Schedule;
import io.millrace.contracts.event.Start;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        RunOrder order = RunOrder.read(body);
        return RunRules.spec("id", Instant.EPOCH, order, RunRules.check(order), data, encoding);
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
    void aRunStartsFromWeightsWhereTheyAreAskedFor() {
        String digest = "ab".repeat(32);

        assertThat(spec("{}", MNIST, Encoding.UINT8).start()).isNull();
        assertThat(spec("{\"weights\":\"imagenet\"}", MNIST, Encoding.UINT8).start())
                .isEqualTo(new Start("imagenet", null));
        assertThat(spec(
                                "{\"weights\":\"https://example.org/a.safetensors\",\"sha256\":\"" + digest + "\"}",
                                MNIST,
                                Encoding.UINT8)
                        .start())
                .isEqualTo(new Start("https://example.org/a.safetensors", digest));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"weights\":\"a.pth\"} | weights is \"a.pth\"; it must be safetensors; a pickle may hold programs",
                "{\"weights\":\"https://example.org/a.safetensors\"} | sha256 is missing",
                "{\"sha256\":\"ab\"} | sha256 is \"ab\"; it must be left out without weights",
                "{\"weights\":\"imagenet\",\"network\":\"resnet9\"} | not for resnet9",
                "{\"weights\":\"imagenet\",\"stem\":\"cifar\"} | or the stem imagenet"
            })
    void refusesWeightsBeforeThereIsData(String body, String message) {
        assertThatExceptionOfType(RefusedFieldException.class)
                .isThrownBy(() -> RunRules.check(RunOrder.read(body)))
                .withMessageContaining(message);
    }

    @Test
    void everyValueCanBeReplaced() {
        RunSpec spec = spec("""
                {"runId":"id","dataset":"mnist","network":"resnet18","stem":"cifar","model":"mine","seed":-9,"shards":4,
                 "priority":7,
                 "recipe":{"name":"accurate","epochs":3,"batchSize":50,
                  "optimizer":{"momentum":0.8,"nesterov":false,"weightDecay":0},
                  "schedule":{"kind":"cosine","learningRate":0.3,"warmupFraction":0.1},"labelSmoothing":0.2,
                  "augmentation":{"shift":0},"precision":"bf16","channelsLast":false,"checkpointEverySteps":100}}""", MNIST, Encoding.UINT8);

        assertThat(spec.network().stem()).isEqualTo(Network.Stem.CIFAR);
        assertThat(spec.model()).isEqualTo("mine");
        assertThat(spec.priority()).isEqualTo(7);
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
                        new Optimizer.Sgd(0.8, false, 0),
                        new Schedule.Cosine(0.3, 0.1, 0.0),
                        0.2,
                        Augmentation.NONE,
                        Precision.BF16,
                        false,
                        100));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4 | {\"everySteps\":118} | 0 | recipe.sync.everySteps is 118; it must be at most 117: an epoch has so many"
                        + " steps, and a round ends with it",
                "4 | {\"everySteps\":8} | 12 | recipe.checkpointEverySteps is 12; it must be a multiple of"
                        + " recipe.sync.everySteps, 8: a checkpoint is where a round ends",
                "4 | {\"everySteps\":0} | 0 | recipe.sync.everySteps is 0; it must be a whole number from 1",
                "4 | {\"outer\":{\"momentum\":1}} | 0 | recipe.sync.outer.momentum is 1.0; it must be a number from 0 to less than 1",
                "4 | {\"every\":8} | 0 | recipe.sync.every is 8; it must be left out, there is no such field",
                "65 | {} | 0 | shards is 65; it must be a whole number from 1 to 64"
            })
    void roundsThatDoNotFitAreRefused(int shards, String sync, int checkpoint, String message) {
        String body = "{\"shards\":%d,\"recipe\":{\"sync\":%s,\"checkpointEverySteps\":%d}}"
                .formatted(shards, sync, checkpoint);

        assertThatExceptionOfType(RefusedFieldException.class)
                .isThrownBy(() -> spec(body, MNIST, Encoding.UINT8))
                .withMessageContaining(message);
    }

    @Test
    void aBatchThatIsTooLargeForMemoryIsRefusedWithWhatFits() {
        String body = "{\"recipe\":{\"batchSize\":500000}}";
        Dataset many = new Dataset(
                "many",
                "d",
                999_999_999,
                1,
                3,
                200,
                200,
                List.of("a", "b"),
                new Normalization(List.of(1f, 1f, 1f), List.of(0f, 0f, 0f)));

        assertThat(spec("{\"recipe\":{\"batchSize\":10000}}", MNIST, Encoding.UINT8)
                        .batchesPerEpoch())
                .isEqualTo(6);
        assertThatExceptionOfType(RefusedFieldException.class)
                .isThrownBy(() -> spec(body, many, Encoding.UINT8))
                .withMessageContaining("recipe.batchSize is 500000; it must be at most ")
                .withMessageContaining("images of 120000 bytes have room in the service's memory");
    }

    @Test
    void anImageThatIsLargerThanARecordIsRefusedWithTheNumbers() {
        Dataset large = new Dataset(
                "mnist",
                "d",
                100,
                1,
                3,
                300,
                300,
                List.of("a", "b"),
                new Normalization(List.of(1f, 1f, 1f), List.of(0f, 0f, 0f)));
        String body = "{\"recipe\":{\"batchSize\":2}}";

        assertThat(spec(body, large, Encoding.UINT8).batchesPerEpoch()).isEqualTo(50);
        assertThatExceptionOfType(RefusedFieldException.class)
                .isThrownBy(() -> spec(body, large, Encoding.FLOAT32))
                .withMessageContaining("dataset is \"mnist\"; it must be one of smaller images: 3x300x300 as float32"
                        + " are 1080000 bytes, a record has at most 1000000");
    }

    @Test
    void aDrawnSetMustFitIntoMemoryAndTheRefusalSaysWhatFits() {
        RunRules.fits(new RunOrder.StrokesSize(900, 100), 1000);

        assertThatExceptionOfType(RefusedFieldException.class)
                .isThrownBy(() -> RunRules.fits(new RunOrder.StrokesSize(901, 100), 1000))
                .withMessageContaining("strokes.trainSamples is 901; it must be at most 900 beside 100 test samples");
        assertThatExceptionOfType(RefusedFieldException.class)
                .isThrownBy(() -> RunRules.fits(new RunOrder.StrokesSize(1, 1000), 1000))
                .withMessageContaining("strokes.testSamples is 1000; it must be less than 1000");
    }

    @Test
    void batchesOfOneImageAreRefused() {
        assertThatExceptionOfType(RefusedFieldException.class)
                .isThrownBy(() -> spec("{\"recipe\":{\"batchSize\":1}}", MNIST, Encoding.UINT8))
                .withMessageContaining("recipe.batchSize is 1; it must be a whole number from 2 to ");
    }

    @Test
    void moreShardsThanSamplesAreRefused() {
        Dataset tiny = new Dataset(
                "mnist", "d", 10, 1, 1, 28, 28, List.of("0", "1"), new Normalization(List.of(1f), List.of(0f)));

        assertThatExceptionOfType(RefusedFieldException.class)
                .isThrownBy(() -> spec("{\"shards\":11,\"recipe\":{\"batchSize\":2}}", tiny, Encoding.UINT8))
                .withMessageContaining("shards is 11; it must be a whole number from 1 to 10");
    }

    @Test
    void anEpochIsWhatTheValidationSplitLeaves() {
        Dataset divided = MNIST.with(new Dataset.Validation(0.1, "v", MNIST.trainSamples() / 10));
        int left = MNIST.trainSamples() - MNIST.trainSamples() / 10;

        assertThat(spec("{\"recipe\":{\"batchSize\":100}}", divided, Encoding.UINT8)
                        .batchesPerEpoch())
                .isEqualTo(left / 100);
        assertThatExceptionOfType(RefusedFieldException.class)
                .isThrownBy(() -> spec("{\"recipe\":{\"batchSize\":" + (left + 1) + "}}", divided, Encoding.UINT8))
                .withMessageContaining("recipe.batchSize is " + (left + 1) + "; it must be at most " + left)
                .withMessageContaining("has " + left + " training samples beside the validation split for 1 shard");
    }

    @Test
    void aNetworkIsANameOrWhatItIsMadeOf() {
        assertThat(spec("{\"network\":\"resnet9\"}", MNIST, Encoding.UINT8).network())
                .isEqualTo(new Network("resnet9", Network.Stem.CIFAR, 1, 2));
        assertThat(spec(
                                "{\"network\":{\"name\":\"tiny\",\"block\":\"basic\",\"depths\":[1],\"widths\":[8]},"
                                        + "\"stem\":\"cifar\"}",
                                MNIST,
                                Encoding.UINT8)
                        .network())
                .isEqualTo(new Network(
                        "tiny",
                        Network.Stem.CIFAR,
                        1,
                        2,
                        new ResidualLayout(Block.BASIC, List.of(1), List.of(8), null, null, null, null)));
    }

    @Test
    void imagesThatAreTooSmallForANetworkAreRefusedWithWhatWouldDo() {
        assertThatExceptionOfType(RefusedFieldException.class)
                .isThrownBy(() -> spec("{\"network\":\"resnet9\",\"stem\":\"imagenet\"}", MNIST, Encoding.UINT8))
                .withMessageContaining("network is \"resnet9\"; it must be one that takes images of 1x28x28")
                .withMessageContaining("at least 31 pixels")
                .withMessageContaining("with the stem cifar it takes these");
    }
}
