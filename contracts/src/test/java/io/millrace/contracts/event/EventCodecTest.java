// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventCodecTest {
    @ParameterizedTest
    @CsvSource({
        "run-v1.json, io.millrace.contracts.event.RunSpec",
        "run-with-encoding-v1.json, io.millrace.contracts.event.RunSpec",
        "checkpoint-v1.json, io.millrace.contracts.event.CheckpointPublished",
        "run-status-v1.json, io.millrace.contracts.event.RunStatus",
        "evaluation-v1.json, io.millrace.contracts.event.EvaluationCompleted",
        "promotion-v1.json, io.millrace.contracts.event.ModelPromoted"
    })
    void goldenEventsDecodeAndSurviveARoundTrip(String file, Class<?> type) throws IOException {
        Object event = EventCodec.decode(golden(file), type);

        assertThat(EventCodec.decode(EventCodec.encode(event), type)).isEqualTo(event);
        JsonNode golden = withoutNulls(golden(file));
        ObjectNode written = withoutNulls(EventCodec.encode(event));
        // A field that came later is written, though it does not stand in an older file.
        assertThat(written.retain(
                        golden.properties().stream().map(Map.Entry::getKey).toList()))
                .isEqualTo(golden);
    }

    @Test
    void aRunSaysHowItsBatchesAreWrittenAndOldOnesAreSourceBytes() throws IOException {
        assertThat(EventCodec.decode(golden("run-v1.json"), RunSpec.class).encoding())
                .isEqualTo(Encoding.UINT8);
        assertThat(EventCodec.decode(golden("run-with-encoding-v1.json"), RunSpec.class)
                        .encoding())
                .isEqualTo(Encoding.FLOAT32);
    }

    /** Fields that are null may be written or left out. */
    private static ObjectNode withoutNulls(byte[] json) throws IOException {
        ObjectNode tree = (ObjectNode) new ObjectMapper().readTree(json);
        tree.properties().stream()
                .filter(field -> field.getValue().isNull())
                .map(Map.Entry::getKey)
                .toList()
                .forEach(tree::remove);
        return tree;
    }

    @ParameterizedTest
    @CsvSource({
        "run-v1.json, RunSpec, /runId, runId is missing",
        "run-v1.json, RunSpec, /createdAt, createdAt is missing",
        "run-v1.json, RunSpec, /model, model is missing",
        "run-v1.json, RunSpec, /dataset, dataset is missing",
        "run-v1.json, RunSpec, /dataset/name, dataset.name is missing",
        "run-v1.json, RunSpec, /dataset/digest, dataset.digest is missing",
        "run-v1.json, RunSpec, /dataset/classes, dataset.classes is missing",
        "run-v1.json, RunSpec, /dataset/normalization, dataset.normalization is missing",
        "run-v1.json, RunSpec, /dataset/height, dataset.height",
        "run-v1.json, RunSpec, /network, network is missing",
        "run-v1.json, RunSpec, /network/stem, network.stem is missing",
        "run-v1.json, RunSpec, /recipe, recipe is missing",
        "run-v1.json, RunSpec, /recipe/optimizer, recipe.optimizer is missing",
        "run-v1.json, RunSpec, /recipe/schedule/kind, recipe.schedule.kind is missing",
        "run-v1.json, RunSpec, /recipe/augmentation, recipe.augmentation is missing",
        "run-v1.json, RunSpec, /recipe/precision, recipe.precision is missing",
        "run-status-v1.json, RunStatus, /runId, runId is missing",
        "run-status-v1.json, RunStatus, /state, state is missing",
        "checkpoint-v1.json, CheckpointPublished, /checkpoint, checkpoint is missing",
        "checkpoint-v1.json, CheckpointPublished, /checkpoint/uri, checkpoint.uri is missing",
        "checkpoint-v1.json, CheckpointPublished, /offsets, offsets is missing",
        "evaluation-v1.json, EvaluationCompleted, /confusionMatrix, confusionMatrix is missing",
        "promotion-v1.json, ModelPromoted, /checkpoint, checkpoint is missing"
    })
    void anEventWithoutOneOfItsFieldsIsRefusedWithTheFieldsName(String file, String type, String field, String reason)
            throws Exception {
        ObjectNode tree = (ObjectNode) new ObjectMapper().readTree(golden(file));
        int slash = field.lastIndexOf('/');
        ((ObjectNode) tree.at(field.substring(0, slash))).remove(field.substring(slash + 1));
        Class<?> event = Class.forName("io.millrace.contracts.event." + type);

        assertThatThrownBy(() -> EventCodec.decode(tree.toString().getBytes(UTF_8), event))
                .isInstanceOf(MalformedEventException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "\"shards\": 1, \"shards\": 0, 'shards should be at least 1, it is 0'",
        "\"batchesPerEpoch\": 468, \"batchesPerEpoch\": 0, 'batchesPerEpoch should be at least 1, it is 0'",
        "\"epochs\": 1, \"epochs\": 0, 'recipe.epochs should be at least 1, it is 0'",
        "\"batchSize\": 128, \"batchSize\": -1, 'recipe.batchSize should be at least 1, it is -1'"
    })
    void aRunWithANumberOutOfRangeIsRefused(String good, String bad, String reason) throws IOException {
        String json = new String(golden("run-v1.json"), UTF_8);
        assertThat(json).contains(good);

        assertThatThrownBy(() -> EventCodec.decode(json.replace(good, bad).getBytes(UTF_8), RunSpec.class))
                .isInstanceOf(MalformedEventException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void aGoldenRunHasTheValuesThatStandInIt() throws IOException {
        RunSpec run = EventCodec.decode(golden("run-v1.json"), RunSpec.class);

        assertThat(run.steps()).isEqualTo(468);
        assertThat(run.network().stem()).isEqualTo(Network.Stem.IMAGENET);
        assertThat(run.recipe().schedule().kind()).isEqualTo(Recipe.Schedule.Kind.ONE_CYCLE);
        assertThat(run.dataset().classes()).hasSize(10);
        assertThat(run.dataset().normalization().channels()).isEqualTo(1);
    }

    @Test
    void aGoldenCheckpointHasItsOffsetsAndItsFinalMark() throws IOException {
        CheckpointPublished checkpoint = EventCodec.decode(golden("checkpoint-v1.json"), CheckpointPublished.class);

        assertThat(checkpoint.isFinal()).isTrue();
        assertThat(checkpoint.offsets()).isEqualTo(Map.of(0, new OffsetRange(0, 936)));
        assertThat(new String(EventCodec.encode(checkpoint), UTF_8)).contains("\"final\":true");
    }

    @Test
    void aFieldOfALaterVersionIsPassedOver() throws IOException {
        String json = "{\"from\": 1, \"to\": 2, \"colour\": \"blue\"}";

        assertThat(EventCodec.decode(json.getBytes(UTF_8), OffsetRange.class)).isEqualTo(new OffsetRange(1, 2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"from\": 1, \"to\": null} | null",
                "{\"from\": 1, \"from\": 1, \"to\": 2} | Duplicate",
                "{\"from\": 1, \"to\": 2} x | Unrecognized token 'x'",
                "{\"from\": \"one\", \"to\": 2} | one",
                "[] | OffsetRange",
                "null | JSON null",
                "'' | No content"
            })
    void whatIsNoEventIsRefusedWithTheReason(String json, String reason) {
        assertThatThrownBy(() -> EventCodec.decode(json.getBytes(UTF_8), OffsetRange.class))
                .isInstanceOf(MalformedEventException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void aRecordWithoutValueIsNoEvent() {
        assertThatThrownBy(() -> EventCodec.decode(null, RunSpec.class))
                .isInstanceOf(MalformedEventException.class)
                .hasMessageContaining("no value");
    }

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

    private static byte[] golden(String file) throws IOException {
        try (InputStream in = EventCodecTest.class.getResourceAsStream("/golden/" + file)) {
            return in.readAllBytes();
        }
    }
}
