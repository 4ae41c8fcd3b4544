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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventCodecTest {
    @Test
    void dataSetsOfBeforeThereWereConventionsAreInk() throws Exception {
        assertThat(EventCodec.decode(golden("run-v1.json"), RunSpec.class)
                        .dataset()
                        .input())
                .isEqualTo(InputConvention.INK);
        assertThat(EventCodec.decode(golden("run-with-input-v1.json"), RunSpec.class)
                        .dataset()
                        .input())
                .isEqualTo(InputConvention.PHOTO);
    }

    @Test
    void aStatusWithWhatItWaitsForIsOfARunThatNobodyIsAt() throws Exception {
        assertThat(EventCodec.decode(golden("run-status-waiting-v1.json"), RunStatus.class)
                        .waiting())
                .isTrue();
        assertThat(EventCodec.decode(golden("run-status-with-compute-v1.json"), RunStatus.class)
                        .waiting())
                .isFalse();
        assertThat(EventCodec.decode(golden("run-status-stopped-v1.json"), RunStatus.class)
                        .waiting())
                .isFalse();
    }

    @Test
    void aRunWithShardsAndWithoutSyncIsTrainedStepByStep() throws Exception {
        assertThat(EventCodec.decode(golden("run-with-sync-v1.json"), RunSpec.class)
                        .inRounds())
                .isTrue();
        RunSpec before = EventCodec.decode(golden("run-v1.json"), RunSpec.class);
        assertThat(before.inRounds()).isFalse();
        assertThat(before.recipe().rateFactor(4)).isEqualTo(1);
    }

    @Test
    void aPositionOfBeforeThereWereRoundsHasNoPlaceInTheirLog() throws Exception {
        assertThat(EventCodec.decode(golden("checkpoint-with-position-v1.json"), CheckpointPublished.class)
                        .position()
                        .deltas())
                .isEmpty();
        assertThat(EventCodec.decode(golden("checkpoint-with-deltas-v1.json"), CheckpointPublished.class)
                        .position()
                        .deltas())
                .isEqualTo(Map.of(0, 58L, 1, 61L));
    }

    @ParameterizedTest
    @CsvSource({
        "run-v1.json, io.millrace.contracts.event.RunSpec",
        "run-with-encoding-v1.json, io.millrace.contracts.event.RunSpec",
        "run-with-priority-v1.json, io.millrace.contracts.event.RunSpec",
        "run-with-validation-v1.json, io.millrace.contracts.event.RunSpec",
        "run-with-start-v1.json, io.millrace.contracts.event.RunSpec",
        "run-with-options-v1.json, io.millrace.contracts.event.RunSpec",
        "run-with-augmentation-v1.json, io.millrace.contracts.event.RunSpec",
        "run-with-mixing-v1.json, io.millrace.contracts.event.RunSpec",
        "run-with-life-v1.json, io.millrace.contracts.event.RunSpec",
        "run-with-team-v1.json, io.millrace.contracts.event.RunSpec",
        "run-with-input-v1.json, io.millrace.contracts.event.RunSpec",
        "run-with-sync-v1.json, io.millrace.contracts.event.RunSpec",
        "checkpoint-with-position-v1.json, io.millrace.contracts.event.CheckpointPublished",
        "checkpoint-of-average-v1.json, io.millrace.contracts.event.CheckpointPublished",
        "checkpoint-with-validation-v1.json, io.millrace.contracts.event.CheckpointPublished",
        "checkpoint-with-deltas-v1.json, io.millrace.contracts.event.CheckpointPublished",
        "run-status-with-compute-v1.json, io.millrace.contracts.event.RunStatus",
        "run-status-with-validation-v1.json, io.millrace.contracts.event.RunStatus",
        "run-status-with-adaptations-v1.json, io.millrace.contracts.event.RunStatus",
        "run-status-stopped-v1.json, io.millrace.contracts.event.RunStatus",
        "run-status-waiting-v1.json, io.millrace.contracts.event.RunStatus",
        "metric-v1.json, io.millrace.contracts.event.MetricPoint",
        "metric-with-validation-v1.json, io.millrace.contracts.event.MetricPoint",
        "evaluation-v1.json, io.millrace.contracts.event.EvaluationCompleted",
        "evaluation-with-test-split-v1.json, io.millrace.contracts.event.EvaluationCompleted",
        "evaluation-with-validation-v1.json, io.millrace.contracts.event.EvaluationCompleted",
        "evaluation-with-engine-v1.json, io.millrace.contracts.event.EvaluationCompleted",
        "evaluation-with-calibration-v1.json, io.millrace.contracts.event.EvaluationCompleted",
        "promotion-v1.json, io.millrace.contracts.event.ModelPromoted",
        "promotion-pinned-v1.json, io.millrace.contracts.event.ModelPromoted",
        "promotion-with-shadow-v1.json, io.millrace.contracts.event.ModelPromoted",
        "feedback-v1.json, io.millrace.contracts.event.Feedback",
        "feedback-by-operator-v1.json, io.millrace.contracts.event.Feedback"
    })
    void goldenEventsDecodeAndSurviveARoundTrip(String file, Class<?> type) throws IOException {
        Object event = EventCodec.decode(golden(file), type);

        assertThat(EventCodec.decode(EventCodec.encode(event), type)).isEqualTo(event);
        ObjectNode golden = withoutNulls(golden(file));
        ObjectNode written = withoutNulls(EventCodec.encode(event));
        if (golden.path("recipe").path("optimizer").path("kind").isMissingNode()) {
            // Of before there were kinds; what it is read as has a test of its own.
            golden.remove("recipe");
        }
        if (written.get("dataset") instanceof ObjectNode dataset
                && !golden.path("dataset").has("input")) {
            dataset.remove("input");
        }
        // A field that came later is written, though it does not stand in an older file.
        assertThat(written.retain(
                        golden.properties().stream().map(Map.Entry::getKey).toList()))
                .isEqualTo(golden);
    }

    /** What was called one-cycle then are straight lines up and down. */
    @ParameterizedTest
    @ValueSource(strings = {"run-v1.json", "run-with-encoding-v1.json", "run-with-priority-v1.json"})
    void aRecipeOfBeforeThereWereKindsIsReadAsWhatItWas(String file) throws IOException {
        RunSpec run = EventCodec.decode(golden(file), RunSpec.class);

        assertThat(run.recipe())
                .isEqualTo(new Recipe(
                        "quick",
                        "one epoch",
                        1,
                        128,
                        1,
                        new Optimizer.Sgd(0.9, true, 5e-4, true),
                        null,
                        List.of(),
                        null,
                        new Schedule.Triangle(0.05, 0.25),
                        0.1,
                        Augmentation.NONE,
                        null,
                        null,
                        0.0,
                        null,
                        null,
                        Precision.AUTO,
                        true,
                        0,
                        null,
                        null));
        assertThat(new String(EventCodec.encode(run), UTF_8)).contains("\"kind\":\"triangle\"");
        String cosine = new String(golden(file), UTF_8).replace("one-cycle", "cosine");
        assertThat(EventCodec.decode(cosine.getBytes(UTF_8), RunSpec.class)
                        .recipe()
                        .schedule())
                .isEqualTo(new Schedule.Cosine(0.05, 0.25, 0.0));
    }

    @Test
    void everyScheduleIsReadAndWrittenAsItStands() throws IOException {
        JsonNode schedules = new ObjectMapper().readTree(golden("schedules-v1.json"));
        Set<Class<?>> kinds = new HashSet<>();
        for (JsonNode golden : schedules) {
            Schedule schedule = EventCodec.decode(golden.toString().getBytes(UTF_8), Schedule.class);
            kinds.add(schedule.getClass());

            assertThat(new ObjectMapper().readTree(EventCodec.encode(schedule))).isEqualTo(golden);
            assertThat(new ObjectMapper().readValue(golden.toString(), Schedule.class))
                    .as("by whoever is content with what there is today, such as the command")
                    .isEqualTo(schedule);
        }
        assertThat(kinds).containsExactlyInAnyOrder(Schedule.class.getPermittedSubclasses());
    }

    @Test
    void anyMapperReadsAnOptimizer() throws IOException {
        for (Optimizer optimizer : List.of(
                new Optimizer.Sgd(0.9, true, 0),
                new Optimizer.Adam(null, null, null, null, null),
                new Optimizer.AdamW(null, null, null, null, null))) {
            assertThat(new ObjectMapper().readValue(EventCodec.encode(optimizer), Optimizer.class))
                    .isEqualTo(optimizer);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"kind\": \"rprop\"} | recipe.optimizer.kind is \"rprop\"; it must be one of sgd, adam, adamw",
                "{\"kind\": \"adam\", \"momentum\": 0.9} | momentum is not known to this version",
                "{\"kind\": \"adam\", \"beta1\": \"x\"} | beta1"
            })
    void anOptimizerThatIsNotKnownIsRefused(String json, String reason) {
        assertThatThrownBy(() -> EventCodec.decode(json.getBytes(UTF_8), Optimizer.class))
                .isInstanceOf(MalformedEventException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void aRunOfBeforeThereWerePrioritiesHasTheLowestOfThoseThatAreUsual() throws IOException {
        assertThat(EventCodec.decode(golden("run-v1.json"), RunSpec.class).priority())
                .isZero();
        assertThat(EventCodec.decode(golden("run-with-priority-v1.json"), RunSpec.class)
                        .priority())
                .isEqualTo(5);
    }

    @Test
    void aPromotionOfBeforeThereWerePinsIsNotPinned() throws IOException {
        assertThat(EventCodec.decode(golden("promotion-v1.json"), ModelPromoted.class)
                        .pinned())
                .isFalse();
        assertThat(EventCodec.decode(golden("promotion-pinned-v1.json"), ModelPromoted.class)
                        .pinned())
                .isTrue();
    }

    @Test
    void ofFeedbackOfBeforeNobodyKnowsThatAnOperatorGaveIt() throws IOException {
        assertThat(EventCodec.decode(golden("feedback-v1.json"), Feedback.class).byOperator())
                .isFalse();
        assertThat(EventCodec.decode(golden("feedback-by-operator-v1.json"), Feedback.class)
                        .byOperator())
                .isTrue();
    }

    @Test
    void aPromotionMayHaveAShadow() throws IOException {
        assertThat(EventCodec.decode(golden("promotion-pinned-v1.json"), ModelPromoted.class)
                        .shadow())
                .isNull();
        ModelPromoted promotion = EventCodec.decode(golden("promotion-with-shadow-v1.json"), ModelPromoted.class);
        assertThat(promotion.shadow().checkpointId()).isEqualTo("r-step-1");
        assertThat(promotion.beside(promotion.checkpoint()).shadow()).isNull();
    }

    @Test
    void aRunTellsWhichPartOfItsTrainingSplitIsNotTrainedOn() throws IOException {
        Dataset apart = EventCodec.decode(golden("run-with-validation-v1.json"), RunSpec.class)
                .dataset();

        assertThat(apart.validation()).isEqualTo(new Dataset.Validation(0.1, "facade", 6000));
        assertThat(apart.trainedSamples()).isEqualTo(54_000);
        Dataset whole = EventCodec.decode(golden("run-v1.json"), RunSpec.class).dataset();
        assertThat(whole.validation()).isNull();
        assertThat(whole.trainedSamples()).isEqualTo(60_000);
    }

    @ParameterizedTest
    @CsvSource({
        "'\"fraction\": 0.1', '\"fraction\": 1.0', dataset.validation.fraction is 1.0; it must be a number from 0",
        "'\"samples\": 6000', '\"samples\": 0', dataset.validation.samples is 0; it must be at least 1",
        "'\"samples\": 6000', '\"samples\": 60000', 'dataset.validation.samples is 60000; it must be less than'",
        "'\"digest\": \"facade\"', '\"digest\": \"\"', dataset.validation.digest is missing"
    })
    void aValidationSplitThatCannotBeIsRefused(String good, String bad, String reason) throws IOException {
        String json = new String(golden("run-with-validation-v1.json"), UTF_8);
        assertThat(json).contains(good);

        assertThatThrownBy(() -> EventCodec.decode(json.replace(good, bad).getBytes(UTF_8), RunSpec.class))
                .isInstanceOf(MalformedEventException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void whatTheValidationSplitSaidTravelsWithACheckpoint() throws IOException {
        CheckpointPublished checkpoint =
                EventCodec.decode(golden("checkpoint-with-validation-v1.json"), CheckpointPublished.class);

        assertThat(checkpoint.validation()).isEqualTo(new Validated(1, 468, 0.125, 0.9625, true, 0.005, null));
        assertThat(checkpoint.asFinal(false).isFinal()).isFalse();
    }

    @Test
    void aRunOfBeforeThereWereStartsBeginsWithFreshWeights() throws IOException {
        assertThat(EventCodec.decode(golden("run-with-priority-v1.json"), RunSpec.class)
                        .start())
                .isNull();
        assertThat(EventCodec.decode(golden("run-with-start-v1.json"), RunSpec.class)
                        .start()
                        .kind())
                .isEqualTo(Start.Kind.DOWNLOAD);
    }

    @Test
    void aRunOfBeforeAnybodyCouldStopOneIsToBeTrainedAsItWasOrdered() throws IOException {
        RunSpec run = EventCodec.decode(golden("run-with-start-v1.json"), RunSpec.class);

        assertThat(run.wanted()).isTrue();
        assertThat(run.stopped()).isNull();
        assertThat(run.steps()).isEqualTo(468);
        assertThat(run.removedIncarnations()).isEmpty();
        assertThat(new String(EventCodec.encode(run), UTF_8))
                .doesNotContain("extensions", "stopped", "removed", "formerly");
    }

    @Test
    void aRunSaysWhatIsWantedOfItNow() throws IOException {
        RunSpec run = EventCodec.decode(golden("run-with-start-v1.json"), RunSpec.class);

        assertThat(run.withStopped(true).wanted()).isFalse();
        assertThat(run.withStopped(true).withStopped(false).wanted()).isTrue();
        assertThat(run.withExtension(2).withExtension(3).steps()).isEqualTo(6 * 468);
        assertThat(run.withExtension(2).recipe()).isEqualTo(run.recipe());
        RunSpec removed = run.withFormerly(List.of("before-1")).asRemoved();
        assertThat(removed.wanted()).isFalse();
        assertThat(removed.removedIncarnations()).containsExactly("before-1", run.incarnation());
        assertThat(removed.incarnation()).isEqualTo(run.incarnation());
        assertThatThrownBy(() -> run.withExtension(0))
                .isInstanceOf(RefusedFieldException.class)
                .hasMessageContaining("extensions");
    }

    /** A stopped run, and one that has finished what was wanted then, may be wanted to go on. */
    @Test
    void whetherARunHasEndedDependsOnWhatIsWantedOfIt() throws IOException {
        RunSpec run = EventCodec.decode(golden("run-with-start-v1.json"), RunSpec.class);
        RunStatus stopped = EventCodec.decode(golden("run-status-stopped-v1.json"), RunStatus.class);
        String json = new String(EventCodec.encode(stopped), UTF_8);
        RunStatus finished =
                EventCodec.decode(json.replace("\"stopped\"", "\"finished\"").getBytes(UTF_8), RunStatus.class);
        RunStatus failed =
                EventCodec.decode(json.replace("\"stopped\"", "\"failed\"").getBytes(UTF_8), RunStatus.class);

        assertThat(stopped.ended()).isTrue();
        assertThat(stopped.ended(run)).isFalse();
        assertThat(finished.ended(run)).isTrue();
        assertThat(finished.ended(run.withExtension(1))).isFalse();
        assertThat(failed.ended(run.withExtension(1))).isTrue();
    }

    /** It has a precision of its own, and says nothing of what came later. */
    @Test
    void aStatusOfTheFirstReleaseIsStillRead() throws IOException {
        RunStatus status = EventCodec.decode(golden("run-status-v1.json"), RunStatus.class);

        assertThat(status.ended()).isTrue();
        assertThat(status.step()).isEqualTo(12);
        assertThat(status.reason()).isEqualTo("loss is not finite at step 12");
        assertThat(Stream.of(status.compute(), status.lacks(), status.lostBatches(), status.checkpointProblem()))
                .containsOnlyNulls();
    }

    /** Nothing can be resumed from it or is looked up by it any more. */
    @Test
    void anAnnouncementOfBeforeThereWerePositionsIsRefused() throws IOException {
        byte[] old = golden("checkpoint-v1.json");

        assertThatThrownBy(() -> EventCodec.decode(old, CheckpointPublished.class))
                .isInstanceOf(MalformedEventException.class)
                .hasMessageContaining("position is missing");
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
        "checkpoint-with-position-v1.json, CheckpointPublished, /checkpoint, checkpoint is missing",
        "checkpoint-with-position-v1.json, CheckpointPublished, /checkpoint/uri, checkpoint.uri is missing",
        "checkpoint-with-position-v1.json, CheckpointPublished, /position, position is missing",
        "checkpoint-with-position-v1.json, CheckpointPublished, /position/offsets, position.offsets is missing",
        "checkpoint-with-position-v1.json, CheckpointPublished, /position/step, step",
        "checkpoint-with-position-v1.json, CheckpointPublished, /compute, compute is missing",
        "checkpoint-with-position-v1.json, CheckpointPublished, /compute/precision, compute.precision is missing",
        "checkpoint-with-position-v1.json, CheckpointPublished, /compute/engine, compute.engine is missing",
        "metric-v1.json, MetricPoint, /incarnation, incarnation is missing",
        "metric-v1.json, MetricPoint, /learningRate, learningRate",
        "evaluation-v1.json, EvaluationCompleted, /confusionMatrix, confusionMatrix is missing",
        "promotion-v1.json, ModelPromoted, /checkpoint, checkpoint is missing",
        "promotion-v1.json, ModelPromoted, /promotedAt, promotedAt is missing"
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
        "'\"shards\": 1', '\"shards\": 0', shards is 0; it must be at least 1",
        "'\"batchesPerEpoch\": 468', '\"batchesPerEpoch\": 0', batchesPerEpoch is 0; it must be at least 1",
        "'\"epochs\": 1', '\"epochs\": 0', recipe.epochs is 0; it must be a whole number from 1 to 999999999",
        "'\"batchSize\": 128', '\"batchSize\": 1', recipe.batchSize is 1; it must be a whole number from 2 to 999999999",
        "'\"epochs\": 1', '\"epochs\": 1.5', 'recipe.epochs'",
        "'\"epochs\": 1', '\"epochs\": \"1\"', 'recipe.epochs'",
        "'\"kind\": \"one-cycle\"', '\"kind\": 1', 'recipe.schedule.kind'",
        "'\"momentum\": 0.9', '\"momentum\": 1', recipe.optimizer.momentum is 1.0; it must be a number from 0 to less than 1",
        "'\"momentum\": 0.9', '\"momentum\": 0', recipe.optimizer.nesterov is true; it must be false without momentum"
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
        assertThat(run.recipe().schedule()).isEqualTo(new Schedule.Triangle(0.05, 0.25));
        assertThat(run.dataset().classes()).hasSize(10);
        assertThat(run.dataset().normalization().channels()).isEqualTo(1);
    }

    @Test
    void aGoldenCheckpointHasItsOffsetsAndItsFinalMark() throws IOException {
        CheckpointPublished checkpoint =
                EventCodec.decode(golden("checkpoint-with-position-v1.json"), CheckpointPublished.class);

        assertThat(checkpoint.isFinal()).isTrue();
        assertThat(checkpoint.checkpoint().incarnation()).isEqualTo("mnist-mi7ux5s0");
        assertThat(checkpoint.position().offsets()).isEqualTo(Map.of(0, new OffsetRange(400, 936)));
        assertThat(checkpoint.position().nextOffsets()).isEqualTo(Map.of(0, 936L));
        assertThat(new String(EventCodec.encode(checkpoint), UTF_8)).contains("\"final\":true");
    }

    @Test
    void aCheckpointIsNoAverageUnlessItSaysSo() throws IOException {
        CheckpointPublished raw =
                EventCodec.decode(golden("checkpoint-with-position-v1.json"), CheckpointPublished.class);
        CheckpointPublished average =
                EventCodec.decode(golden("checkpoint-of-average-v1.json"), CheckpointPublished.class);

        assertThat(raw.checkpoint().averaged()).isFalse();
        assertThat(new String(EventCodec.encode(raw), UTF_8)).doesNotContain("averaged");
        assertThat(average.checkpoint().averaged()).isTrue();
        assertThat(average.checkpoint().checkpointId())
                .isEqualTo(CheckpointRef.averageId(average.checkpoint().incarnation(), 468));
        assertThat(average.checkpoint()).isNotEqualTo(raw.checkpoint());
    }

    @Test
    void whatSaysNeitherThatItIsAnAverageNorThatItIsNoneIsRefused() throws IOException {
        String json = new String(golden("checkpoint-of-average-v1.json"), UTF_8)
                .replace("\"averaged\": true", "\"averaged\": \"ema\"");

        assertThatThrownBy(() -> EventCodec.decode(json.getBytes(UTF_8), CheckpointPublished.class))
                .isInstanceOf(MalformedEventException.class)
                .hasMessageContaining("checkpoint.averaged");
    }

    @Test
    void aFieldOfALaterVersionIsPassedOver() throws IOException {
        String json = "{\"from\": 1, \"to\": 2, \"colour\": \"blue\"}";

        assertThat(EventCodec.decode(json.getBytes(UTF_8), OffsetRange.class)).isEqualTo(new OffsetRange(1, 2));
    }

    @ParameterizedTest
    @CsvSource({
        "run-with-priority-v1.json, RunSpec, ''",
        "run-with-priority-v1.json, RunSpec, /dataset",
        "run-with-validation-v1.json, RunSpec, /dataset/validation",
        "checkpoint-with-validation-v1.json, CheckpointPublished, /validation",
        "run-with-start-v1.json, RunSpec, /start",
        "checkpoint-with-position-v1.json, CheckpointPublished, ''",
        "checkpoint-with-position-v1.json, CheckpointPublished, /checkpoint",
        "checkpoint-with-position-v1.json, CheckpointPublished, /position",
        "checkpoint-with-position-v1.json, CheckpointPublished, /compute",
        "run-status-with-compute-v1.json, RunStatus, ''",
        "metric-v1.json, MetricPoint, ''",
        "evaluation-with-test-split-v1.json, EvaluationCompleted, ''",
        "promotion-pinned-v1.json, ModelPromoted, ''",
        "promotion-pinned-v1.json, ModelPromoted, /evaluation"
    })
    void whatOnlyALaterVersionKnowsIsPassedOver(String file, String type, String place) throws Exception {
        ObjectNode tree = (ObjectNode) new ObjectMapper().readTree(golden(file));
        ((ObjectNode) tree.at(place)).putObject("colour").put("deep", "blue");
        Class<?> event = Class.forName("io.millrace.contracts.event." + type);

        assertThat(EventCodec.decode(tree.toString().getBytes(UTF_8), event))
                .isEqualTo(EventCodec.decode(golden(file), event));
    }

    /** Whoever passed it over would train something else than what was asked for. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/recipe           | recipe.colour           | accumulate, augmentation, averaging, batchSize",
                "/recipe/optimizer | recipe.optimizer.colour | decayNormAndBias, kind, momentum, nesterov, weightDecay",
                "/recipe/schedule  | recipe.schedule.colour  | kind, learningRate, warmupFraction",
                "/recipe/augmentation | recipe.augmentation.colour | colorJitter, cutMix, mixUp, randomAffine, randomCrop, randomErasing",
                "/network          | network.colour          | classes, inputChannels, layout, name, stem"
            })
    void aRecipeOrANetworkWithAnOptionThatIsNotKnownIsRefused(String place, String member, String known)
            throws IOException {
        ObjectNode tree = (ObjectNode) new ObjectMapper().readTree(golden("run-v1.json"));
        ((ObjectNode) tree.at(place)).put("colour", "blue");

        assertThatThrownBy(() -> EventCodec.decode(tree.toString().getBytes(UTF_8), RunSpec.class))
                .isInstanceOf(MalformedEventException.class)
                .hasMessageContaining(member + " is not known to this version")
                .hasMessageContaining(known);
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

    private static byte[] golden(String file) throws IOException {
        try (InputStream in = EventCodecTest.class.getResourceAsStream("/golden/" + file)) {
            return in.readAllBytes();
        }
    }
}
