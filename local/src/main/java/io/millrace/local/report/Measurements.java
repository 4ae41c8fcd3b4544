// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.report;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.EventTable;
import io.millrace.kafka.KafkaConnection;
import java.time.Duration;
import java.util.Collection;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.common.errors.TimeoutException;

/** What runs measured, as their trainers put it into {@code millrace.metrics.v1}. */
public final class Measurements {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private Measurements() {}

    /**
     * The points of a run, by step.
     *
     * @param incarnation of the run
     * @throws TimeoutException when the topic cannot be read to its end
     */
    public static Collection<MetricPoint> of(KafkaConnection kafka, String incarnation) {
        return of(kafka, incarnation, PATIENCE);
    }

    static Collection<MetricPoint> of(KafkaConnection kafka, String incarnation, Duration patience) {
        SortedMap<Long, MetricPoint> points = new ConcurrentSkipListMap<>();
        EventTable.Listener<MetricPoint> listener = (key, point, offset) -> {
            if (point != null && point.incarnation().equals(incarnation)) {
                points.put(point.step(), point);
            }
        };
        try (BrokerWatch broker = new BrokerWatch(kafka);
                EventTable table = new EventTable(kafka, broker)) {
            table.follow(Topic.METRICS, MetricPoint.class, listener).start().catchUp(patience);
        }
        return points.values();
    }
}
