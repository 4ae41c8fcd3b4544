// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.contracts.event.EventCodec;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import java.util.UUID;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;

/** Events as messages for an outgoing channel. Send them with {@code MutinyEmitter.sendMessageAndAwait}. */
public final class EventMessages {
    private EventMessages() {}

    /**
     * An event with its key and its CloudEvents headers.
     *
     * @param topic where it will go
     * @param key of the record
     * @param id CloudEvents id; the same for the same event when it is sent again
     * @param source the service, such as {@code /trainer-service}
     * @param event a record of {@code contracts.event}
     */
    public static Message<byte[]> of(Topic topic, String key, String id, String source, Object event) {
        return message(topic, key, id, source, EventCodec.encode(event));
    }

    /** A record without a value: on a compacted topic it deletes the key. */
    public static Message<byte[]> tombstone(Topic topic, String key, String source) {
        return message(topic, key, UUID.randomUUID().toString(), source, null);
    }

    private static Message<byte[]> message(Topic topic, String key, String id, String source, byte[] value) {
        OutgoingKafkaRecordMetadata<String> metadata = OutgoingKafkaRecordMetadata.<String>builder()
                .withTopic(topic.name())
                .withKey(key)
                .withHeaders(CloudEventHeaders.of(CloudEvent.of(topic, id, source)))
                .build();
        return Message.of(value, Metadata.of(metadata));
    }
}
