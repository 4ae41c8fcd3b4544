// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
        "checkpoint-v1.json, io.millrace.contracts.event.CheckpointPublished",
        "run-status-v1.json, io.millrace.contracts.event.RunStatus",
        "evaluation-v1.json, io.millrace.contracts.event.EvaluationCompleted",
        "promotion-v1.json, io.millrace.contracts.event.ModelPromoted"
    })
    void goldenEventsDecodeAndSurviveARoundTrip(String file, Class<?> type) throws IOException {
        Object event = EventCodec.decode(golden(file), type);

        assertThat(EventCodec.decode(EventCodec.encode(event), type)).isEqualTo(event);
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
