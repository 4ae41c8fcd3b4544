// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.insight;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.Nearest;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.kafka.BrokerWatch;
import io.millrace.kafka.EventTable;
import io.millrace.kafka.KafkaConnection;
import io.millrace.local.Refusal;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.errors.TimeoutException;

/** All runs, as the topics tell of them: those of yesterday, too, and those that go on meanwhile. Thread-safe. */
public final class RunBook implements AutoCloseable {
    private static final int MOST_NAMED = 20;

    private final BrokerWatch broker;
    private final EventTable table;
    private final Map<String, RunSpec> runs = new HashMap<>();
    private final Map<String, RunStatus> statuses = new HashMap<>();
    private final Map<String, MetricPoint> points = new HashMap<>();
    private final Map<String, EvaluationCompleted> evaluations = new HashMap<>();
    private final Map<String, ModelPromoted> promotions = new HashMap<>();

    /** Begins to read. */
    public RunBook(KafkaConnection kafka) {
        broker = new BrokerWatch(kafka);
        table = new EventTable(kafka, broker)
                .follow(Topic.RUNS, RunSpec.class, into(runs))
                .follow(Topic.RUN_STATUS, RunStatus.class, into(statuses))
                .follow(Topic.METRICS, MetricPoint.class, into(points))
                .follow(Topic.EVALUATIONS, EvaluationCompleted.class, into(evaluations))
                .follow(Topic.PROMOTIONS, ModelPromoted.class, into(promotions))
                .start();
    }

    private <T> EventTable.Listener<T> into(Map<String, T> events) {
        return new EventTable.Listener<>() {
            @Override
            public void event(String key, T value, long offset) {
                synchronized (RunBook.this) {
                    if (value == null) {
                        events.remove(key);
                    } else {
                        events.put(key, value);
                    }
                }
            }

            @Override
            public void cleared() {
                synchronized (RunBook.this) {
                    events.clear();
                }
            }
        };
    }

    /**
     * Waits until everything is known that is in the topics now.
     *
     * @throws Refusal when the broker does not let it
     */
    public void catchUp(Duration patience) {
        try {
            table.catchUp(patience);
        } catch (TimeoutException e) {
            throw new Refusal(
                    "the runs cannot be read from Kafka: " + e.getMessage()
                            + ". ./millrace status says how the stack stands",
                    e);
        }
    }

    /** The ids of the runs that there are, the newest first. */
    public synchronized List<String> names() {
        return runs.values().stream()
                .filter(run -> !run.removed())
                .sorted(Comparator.comparing(RunSpec::createdAt).reversed())
                .map(RunSpec::runId)
                .toList();
    }

    /**
     * What is known of a run now.
     *
     * @throws Refusal when there is none of this id, naming those that there are
     */
    public synchronized RunRecord find(String runId) {
        RunSpec run = Optional.ofNullable(runs.get(runId))
                .filter(known -> !known.removed())
                .orElseThrow(() -> new Refusal(unknown(runId)));
        String incarnation = run.incarnation();
        return new RunRecord(
                run,
                statuses.get(runId),
                points(incarnation),
                evaluations.values().stream()
                        .filter(each -> each.checkpoint().incarnation().equals(incarnation))
                        .sorted(Comparator.comparingLong(EvaluationCompleted::step)
                                .thenComparing(each -> each.checkpoint().averaged()))
                        .toList(),
                promotions.values().stream()
                        .filter(each -> each.checkpoint().incarnation().equals(incarnation))
                        .map(ModelPromoted::model)
                        .findFirst()
                        .orElse(null));
    }

    /** The points of a run's curves so far, by step. */
    public synchronized List<MetricPoint> points(String incarnation) {
        return points.values().stream()
                .filter(point -> point.incarnation().equals(incarnation))
                .sorted(Comparator.comparingLong(MetricPoint::step))
                .toList();
    }

    private String unknown(String runId) {
        List<String> names = names();
        if (names.isEmpty()) {
            return "there is no run \"" + runId + "\", and no other; ./millrace start orders one";
        }
        return "there is no run \"" + runId + "\"; the nearest is \"" + Nearest.of(names, runId) + "\", and there are "
                + (names.size() > MOST_NAMED
                        ? names.size() + ", the newest being " + String.join(", ", names.subList(0, MOST_NAMED))
                        : String.join(", ", names));
    }

    @Override
    public void close() {
        table.close();
        broker.close();
    }
}
