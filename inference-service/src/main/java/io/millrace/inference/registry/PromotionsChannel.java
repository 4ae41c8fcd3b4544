// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MalformedEventException;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.Feed;
import io.quarkus.logging.Log;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Channel;

/** Hears of promotions. What cannot be read is said and passed over; the model that is served stays. */
@ApplicationScoped
public class PromotionsChannel {
    private final LatestPromotion latest;
    private final Multi<ConsumerRecord<String, byte[]>> promotions;

    PromotionsChannel(LatestPromotion latest, @Channel("promotions") Multi<ConsumerRecord<String, byte[]>> promotions) {
        this.latest = latest;
        this.promotions = promotions;
    }

    void follow(@Observes StartupEvent event, BrokerWatch broker) {
        Feed.follow(broker, promotions, this::promoted);
    }

    private void promoted(ConsumerRecord<String, byte[]> record) {
        if (record.value() == null) {
            Log.infof("Promotion withdrawn; the model that is served stays. model=%s", record.key());
            return;
        }
        try {
            latest.offer(EventCodec.decode(record.value(), ModelPromoted.class), record.offset());
        } catch (MalformedEventException | RuntimeException e) {
            Log.errorf(
                    "Promotion cannot be read. topic=%s offset=%d reason=\"%s\"",
                    record.topic(), record.offset(), e.getMessage());
        }
    }
}
