// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.contracts.event.RunSpec;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicTest {
    private static final String YEAR = Long.toString(Duration.ofDays(365).toMillis());
    private static final Map<String, String> KEPT = Map.of("cleanup.policy", "delete", "retention.ms", YEAR);
    private static final Map<String, String> TABLE =
            Map.of("cleanup.policy", "compact", "segment.ms", "3600000", "segment.bytes", "33554432");

    /** What a broker takes as it comes must do: nobody but its operator may be able to raise a limit. */
    @Test
    void namesFollowTheRuleAndNoTopicNeedsOtherLimitsThanKafkasOwn() {
        List<Topic> topics = List.of(
                Topic.RUNS,
                Topic.TEST_BATCHES,
                Topic.CHECKPOINTS,
                Topic.RUN_STATUS,
                Topic.EVALUATIONS,
                Topic.PROMOTIONS,
                Topic.METRICS,
                Topic.FEEDBACK);

        assertThat(topics).allSatisfy(topic -> {
            assertThat(topic.name()).matches("millrace\\.[a-z-]+\\.v1");
            assertThat(topic.settings()).doesNotContainKey("max.message.bytes");
        });
        assertThat(Topic.MAX_RECORD_BYTES).isLessThan(1_048_588);
    }

    @Test
    void everyTopicIsCreatedWithItsOwnSettings() {
        assertThat(Topic.TEST_BATCHES.settings()).isEqualTo(KEPT);
        assertThat(Topic.CHECKPOINTS.settings()).isEqualTo(KEPT);
        assertThat(Topic.EVALUATIONS.settings()).isEqualTo(KEPT);
        assertThat(Topic.BATCHES_DEAD_LETTERS.settings()).isEqualTo(KEPT);
        assertThat(Topic.DELTAS_DEAD_LETTERS.settings()).isEqualTo(KEPT);
        assertThat(Topic.FEEDBACK.settings()).isEqualTo(KEPT);
        assertThat(Topic.RUN_STATUS.settings()).isEqualTo(TABLE);
        assertThat(Topic.PROMOTIONS.settings()).isEqualTo(TABLE);
        assertThat(Topic.METRICS.settings()).isEqualTo(TABLE);
        assertThat(Topic.RUNS.settings()).containsAllEntriesOf(TABLE).containsEntry("delete.retention.ms", YEAR);
    }

    @Test
    void theLogOfARunIsDeletedByWhoeverPublishesAndByNobodyElse() throws IOException {
        RunSpec run = run("mnist", Instant.parse("2026-11-20T20:45:00.123Z"));

        Topic log = Topic.batches(run.incarnation());

        assertThat(log.name()).isEqualTo("millrace.batches.v1." + run.incarnation());
        assertThat(log.eventType()).isEqualTo(Topic.BATCHES_DEAD_LETTERS.eventType());
        assertThat(Topic.deltas(run.incarnation()).name()).isEqualTo("millrace.deltas.v1." + run.incarnation());
        assertThat(Topic.deltas(run.incarnation()).settings()).isEqualTo(log.settings());
        assertThat(log.settings())
                .isEqualTo(Map.of(
                        "cleanup.policy", "delete",
                        "retention.ms", "-1",
                        "retention.bytes", "-1",
                        "segment.bytes", "16777216"));
    }

    @Test
    void aRunThatIsOrderedAgainUnderItsNameHasAnotherLog() throws IOException {
        Instant first = Instant.parse("2026-11-20T20:45:00.123Z");

        assertThat(run("mnist", first).incarnation())
                .matches("mnist-[0-9a-z]+")
                .isEqualTo(run("mnist", first).incarnation())
                .isNotEqualTo(run("mnist", first.plusMillis(1)).incarnation())
                .isNotEqualTo(run("mnist-2", first).incarnation());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dlq", "a", "v1-dlq", "runs"})
    void noNameOfARunMakesItsLogThatOfTheDeadLetters(String runId) throws IOException {
        String name =
                Topic.batches(run(runId, Instant.ofEpochMilli(1)).incarnation()).name();

        assertThat(name).isNotEqualTo(Topic.BATCHES_DEAD_LETTERS.name()).doesNotEndWith(".dlq");
    }

    @Test
    void theLongestNameOfARunMakesANameThatATopicCanHave() throws IOException {
        String name =
                Topic.batches(run("x".repeat(100), Instant.now()).incarnation()).name();

        assertThat(name).matches("[a-zA-Z0-9._-]+").hasSizeLessThan(249 - ".dlq".length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "a/b", "a.b", "Mnist", "-a", "a_b", "a\nb", "übung"})
    void aNameThatIsNoFolderOrTopicIsRefused(String runId) {
        assertThatThrownBy(() -> run(runId, Instant.EPOCH))
                .isInstanceOf(RefusedFieldException.class)
                .hasMessageContaining("runId is \"" + runId + "\"; it must be lower-case letters");
        assertThatThrownBy(() -> run("x".repeat(101), Instant.EPOCH)).hasMessageContaining("at most 100");
    }

    @Test
    void runsAreTakenByPriorityThenByAge() throws IOException {
        RunSpec old = run("b", Instant.ofEpochMilli(1));
        RunSpec young = run("a", Instant.ofEpochMilli(2));
        RunSpec urgent = run("c", Instant.ofEpochMilli(3), 1);

        assertThat(Stream.of(young, old, urgent).sorted(RunSpec.FIRST)).containsExactly(urgent, old, young);
    }

    @Test
    void deadLettersLieBesideTheirTopicAndAreKeptLong() {
        Topic deadLetters = Topic.CHECKPOINTS.deadLetters();

        assertThat(deadLetters.name()).isEqualTo("millrace.checkpoints.v1.dlq");
        assertThat(deadLetters.settings()).isEqualTo(KEPT);
        assertThat(Topic.BATCHES_DEAD_LETTERS.name()).isEqualTo("millrace.batches.v1.dlq");
    }

    @Test
    void anEventCarriesTheAttributesOfTheBinaryMode() {
        CloudEvent event = CloudEvent.of(Topic.RUNS, "run-1", "/dataset-service");

        assertThat(event.headers())
                .containsEntry("ce_specversion", "1.0")
                .containsEntry("ce_id", "run-1")
                .containsEntry("ce_type", "io.millrace.run.created.v1")
                .containsEntry("ce_source", "/dataset-service")
                .containsEntry("content-type", "application/json")
                .containsKey("ce_time");
    }

    private static RunSpec run(String runId, Instant createdAt) throws IOException {
        return run(runId, createdAt, null);
    }

    private static RunSpec run(String runId, Instant createdAt, Integer priority) throws IOException {
        try (InputStream in = TopicTest.class.getResourceAsStream("/golden/run-v1.json")) {
            RunSpec golden = EventCodec.decode(in.readAllBytes(), RunSpec.class);
            return new RunSpec(
                    runId,
                    createdAt,
                    golden.model(),
                    golden.dataset(),
                    golden.network(),
                    golden.recipe(),
                    1,
                    42,
                    468,
                    null,
                    priority);
        }
    }
}
