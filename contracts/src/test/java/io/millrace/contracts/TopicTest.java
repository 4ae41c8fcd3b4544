// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TopicTest {
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
