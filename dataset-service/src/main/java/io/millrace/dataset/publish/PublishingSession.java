// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.publish;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.dataset.DatasetMetrics;
import io.millrace.dataset.run.LogLimits;
import io.millrace.dataset.run.RunEvents;
import io.millrace.dataset.run.RunRegistry;
import io.millrace.dataset.source.DatasetCatalog;
import io.millrace.dataset.source.DatasetUnavailableException;
import io.millrace.dataset.source.Decoders;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.Refusal;
import io.quarkus.logging.Log;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.KafkaException;

/**
 * Publishing between two losses of the broker. It begins with what the logs say and ends with the first error, after
 * which only a new session, which reads the logs again, can know what was written. The live runs take turns, those that
 * come first, first; a run that cannot go on is passed over. Confined to one thread.
 */
final class PublishingSession implements AutoCloseable {
    private static final Duration IDLE = Duration.ofSeconds(1);
    private static final Duration REPLAY = Duration.ofSeconds(30);
    /** How often it is looked whether somebody else has changed the logs. */
    private static final Duration INSPECTION = Duration.ofSeconds(5);

    private final RunEvents events;
    private final RunRegistry registry;
    private final DatasetMetrics metrics;
    private final LogLimits limits;
    private final RunData data;
    private final LogTopics topics;
    private final NextBatches batches;
    private final Leftovers leftovers;
    private final Map<RunSpec, RunLog> logs = new TreeMap<>(RunSpec.FIRST);
    private long inspectedNanos;
    private long deletions = -1;
    private final EndedLogs ended;

    PublishingSession(
            KafkaConnection connection,
            LogLimits limits,
            EndedLogs.Limits endedLimits,
            RunEvents events,
            RunRegistry registry,
            DatasetCatalog catalog,
            Decoders decoders,
            DatasetMetrics metrics,
            MeterRegistry meters) {
        this.events = events;
        this.registry = registry;
        this.metrics = metrics;
        this.limits = limits;
        this.data = new RunData(registry, catalog, decoders);
        this.topics = new LogTopics(connection);
        this.leftovers = new Leftovers(connection, events, registry);
        this.batches = new NextBatches(new BatchWriter(connection, meters), registry, metrics);
        this.ended = new EndedLogs(topics, registry, endedLimits);
    }

    /** Fences other writers, then learns what there is. */
    void open() {
        batches.takeOver();
        events.catchUp(REPLAY);
        batches.begin(topics.testBatches());
    }

    /** Publishes until it is interrupted, something breaks, or a log is not the topic any more that it was. */
    void work() throws InterruptedException {
        inspectedNanos = System.nanoTime();
        while (true) {
            long seen = registry.version();
            // While a topic that was made anew is being read, what is known of the runs is half the truth.
            if (events.isReplayed()) {
                follow();
                boolean wrote = round();
                metrics.logs(logs.values().stream().map(RunLog::fill).toList());
                if (!isSound()) {
                    return;
                }
                if (wrote) {
                    continue;
                }
            }
            registry.awaitChange(seen, IDLE);
        }
    }

    /** Takes up new runs, and lets go those that are stopped or removed, or have ended. */
    private void follow() {
        Map<RunSpec, RunLog> live = new TreeMap<>(RunSpec.FIRST);
        for (RunSpec run : registry.live()) {
            live.put(run, logs.containsKey(run) ? logs.get(run).of(run) : new RunLog(run, limits));
        }
        logs.keySet().stream().filter(run -> !live.containsKey(run)).forEach(run -> {
            if (!logs.get(run).isComplete()) {
                Log.infof("Publishing stopped: the run is stopped or removed, or has ended. runId=%s", run.runId());
            }
            data.release(run);
            registry.blocked(run, null);
        });
        logs.clear();
        logs.putAll(live);
        ended.tidy();
        long now = registry.deletions();
        if (now != deletions) {
            deletions = now;
            deleteGone();
        }
        leftovers.delete();
    }

    private void deleteGone() {
        try {
            topics.delete("a deleted run", registry::isGone);
        } catch (KafkaException e) {
            // It takes up room and does no harm.
            Log.warnf(
                    "A log of a deleted run could not be deleted; a restart tries it again. reason=\"%s\"",
                    Refusal.of(e).orElse(e.getMessage()));
        }
    }

