// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MalformedEventException;
import io.millrace.contracts.event.ModelPromoted;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Hears of promotions. What cannot be read is said and passed over; the model that is served stays. */
@ApplicationScoped
public class PromotionsChannel {
    private final LatestPromotion latest;

    PromotionsChannel(LatestPromotion latest) {
        this.latest = latest;
    }

    @Incoming("promotions")
    void promoted(ConsumerRecord<String, byte[]> record) {
        if (record.value() == null) {
            Log.infof("Promotion withdrawn; the model that is served stays. model=%s", record.key());
            return;
        }
        try {
            latest.offer(EventCodec.decode(record.value(), ModelPromoted.class), record.offset());
        } catch (MalformedEventException e) {
            Log.errorf(
                    "Promotion cannot be read. topic=%s offset=%d reason=\"%s\"",
                    record.topic(), record.offset(), e.getMessage());
        }
    }
}
