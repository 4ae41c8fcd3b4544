// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The names of this service's meters, and the meters. Thread-safe. */
@Singleton
public class DatasetMetrics {
    /** Batches of both splits that the broker has committed. */
    public static final String BATCHES_PUBLISHED = "millrace.dataset.batches.published";
    /** Their values' size. */
    public static final String BYTES_PUBLISHED = "millrace.dataset.bytes.published";
    /** Training batches in the log that trainers have not processed yet, all shards together. */
    public static final String AHEAD_BATCHES = "millrace.dataset.ahead.batches";
    /** Time of one transaction: making the batches of some steps, writing them, committing. */
    public static final String PUBLISH_DURATION = "millrace.dataset.publish.duration";

    private final Counter batches;
    private final Counter bytes;
    private final Timer duration;
    private final AtomicLong ahead = new AtomicLong();

    DatasetMetrics(MeterRegistry registry) {
        batches = Counter.builder(BATCHES_PUBLISHED)
                .description("Batches published, training and test")
                .register(registry);
        bytes = Counter.builder(BYTES_PUBLISHED)
                .description("Bytes of the published batches")
                .register(registry);
        duration = Timer.builder(PUBLISH_DURATION)
                .description("Time to make, write and commit the batches of one transaction")
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofSeconds(30))
                .register(registry);
        Gauge.builder(AHEAD_BATCHES, ahead, AtomicLong::get)
                .description("Published training batches that trainers have not processed yet")
                .register(registry);
    }

    /** A transaction was committed. */
    public void published(int count, long size, Duration took) {
        batches.increment(count);
        bytes.increment(size);
        duration.record(took);
    }

    /** So many batches wait for trainers. */
    public void ahead(long count) {
        ahead.set(count);
    }
}
