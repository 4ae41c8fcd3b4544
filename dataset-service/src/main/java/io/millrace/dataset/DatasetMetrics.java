// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;

/** The names of this service's meters, and the meters. Thread-safe. */
@Singleton
public class DatasetMetrics {
    /** Batches of both splits that the broker has committed. */
    public static final String BATCHES_PUBLISHED = "millrace.dataset.batches.published";
    /** Their values' size. */
    public static final String BYTES_PUBLISHED = "millrace.dataset.bytes.published";
    /** Training batches in the logs that are in no checkpoint yet, all shards of all live runs together. */
    public static final String AHEAD_BATCHES = "millrace.dataset.ahead.batches";
    /** Bytes of them, by live run. */
    public static final String AHEAD_BYTES = "millrace.dataset.ahead.bytes";
    /** Bytes of all batches in the log of a live run. */
    public static final String LOG_BYTES = "millrace.dataset.log.bytes";
    /** Tag of a gauge that there is one of for each live run. */
    public static final String RUN = "run";
    /** Time of one transaction: making the batches of some steps, writing them, committing. */
    public static final String PUBLISH_DURATION = "millrace.dataset.publish.duration";

    private final Counter batches;
    private final Counter bytes;
    private final Timer duration;
    private final MultiGauge aheadBytes;
    private final MultiGauge logBytes;
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
                .description("Published training batches that are in no checkpoint yet")
                .register(registry);
        aheadBytes = MultiGauge.builder(AHEAD_BYTES)
                .description("Bytes of a run's batches that are in no checkpoint yet")
                .baseUnit(BaseUnits.BYTES)
                .register(registry);
        logBytes = MultiGauge.builder(LOG_BYTES)
                .description("Bytes of the batches in a run's log")
                .baseUnit(BaseUnits.BYTES)
                .register(registry);
    }

    /** A transaction was committed. */
    public void published(int count, long size, Duration took) {
        batches.increment(count);
        bytes.increment(size);
        duration.record(took);
    }

    /** How a run's log stands. */
    public record Fill(String runId, long aheadBatches, long aheadBytes, long bytes) {}

    /** How the logs of all live runs stand; other runs have no gauges any more. */
    public void logs(List<Fill> logs) {
        ahead.set(logs.stream().mapToLong(Fill::aheadBatches).sum());
        aheadBytes.register(rows(logs, Fill::aheadBytes), true);
        logBytes.register(rows(logs, Fill::bytes), true);
    }

    private static List<MultiGauge.Row<?>> rows(List<Fill> logs, ToLongFunction<Fill> value) {
        return logs.stream()
                .<MultiGauge.Row<?>>map(fill -> MultiGauge.Row.of(Tags.of(RUN, fill.runId()), value.applyAsLong(fill)))
                .toList();
    }
}
