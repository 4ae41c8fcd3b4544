// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.consume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.contracts.event.Position;
import io.millrace.kafka.KafkaConnection;
import io.millrace.trainer.Fixtures;
import io.millrace.trainer.TrainerMetrics;
import java.time.Duration;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchReaderTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private static BatchReader reader(String bootstrapServers) {
        TrainerMetrics broken = new TrainerMetrics(new SimpleMeterRegistry()) {
            @Override
            public Observation observe(KafkaConsumer<?, ?> consumer) {
                throw new NoClassDefFoundError("KafkaClientMetrics");
            }
        };
        return new BatchReader(
                KafkaConnection.of(bootstrapServers),
                Fixtures.run("run-a", 1, 4, 1),
                Position.START,
                4,
                1 << 20,
                broken);
    }

    @Test
    void waitsForABrokerWhoseNameCannotBeResolvedAndSaysSo() throws Exception {
        try (BatchReader reader = reader("no-such-broker.invalid:9092")) {
            await().until(() -> reader.problem().isPresent());
            assertThat(reader.poll(Duration.ofSeconds(2))).isEmpty();
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
