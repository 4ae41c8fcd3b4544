// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.Feed;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.reactive.messaging.kafka.KafkaClientService;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Outgoing;

/**
 * Opens the channels when the broker has answered, among them the work queue of checkpoints. Whoever takes from it
 * acknowledges.
 */
@Singleton
public class CheckpointFeed {
    static final String OPENED = "opened-checkpoints";

    private final BrokerWatch broker;
    private final Multi<Message<byte[]>> checkpoints;

    CheckpointFeed(BrokerWatch broker, @Channel("checkpoints") Multi<Message<byte[]>> checkpoints) {
        this.broker = broker;
        this.checkpoints = checkpoints;
    }

    void start(@Observes StartupEvent event, KafkaClientService clients) {
        Feed.openOutgoing(broker, clients);
    }

    @Outgoing(OPENED)
    Multi<Message<byte[]>> opened() {
        return Feed.whenReachable(broker, checkpoints);
    }
}
