// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.Keyed;
import io.millrace.contracts.event.MalformedEventException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;
import org.jboss.logging.Logger;

/** How far a topic has been handed to its listener. Of the reading thread alone. */
final class FollowedTopic<T> {
    private static final Logger LOGGER = Logger.getLogger(EventTable.class);

    private final Topic topic;
    private final Class<T> type;
    private final EventTable.Listener<T> listener;
    /** Which of the topics of this name it is; null until that is known. */
    private Uuid id;

    private long next;

    FollowedTopic(Topic topic, Class<T> type, EventTable.Listener<T> listener) {
        this.topic = topic;
        this.type = type;
        this.listener = listener;
    }

    Topic topic() {
        return topic;
    }

    /** The offset of the first record that was not handed over; 0: read from where the topic begins. */
    long next() {
        return next;
    }

    /** Whether the topic of this name is another one than the one that was read. */
    boolean isAnother(Uuid found) {
        return id != null && !id.equals(found);
    }

    void identify(Uuid found) {
        id = found;
    }

    /** Nothing that was handed over holds any more. */
    void forget() {
        LOGGER.warnf("The topic was deleted and made anew; it is read from its beginning. topic=%s", topic.name());
        next = 0;
        id = null;
        listener.cleared();
    }

    void replayed() {
        listener.replayed();
    }

    void take(ConsumerRecord<String, byte[]> record) {
        T value = null;
        String unreadable = record.key() == null ? "it has no key" : null;
        try {
            value = record.value() == null ? null : decode(record);
        } catch (MalformedEventException e) {
            unreadable = e.getMessage();
        }
        if (unreadable == null) {
            listener.event(record.key(), value, record.offset());
        } else {
            LOGGER.errorf(
                    "Passed over an event that cannot be read. topic=%s offset=%d reason=\"%s\"",
                    record.topic(), record.offset(), unreadable);
            listener.unreadable(record.key(), record.offset(), unreadable);
        }
        next = record.offset() + 1;
    }

    private T decode(ConsumerRecord<String, byte[]> record) throws MalformedEventException {
        T value = EventCodec.decode(record.value(), type);
        if (value instanceof Keyed keyed && !keyed.key().equals(record.key())) {
            throw new MalformedEventException("the key \"" + record.key() + "\" should be \"" + keyed.key() + '"');
        }
        return value;
    }
}