    /** Each run has its turn, of at most one transaction; whether something was published. */
    private boolean round() throws InterruptedException {
        // All logs first: a trainer that lacks something must not wait for the others' batches.
        for (RunLog log : logs.values()) {
            unlessBlocked(log, () -> {
                attend(log);
                return false;
            });
        }
        boolean wrote = false;
        for (RunLog log : logs.values()) {
            wrote |= registry.isLive(log.run().incarnation()) && unlessBlocked(log, () -> publish(log));
        }
        return wrote;
    }

    /** A part of a run's turn. */
    private interface Part {
        boolean take() throws DatasetUnavailableException, InterruptedException;
    }

    /** What is in the way of one run is in no other one's way. */
    private boolean unlessBlocked(RunLog log, Part part) throws InterruptedException {
        try {
            return !log.isPaused() && part.take();
        } catch (DatasetUnavailableException | BlockedException e) {
            block(log, e.getMessage());
        } catch (KafkaException e) {
            block(log, BlockedException.of(e).orElseThrow(() -> e).getMessage());
        }
        return false;
    }

    private void block(RunLog log, String reason) {
        batches.abort();
        log.paused();
        if (registry.blocked(log.run(), reason)) {
            Log.errorf("The run is blocked. runId=%s reason=\"%s\"", log.run().runId(), reason);
        }
    }

    /** Opens a log, publishes it again if the trainer lacks something, cuts it if it holds too much. */
    private void attend(RunLog log) {
        RunSpec run = log.run();
        if (log.identity() == null) {
            topics.open(log, registry.checkpoints(run));
            registry.published(run, log.next());
            Log.infof("Publishing. runId=%s step=%d steps=%d", run.runId(), log.next(), run.steps());
        }
        log.checkpointed(registry.checkpoints(run));
        Long lacks = registry.status(run).map(RunStatus::lacks).orElse(null);
        if (log.hasToRestart(lacks)) {
            topics.restart(log, lacks);
            registry.published(run, log.next());
            Log.warnf(
                    "The log lacks what the trainer has to read; it is published again. runId=%s step=%d",
                    run.runId(), log.next());
        }
        log.surplus().ifPresent(behind -> {
            topics.trim(log, behind);
            Log.infof("The log is cut behind a checkpoint. runId=%s step=%d", run.runId(), behind.step());
        });
        log.behindDeltas().ifPresent(behind -> topics.trimDeltas(log, behind));
    }

    /** One transaction, if there is room for it and its data is there. */
    private boolean publish(RunLog log) throws DatasetUnavailableException, InterruptedException {
        if (log.identity() == null) {
            return false; // it was still paused when logs were opened
        }
        if (!batches.isMissing(log)) {
            data.release(log.run());
            resumed(log);
            return false;
        }
        Optional<BatchMaker> maker = data.maker(log.run());
        if (maker.isPresent()) {
            batches.write(log, maker.get());
            resumed(log);
        }
        return maker.isPresent();
    }

    private void resumed(RunLog log) {
        if (log.resumed()) {
            registry.blocked(log.run(), null);
        }
    }

    /**
     * Whether all logs are still the topics that were opened. One from which somebody has deleted what a trainer lacks is
     * opened anew.
     */
    private boolean isSound() {
        if (System.nanoTime() - inspectedNanos < INSPECTION.toNanos()) {
            return true;
        }
        inspectedNanos = System.nanoTime();
        if (logs.keySet().stream()
                .flatMap(run -> registry.status(run).stream())
                .anyMatch(status -> status.validationProblem() != null)) {
            // Somebody else may have deleted what was published once.
            batches.begin(topics.testBatches());
        }
        for (RunLog log : logs.values()) {
            if (log.identity() != null) {
                boolean lacking = registry.status(log.run())
                        .filter(status -> status.lacks() != null)
                        .isPresent();
                if (!topics.isStill(log)) {
                    Log.warnf(
                            "The log was deleted; it is made and published anew. runId=%s",
                            log.run().runId());
                    return false;
                }
                if (lacking && topics.isCut(log)) {
                    log.lost();
                }
            }
        }
        return true;
    }

    @Override
    public void close() {
        batches.close();
        topics.close();
    }
}
