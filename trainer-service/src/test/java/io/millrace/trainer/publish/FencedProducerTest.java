// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** A process that stood still so long that its transaction is beyond saving, and wakes. */
class FencedProducerTest {
    private static final List<ProducerRecord<String, byte[]>> RECORDS =
            List.of(new ProducerRecord<>("topic", "key", new byte[1]));

    private final List<MockProducer<String, byte[]>> made = new ArrayList<>();
    private boolean own = true;
    private final FencedProducer producer = new FencedProducer(
            settings -> {
                made.add(new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer()));
                return made.get(made.size() - 1);
            },
            () -> own,
            "run-1-replica-1",
            "client");

    private void standStill() {
        producer.open();
        made.get(0).commitTransactionException = new KafkaException("batches expired");
        made.get(0).abortTransactionException = new KafkaException("in a fatal state");
        producer.send(RECORDS);
        assertThatThrownBy(producer::commit).hasMessage("batches expired");
        assertThat(producer.isFenced()).isFalse();
    }

    @Test
    void goesOnWithAnotherProducerWhereItIsKnownToBeItsOwn() {
        standStill();

        producer.send(RECORDS);
        producer.commit();

        assertThat(made).hasSize(2);
        assertThat(made.get(1).history()).hasSize(1);
    }

    @Test
    void barsNobodyWhereItMayBeAnothers() {
        standStill();
        own = false;

        assertThatThrownBy(() -> producer.send(RECORDS))
                .hasMessage("the pool does not say that run-1-replica-1 is this worker's; another one may have it");

        assertThat(made).as("another one would have barred the one that has it").hasSize(1);
        assertThat(producer.isFenced()).isTrue();
    }
}
