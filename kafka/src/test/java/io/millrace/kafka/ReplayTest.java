// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ReplayTest {
    private static final TopicPartition PARTITION = new TopicPartition("log", 0);

    @Test
    void aBrokerThatStopsHalfWayIsAnErrorAndNoEndlessWait() {
        List<Long> offsets = new ArrayList<>();
        try (MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest")) {
            consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
            consumer.updateEndOffsets(Map.of(PARTITION, 2L));
            consumer.schedulePollTask(() -> consumer.addRecord(new ConsumerRecord<>("log", 0, 0, "a", new byte[1])));

            assertThatThrownBy(() -> Replay.each(
                            consumer, PARTITION, 0, record -> offsets.add(record.offset()), Duration.ofMillis(50)))
                    .isInstanceOf(KafkaException.class)
                    .hasMessageContaining("nothing came of log-0 from offset 1 to 2");
        }
        assertThat(offsets).containsExactly(0L);
    }
}
