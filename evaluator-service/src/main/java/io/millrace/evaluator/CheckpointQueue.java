// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.Channels;
import io.quarkus.logging.Log;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.reactive.messaging.kafka.KafkaClientService;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.apache.kafka.clients.consumer.Consumer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Outgoing;

/**
 * The work queue of checkpoints: opened, with the other channels, when the broker has answered. Whoever takes from it
 * acknowledges.
 */
@Singleton
public class CheckpointQueue {
    static final String OPENED = "opened-checkpoints";

    private static final String CHANNEL = "checkpoints";

    private final BrokerWatch broker;
    private final KafkaClientService clients;
    private final String group;
    private final Multi<Message<byte[]>> checkpoints;

    CheckpointQueue(
            BrokerWatch broker,
            KafkaClientService clients,
            @ConfigProperty(name = "mp.messaging.incoming.checkpoints.group.id") String group,
            @Channel(CHANNEL) Multi<Message<byte[]>> checkpoints) {
        this.group = group;
        this.broker = broker;
        this.clients = clients;
        this.checkpoints = checkpoints;
    }

    void start(@Observes StartupEvent event) {
        Channels.openOutgoing(broker, clients);
    }

    @Outgoing(OPENED)
    Multi<Message<byte[]>> opened() {
        return Channels.whenReachable(broker, checkpoints);
    }

    /** The consumer group that takes from it. */
    String group() {
        return group;
    }

    /**
     * Takes all announcements again, from the first that is there: what is known of them already costs little. A group's
     * place in a topic says nothing about another topic of its name, nor about work whose result is lost.
     */
    void rewind() {
        clients.getConsumer(CHANNEL)
                .runOnPollingThread(CheckpointQueue::toBeginning)
                .subscribe()
                .with(
                        done -> Log.info("All announced checkpoints are looked at again"),
                        e -> Log.warn("The announced checkpoints cannot be looked at again before the next start", e));
    }

    private static void toBeginning(Consumer<?, ?> consumer) {
        consumer.seekToBeginning(consumer.assignment());
    }
}
