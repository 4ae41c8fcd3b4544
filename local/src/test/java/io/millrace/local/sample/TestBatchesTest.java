// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TestBatchesTest {
    private static final String TOPIC = Topic.TEST_BATCHES.name();

    @Test
    @Timeout(10)
    void aBrokerThatFallsSilentBeforeTheEndOfTheTopicEndsTheSearch() throws Exception {
        try (MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest")) {
            TopicPartition partition = new TopicPartition(TOPIC, 0);
            Node broker = Node.noNode();
            consumer.updatePartitions(
                    TOPIC, List.of(new PartitionInfo(TOPIC, 0, broker, new Node[] {broker}, new Node[] {broker})));
            consumer.updateBeginningOffsets(Map.of(partition, 0L));
            consumer.updateEndOffsets(Map.of(partition, 5L));

            assertThat(TestBatches.first(consumer, "d1", Duration.ofMillis(50))).isEmpty();
        }
    }
}
