// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The CloudEvents attributes of a record in binary mode
 * (<a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md">Kafka
 * protocol binding, section 3.2</a>).
 *
 * @param id unique for its source
 * @param type what happened
 * @param source the service, such as {@code /trainer-service}
 * @param time when
 * @param contentType of the record's value
 */
public record CloudEvent(String id, String type, String source, Instant time, String contentType) {
    public static final String ID = "ce_id";
    public static final String TYPE = "ce_type";
    public static final String SOURCE = "ce_source";
    public static final String TIME = "ce_time";
    public static final String SPEC_VERSION = "ce_specversion";
    public static final String CONTENT_TYPE = "content-type";

    /** The attributes of a record for a topic. */
    public static CloudEvent of(Topic topic, String id, String source) {
        return new CloudEvent(id, topic.eventType(), source, Instant.now(), topic.contentType());
    }

    /** As record headers, UTF-8. */
    public Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(SPEC_VERSION, "1.0");
        headers.put(ID, id);
        headers.put(TYPE, type);
        headers.put(SOURCE, source);
        headers.put(TIME, time.toString());
        headers.put(CONTENT_TYPE, contentType);
        return headers;
    }
}
