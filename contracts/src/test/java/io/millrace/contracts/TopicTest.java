// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicTest {
    private static final String MAX = "max.message.bytes";

    @Test
    void namesFollowTheRuleAndEveryTopicTakesTheLargestRecord() {
        List<Topic> topics = List.of(
                Topic.RUNS,
                Topic.BATCHES,
                Topic.TEST_BATCHES,
                Topic.CHECKPOINTS,
                Topic.RUN_STATUS,
                Topic.EVALUATIONS,
                Topic.PROMOTIONS);

        assertThat(topics).allSatisfy(topic -> {
            assertThat(topic.name()).matches("millrace\\.[a-z-]+\\.v1");
            assertThat(topic.settings()).containsEntry("max.message.bytes", "16777216");
        });
    }

    @Test
    void everyTopicIsCreatedWithItsOwnSettings() {
        String year = Long.toString(Duration.ofDays(365).toMillis());
        Map<String, String> kept = Map.of("cleanup.policy", "delete", "retention.ms", year, MAX, "16777216");

        assertThat(Topic.TEST_BATCHES.settings()).isEqualTo(kept);
        assertThat(Topic.CHECKPOINTS.settings()).isEqualTo(kept);
        assertThat(Topic.EVALUATIONS.settings()).isEqualTo(kept);
        assertThat(Topic.BATCHES.settings())
                .isEqualTo(Map.of(
                        "cleanup.policy",
                        "delete",
                        "retention.ms",
                        Long.toString(Duration.ofDays(7).toMillis()),
                        "retention.bytes",
                        Long.toString(4L << 30),
                        "segment.bytes",
                        Long.toString(128L << 20),
                        MAX,
                        "16777216"));
        Map<String, String> table = Map.of(
                "cleanup.policy", "compact", "segment.ms", "3600000", "segment.bytes", "33554432", MAX, "16777216");
        assertThat(Topic.RUN_STATUS.settings()).isEqualTo(table);
        assertThat(Topic.PROMOTIONS.settings()).isEqualTo(table);
        assertThat(Topic.RUNS.settings()).containsAllEntriesOf(table).containsEntry("delete.retention.ms", year);
        assertThat(Topic.BATCHES.deadLetters().settings())
                .isEqualTo(Map.of("cleanup.policy", "delete", "retention.ms", year, MAX, "16842752"));
    }

    @Test
    void deadLettersLieBesideTheirTopicAndAreKeptLong() {
        Topic deadLetters = Topic.BATCHES.deadLetters();

        assertThat(deadLetters.name()).isEqualTo("millrace.batches.v1.dlq");
        assertThat(deadLetters.settings())
                .containsEntry("cleanup.policy", "delete")
                .doesNotContainKey("retention.bytes");
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
}
