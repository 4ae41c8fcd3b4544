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
    /** Largest record, headers included: within what every broker takes as it comes (1,048,588 bytes). */
    public static final int MAX_RECORD_BYTES = 1_000_000;

    private static final Duration LONG = Duration.ofDays(365);
    private static final String JSON = "application/json";
    private static final String SAFETENSORS = "application/vnd.safetensors";

    /** A deletion is kept as long as anything: it says that a run was there, so that it is not started a second time. */
    public static final Topic RUNS = compacted("millrace.runs.v1", "io.millrace.run.created.v1")
            .with("delete.retention.ms", Long.toString(LONG.toMillis()));

    public static final Topic TEST_BATCHES =
            deleted("millrace.test-batches.v1", "io.millrace.test-batch.published.v1", SAFETENSORS, LONG);
    public static final Topic CHECKPOINTS =
            deleted("millrace.checkpoints.v1", "io.millrace.checkpoint.published.v1", JSON, LONG);
    public static final Topic RUN_STATUS = compacted("millrace.run-status.v1", "io.millrace.run.status.v1");
    public static final Topic EVALUATIONS =
            deleted("millrace.evaluations.v1", "io.millrace.evaluation.completed.v1", JSON, LONG);
    public static final Topic PROMOTIONS = compacted("millrace.promotions.v1", "io.millrace.model.promoted.v1");
    /** What runs measured, by step: the source of every curve. */
    public static final Topic METRICS = compacted("millrace.metrics.v1", "io.millrace.metric.measured.v1");
    /** What people say of answers. */
    public static final Topic FEEDBACK = deleted("millrace.feedback.v1", "io.millrace.feedback.given.v1", JSON, LONG);

    /** Names of the logs of batches begin with it. */
    public static final String BATCHES_PREFIX = "millrace.batches.v1.";
    /** Where records of all logs of batches go that cannot be read. No run's log is named so: see {@link #batches}. */
    public static final Topic BATCHES_DEAD_LETTERS =
            deleted(BATCHES_PREFIX + "dlq", "io.millrace.batch.published.v1", SAFETENSORS, LONG);

    /** Names of the logs of deltas begin with it. */
    public static final String DELTAS_PREFIX = "millrace.deltas.v1.";
    /** As {@link #BATCHES_DEAD_LETTERS}, of all logs of deltas. */
    public static final Topic DELTAS_DEAD_LETTERS =
            deleted(DELTAS_PREFIX + "dlq", "io.millrace.delta.published.v1", SAFETENSORS, LONG);

    /** Small, since records are deleted from a log by the segment. */
    private static final int LOG_SEGMENT_BYTES = 16 << 20;

    /**
     * The log of a run's batches, one partition a shard. Kafka's own retention never touches it: what is behind the run's
     * checkpoints is deleted by whoever publishes.
     *
     * @param incarnation of the run, which no other topic can be named by
     */
    public static Topic batches(String incarnation) {
        return log(BATCHES_PREFIX + incarnation, BATCHES_DEAD_LETTERS);
    }

    /**
     * The log of what the replicas of a run share, one partition a replica. It is made, cut and deleted as that of the
     * batches is.
     *
     * @param incarnation of the run
     */
    public static Topic deltas(String incarnation) {
        return log(DELTAS_PREFIX + incarnation, DELTAS_DEAD_LETTERS);
    }

    private static Topic log(String name, Topic deadLetters) {
        return new Topic(
                name,
                deadLetters.eventType(),
                SAFETENSORS,
                Map.of(
                        "cleanup.policy", "delete",
                        "retention.ms", "-1",
                        "retention.bytes", "-1",
                        "segment.bytes", Integer.toString(LOG_SEGMENT_BYTES)));
    }

    /** Where records of this topic go that cannot be read: untouched, with the reason in their headers. */
    public Topic deadLetters() {
        return deleted(name + ".dlq", eventType, contentType, LONG);
    }

    /** A table. The broker compacts closed segments only, so they are closed long before the usual week and gigabyte. */
    private static Topic compacted(String name, String eventType) {
        return new Topic(name, eventType, JSON, Map.of("cleanup.policy", "compact"))
                .with("segment.ms", Long.toString(Duration.ofHours(1).toMillis()))
                .with("segment.bytes", Long.toString(32L << 20));
    }

    private static Topic deleted(String name, String eventType, String contentType, Duration retention) {
        return new Topic(name, eventType, contentType, Map.of("cleanup.policy", "delete"))
                .with("retention.ms", Long.toString(retention.toMillis()));
    }

    private Topic with(String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(settings);
        more.put(key, value);
        return new Topic(name, eventType, contentType, Map.copyOf(more));
    }
}
