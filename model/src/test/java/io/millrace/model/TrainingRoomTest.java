// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A run that does not fit into memory is refused before it begins. */
class TrainingRoomTest {
    private static final long GIBIBYTE = 1L << 30;

    private static RunSpec run(String network, int side, String recipe) {
        return run(network, side, recipe, 1);
    }

    private static RunSpec run(String network, int side, String recipe, int shards) {
        Normalization normalization =
                Normalization.ofMeanStd(Collections.nCopies(3, 0.5), Collections.nCopies(3, 0.25));
        return new RunSpec(
                "large",
                Instant.EPOCH,
                "large",
                new Dataset(
                        "large",
                        "ab",
                        1 << 20,
                        100,
                        3,
                        side,
                        side,
                        Collections.nCopies(1000, "a class"),
                        normalization),
                new Network(network, Network.Stem.IMAGENET, 3, 1000),
                Given.recipe(recipe),
                shards,
                1,
                10,
                Encoding.UINT8,
                0);
    }

    private static void assertRefused(RunSpec run, Optional<Long> limit, String... said) {
        assertThatThrownBy(() -> TrainingRoom.require(run, Precision.FP32, limit))
                .isInstanceOf(RefusedRequestException.class)
                .hasMessageContainingAll(said);
    }

    @Test
    void aResnet152OfALargeBatchIsRefusedWithTheNumbers() {
        RunSpec run = run("resnet152", 224, "{\"batchSize\": 8192}");

        assertRefused(
                run,
                Optional.empty(),
                "to train resnet152 with 8192 images of 3x224x224 at once takes about",
                "activations",
                "MiB are there; order batches of at most",
                "millrace.trainer.memory-limit");
        assertThatCode(() -> TrainingRoom.require(run, Precision.FP32, Optional.of(Long.MAX_VALUE)))
                .as("who knows better says so")
                .doesNotThrowAnyException();
    }

    @Test
    void theSettingIsTheLimitAndSlicesAndHalvesTakeLess() {
        Optional<Long> limit = Optional.of(4 * GIBIBYTE);
        assertRefused(
                run("resnet50", 224, "{\"batchSize\": 128}"),
                limit,
                "4,096 MiB are there (millrace.trainer.memory-limit); order batches of at most ");
        assertThatCode(() -> TrainingRoom.require(
                        run("resnet50", 224, "{\"batchSize\": 128, \"accumulate\": 8}"), Precision.FP32, limit))
                .doesNotThrowAnyException();
        Optional<Long> between = Optional.of(9 * GIBIBYTE);
        assertRefused(run("resnet50", 224, "{\"batchSize\": 128}"), between, "resnet50");
        assertThatCode(() ->
                        TrainingRoom.require(run("resnet50", 224, "{\"batchSize\": 128}"), Precision.BF16, between))
                .doesNotThrowAnyException();
    }

    /** 60 million parameters: gradients and momentum; with slices, the sum of the gradients besides. */
    @Test
    void gradientsThatAreAddedUpNeedRoom() {
        assertRefused(
                run("resnet152", 224, "{\"batchSize\": 8192}"), Optional.empty(), "gradients and optimizer 459 MiB");
        assertRefused(
                run("resnet152", 224, "{\"batchSize\": 8192, \"accumulate\": 2}"),
                Optional.empty(),
                "with 4096 images",
                "gradients and optimizer 688 MiB");
    }

    @Test
    void whatIsFrozenForGoodNeedsNoRoomForItsGradients() {
        Optional<Long> limit = Optional.of(4 * GIBIBYTE);
        assertThatCode(() -> TrainingRoom.require(
                        run("resnet50", 224, "{\"batchSize\": 128, \"freeze\": {\"what\": [\"backbone\"]}}"),
                        Precision.FP32,
                        limit))
                .doesNotThrowAnyException();
        assertRefused(
                run(
                        "resnet50",
                        224,
                        "{\"epochs\": 2, \"batchSize\": 128, \"freeze\": {\"what\": [\"backbone\"], \"untilEpoch\": 1}}"),
                limit,
                "resnet50");
    }

    /** 60 million parameters: of each of 4 replicas, what became of them and of the momentum, beside 3 copies of them. */
    @Test
    void inRoundsOneReplicaTrainsAtATimeAndWhatAllLearntIsHeld() {
        assertRefused(
                run("resnet152", 224, "{\"batchSize\": 64, \"sync\": {}}", 4),
                Optional.of(GIBIBYTE / 2),
                "with 64 images",
                "copies 2,5");
        assertRefused(
                run("resnet152", 224, "{\"batchSize\": 64}", 4),
                Optional.of(GIBIBYTE / 2),
                "with 256 images",
                "copies 690 MiB");
    }

    @Test
    void whereNotEvenTwoImagesFitAnotherNetworkIsTheRemedy() {
        assertRefused(
                run("resnet152", 224, "{\"batchSize\": 8}"),
                Optional.of(GIBIBYTE / 2),
                "512 MiB are there (millrace.trainer.memory-limit); order smaller images, or a smaller network");
    }
}
