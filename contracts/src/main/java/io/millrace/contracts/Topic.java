// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A topic and the settings it is created with. Whoever needs a topic first creates it, from this one definition.
 *
 * @param name {@code millrace.<noun>.v1}
 * @param eventType CloudEvents type of its records
 * @param contentType of its records' values
 * @param settings of the topic at the broker
 */
public record Topic(String name, String eventType, String contentType, Map<String, String> settings) {
    /** Largest record, with room for keys and headers; topics, producers, consumers and brokers agree on it. */
    public static final int MAX_RECORD_BYTES = 16 * 1024 * 1024;

    /** What a dead letter may be larger than the record itself: the headers that say where it comes from and why. */
    public static final int DEAD_LETTER_HEADROOM = 64 * 1024;

    private static final Duration LONG = Duration.ofDays(365);
    private static final String JSON = "application/json";
    private static final String SAFETENSORS = "application/vnd.safetensors";

    /** A deletion is kept as long as anything: it says that a run was there, so that it is not started a second time. */
    public static final Topic RUNS = compacted("millrace.runs.v1", "io.millrace.run.created.v1")
            .with("delete.retention.ms", Long.toString(LONG.toMillis()));
    /** Bounded by bytes as well as by time: the log of a long run must not fill the broker's disk. */
    public static final Topic BATCHES = deleted(
                    "millrace.batches.v1", "io.millrace.batch.published.v1", SAFETENSORS, Duration.ofDays(7))
            .with("retention.bytes", Long.toString(4L << 30))
            .with("segment.bytes", Long.toString(128L << 20));

    public static final Topic TEST_BATCHES =
            deleted("millrace.test-batches.v1", "io.millrace.test-batch.published.v1", SAFETENSORS, LONG);
    public static final Topic CHECKPOINTS =
            deleted("millrace.checkpoints.v1", "io.millrace.checkpoint.published.v1", JSON, LONG);
    public static final Topic RUN_STATUS = compacted("millrace.run-status.v1", "io.millrace.run.status.v1");
    public static final Topic EVALUATIONS =
            deleted("millrace.evaluations.v1", "io.millrace.evaluation.completed.v1", JSON, LONG);
    public static final Topic PROMOTIONS = compacted("millrace.promotions.v1", "io.millrace.model.promoted.v1");

    /** Where records of this topic go that cannot be read: untouched, with the reason in their headers. */
    public Topic deadLetters() {
        return deleted(name + ".dlq", eventType, contentType, LONG)
                .with("max.message.bytes", Integer.toString(MAX_RECORD_BYTES + DEAD_LETTER_HEADROOM));
    }

    /** A table. The broker compacts closed segments only, so they are closed long before the usual week and gigabyte. */
    private static Topic compacted(String name, String eventType) {
        return new Topic(name, eventType, JSON, Map.of("cleanup.policy", "compact"))
                .with("segment.ms", Long.toString(Duration.ofHours(1).toMillis()))
                .with("segment.bytes", Long.toString(32L << 20))
                .bounded();
    }

    private static Topic deleted(String name, String eventType, String contentType, Duration retention) {
        return new Topic(name, eventType, contentType, Map.of("cleanup.policy", "delete"))
                .with("retention.ms", Long.toString(retention.toMillis()))
                .bounded();
    }

    private Topic bounded() {
        return with("max.message.bytes", Integer.toString(MAX_RECORD_BYTES));
    }

    private Topic with(String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(settings);
        more.put(key, value);
        return new Topic(name, eventType, contentType, Map.copyOf(more));
    }
}
