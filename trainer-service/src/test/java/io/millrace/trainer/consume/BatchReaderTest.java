// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.trainer.Fixtures;
import io.millrace.trainer.consume.OtherRuns.Standing;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchReaderTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private static BatchReader reader(String bootstrapServers) {
        ConsumeObserver broken = new ConsumeObserver() {
            @Override
            public void duplicate() {}

            @Override
            public void deadLetter() {}

            @Override
            public AutoCloseable opened(KafkaConsumer<?, ?> consumer) {
                throw new NoClassDefFoundError("KafkaClientMetrics");
            }
        };
        return new BatchReader(
                new ReaderSettings(bootstrapServers, "test", 4, 1 << 20, LONG),
                Fixtures.run("run-a", 1, 4, 1),
                0,
                Map.of(),
                runId -> Standing.UNKNOWN,
                broken);
    }

    @Test
    void waitsForABrokerWhoseNameCannotBeResolved() throws Exception {
        try (BatchReader reader = reader("no-such-broker.invalid:9092")) {
            assertThat(reader.poll(Duration.ofSeconds(3))).isEmpty();
        }
    }

    @Test
    void handsOverWhateverItsThreadDiesOf() {
        try (BatchReader reader = reader("127.0.0.1:1")) {
            assertThatThrownBy(() -> reader.poll(LONG))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("reading batches failed: java.lang.NoClassDefFoundError: KafkaClientMetrics")
                    .hasCauseInstanceOf(NoClassDefFoundError.class);
        }
    }
}
