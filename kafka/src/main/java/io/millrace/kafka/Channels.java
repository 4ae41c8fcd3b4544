// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import io.quarkus.runtime.Quarkus;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.KafkaClientService;
import org.jboss.logging.Logger;

/**
 * Opens Reactive Messaging's channels when the broker has answered once: no client can be made before the broker's name can
 * be resolved, and a channel that fails to make its client never tries again.
 */
public final class Channels {
    private static final Logger LOGGER = Logger.getLogger(Channels.class);

    private Channels() {}

    /** The channel, opened when the broker has answered. The process ends when the channel breaks. */
    public static <T> Multi<T> whenReachable(BrokerWatch broker, Multi<T> channel) {
        return opened(broker, channel).onFailure().invoke(Channels::broken);
    }

    /**
     * Makes the clients of the outgoing channels, too, when the broker has answered. A channel tries that only once; were it
     * left to the first record, a name that is gone at that moment would close the channel for good.
     */
    public static void openOutgoing(BrokerWatch broker, KafkaClientService clients) {
        opened(broker, Multi.createFrom().iterable(clients.getProducerChannels()))
                .onItem()
                .transformToUniAndConcatenate(
                        channel -> clients.getProducer(channel).runOnSendingThread(made -> {}))
                .subscribe()
                .with(made -> {}, Channels::broken);
    }

    private static <T> Multi<T> opened(BrokerWatch broker, Multi<T> channel) {
        return Uni.createFrom()
                .item(() -> answered(broker))
                .runSubscriptionOn(Channels::start)
                .onItem()
                .transformToMulti(
                        answered -> answered ? channel : Multi.createFrom().nothing());
    }

    /** On a thread of its own: the wait may be long, and nothing must wait with it. */
    private static void start(Runnable wait) {
        Thread thread = new Thread(wait, "channels");
        thread.setDaemon(true);
        thread.start();
    }

    private static boolean answered(BrokerWatch broker) {
        try {
            return broker.awaitReachable();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void broken(Throwable e) {
        LOGGER.fatal("A channel of Kafka broke; the process ends. A restart goes on from the log", e);
        Quarkus.asyncExit(1);
    }
}
