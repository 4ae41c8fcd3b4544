// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.publish;

import io.millrace.contracts.CloudEvent;
import io.millrace.contracts.Topic;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.RunStatus;
import io.millrace.kafka.CloudEventHeaders;
import io.millrace.kafka.KafkaConnection;
import io.millrace.trainer.Patience;
import io.millrace.trainer.Patience.StoppedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jboss.logging.Logger;

/**
 * All that is written about a run, in its order, through one transactional producer: metric points, checkpoints, statuses,
 * and, of a run in rounds, what its replica learnt. There is one for each replica, and that of the first writes about the
 * run. Whoever opens the same one later fences this one off, so that a trainer that was replaced can write nothing more. A
 * thread of its own writes; what the broker does not take is kept and tried again until it does. Thread-safe.
 */
public final class RunWriter implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(RunWriter.class);
    private static final String SOURCE = "/trainer-service";
    private static final String CLIENT_ID = "trainer-service-run";
    /** How often is looked whether there is something that must not wait for its turn. */
    private static final Duration GLANCE = Duration.ofMillis(500);

    private static final Duration FAREWELL = Duration.ofSeconds(5);
    /** Records of a transaction, so that those of a long outage fit into the producer's memory. */
    private static final int AT_ONCE = 5_000;

    private final String transactionalId;
    private final FencedProducer producer;
    private final Patience patience;
    private final StatusNews news;
    private final Duration glance;
    private final Thread thread = new Thread(this::work, "run-writer");
    private final List<Entry> waiting = new LinkedList<>();
    private Supplier<Optional<RunStatus>> status = Optional::empty;
    /** What was sent in a transaction that is still to be committed. Of the writing thread. */
    private List<Entry> uncommitted = List.of();

    private boolean urgent;
    private boolean closed;
    private Throwable failure;
    private volatile int announced;
    private volatile boolean fenced;
    private volatile String problem;

    /** What is to be written in one transaction, by its id: an event, or several that are news only together; or records. */
    private record Entry(
            Topic topic, String key, Map<String, ?> events, int ordinal, List<ProducerRecord<String, byte[]>> ready) {
        Entry(Topic topic, String key, Map<String, ?> events, int ordinal) {
            this(topic, key, events, ordinal, List.of());
        }

        Stream<ProducerRecord<String, byte[]>> records() {
            return Stream.concat(ready.stream(), encoded());
        }

        private Stream<ProducerRecord<String, byte[]>> encoded() {
            return events.entrySet().stream()
                    .map(event -> new ProducerRecord<>(
                            topic.name(),
                            null,
                            key,
                            EventCodec.encode(event.getValue()),
                            CloudEventHeaders.of(CloudEvent.of(topic, event.getKey(), SOURCE))));
        }

        <T> Stream<T> events(Class<T> type) {
            return events.values().stream().filter(type::isInstance).map(type::cast);
        }
    }

    /**
     * Of a run.
     *
     * @param incarnation of it
     * @param statusEvery time between two statuses of a running run
     */
    public RunWriter(KafkaConnection connection, String incarnation, Duration statusEvery, Patience patience) {
        this(connection, incarnation, 0, () -> true, statusEvery, patience);
    }

    /**
     * Of a replica of a run.
     *
     * @param replica its number, from 0; that of 0 writes about the run
     * @param own whether it is still known to be this process's; asked before what failed is taken up with another producer
     */
    public RunWriter(
            KafkaConnection connection,
            String incarnation,
            int replica,
            BooleanSupplier own,
            Duration statusEvery,
            Patience patience) {
        this.transactionalId = incarnation + "-replica-" + replica;
        this.producer = new FencedProducer(
                connection::producer, own, transactionalId, replica == 0 ? CLIENT_ID : CLIENT_ID + "-" + replica);
        this.patience = patience;
        this.news = new StatusNews(statusEvery);
        this.glance = statusEvery.compareTo(GLANCE) < 0 ? statusEvery : GLANCE;
        thread.setDaemon(true);
    }

    /** Fences off whoever wrote about the run before, and begins to write. */
    public void open() throws InterruptedException, StoppedException {
        patience.attempt("take over what is written about " + transactionalId, () -> {
            producer.open();
            return true;
        });
        thread.start();
    }

    /** From now on it is told how the run stands. */
    public synchronized void report(Supplier<Optional<RunStatus>> running) {
        status = running;
    }

    /** One more point of the run's curves. */
    public synchronized void add(MetricPoint point) {
        waiting.add(new Entry(Topic.METRICS, point.key(), Map.of(point.key(), point), 0));
    }

    /**
     * A checkpoint was written; everything that was added before is written before it.
     *
     * @param checkpoint its announcement, and that of its average where it has one: all of them or none
     * @param ordinal its number among those of the run, from 1
     */
    public synchronized void announce(List<CheckpointPublished> checkpoint, int ordinal) {
        Map<String, CheckpointPublished> byId = new LinkedHashMap<>();
        checkpoint.forEach(each -> byId.put(each.checkpoint().checkpointId(), each));
        waiting.add(new Entry(Topic.CHECKPOINTS, checkpoint.get(0).checkpoint().runId(), byId, ordinal));
        urgent = true;
        notifyAll();
    }

    /** Records that belong together, as they are, and that others wait for. */
    public synchronized void share(List<ProducerRecord<String, byte[]>> records) {
        waiting.add(new Entry(null, null, Map.of(), 0, records));
        urgent = true;
        notifyAll();
    }

    /** Points that the broker may not have, up to a step: whoever resumes there has to write them. */
    public synchronized List<MetricPoint> pointsUpTo(long step) {
        return waiting.stream()
                .flatMap(entry -> entry.events(MetricPoint.class))
                .filter(point -> point.step() <= step)
                .toList();
    }

    /** Tells how the run ended, and returns when that is safe. No status follows. */
    public void end(RunStatus last) throws InterruptedException, StoppedException, LeftAloneException {
        synchronized (this) {
            status = Optional::empty;
            waiting.add(entry(last));
            urgent = true;
            notifyAll();
        }
        while (!awaitIdle(GLANCE)) {
            patience.requireGoing();
            check();
        }
    }

    private static Entry entry(RunStatus status) {
        String id = status.runId() + '/' + status.updatedAt();
        return new Entry(Topic.RUN_STATUS, status.runId(), Map.of(id, status), 0);
    }

    /** Waits until the broker has everything but points; false when that takes longer. */
    public synchronized boolean awaitIdle(Duration atMost) throws InterruptedException {
        urgent = true;
        notifyAll();
        long deadline = System.nanoTime() + atMost.toNanos();
        long left = atMost.toNanos();
        while (!waiting.isEmpty() && !fenced && failure == null && left > 0) {
            wait(left / 1_000_000 + 1);
            left = deadline - System.nanoTime();
        }
        return waiting.isEmpty();
    }

    /** Checkpoints of the run that were announced so far; an average counts with its checkpoint. */
    public int announced() {
        return announced;
    }

    /** So many were announced before. */
    public void announcedBefore(int count) {
        announced = count;
    }

    /** Why the latest attempt to write failed, with the remedy where there is one; empty when it did not. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /**
     * Does nothing while the run is this process's.
     *
     * @throws LeftAloneException when another one has taken it over
     * @throws IllegalStateException when the writing thread died
     */
    public synchronized void check() throws LeftAloneException {
        if (fenced) {
            throw new LeftAloneException("another trainer has taken it over");
        }
        if (failure != null) {
            throw new IllegalStateException("writing about the run failed: " + failure, failure);
        }
    }

    private void work() {
        int failures = 0;
        try {
            while (!fenced) {
                Optional<List<Entry>> next = next(failures == 0 ? glance : patience.after(failures));
                if (next.isEmpty()) {
                    return;
                }
                failures = next.get().isEmpty() || write(next.get()) ? 0 : failures + 1;
            }
        } catch (InterruptedException | InterruptException e) {
            LOGGER.debug("Writing ends");
        } catch (RuntimeException | Error e) {
            synchronized (this) {
                failure = e;
                notifyAll();
            }
        }
    }

    /** What is due; empty when the writer is closed. */
    private synchronized Optional<List<Entry>> next(Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!closed && !urgent && System.nanoTime() < deadline) {
            wait((deadline - System.nanoTime()) / 1_000_000 + 1);
        }
        if (closed) {
            return Optional.empty();
        }
        List<Entry> due = new ArrayList<>(waiting.subList(0, Math.min(waiting.size(), AT_ONCE)));
        Optional<RunStatus> latest = status.get().filter(news::isDue);
        boolean quiet = !urgent && latest.isEmpty();
        // After a failure all wait for its time to pass, however urgent they are.
        urgent = false;
        latest.map(RunWriter::entry).ifPresent(due::add);
        return Optional.of(quiet && !news.isTime() ? List.of() : due);
    }

    private boolean write(List<Entry> due) {
        try {
            if (!producer.isCommitting()) {
                producer.send(due.stream().flatMap(Entry::records).toList());
                uncommitted = due;
            }
            producer.commit();
            written(uncommitted);
            // What a replica learnt is large.
            uncommitted = List.of();
            return true;
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException | IllegalStateException e) {
            failed(e);
            return false;
        }
    }

    private synchronized void written(List<Entry> done) {
        // What waits only grows at its end; a status never waits, but the last.
        done.stream()
                .filter(entry -> !waiting.isEmpty() && waiting.get(0) == entry)
                .forEach(entry -> waiting.remove(0));
        for (Entry entry : done) {
            announced = Math.max(announced, entry.ordinal());
            entry.events(RunStatus.class).forEach(news::told);
            entry.events(CheckpointPublished.class).forEach(RunWriter::sayAnnounced);
        }
        problem = null;
        notifyAll();
    }

    private static void sayAnnounced(CheckpointPublished checkpoint) {
        LOGGER.infof(
                "Checkpoint announced. runId=%s epoch=%d step=%d checkpointId=%s loss=%.4f",
                checkpoint.checkpoint().runId(),
                checkpoint.position().epoch(),
                checkpoint.position().step(),
                checkpoint.checkpoint().checkpointId(),
                checkpoint.position().loss());
    }

    private void failed(RuntimeException e) {
        if (producer.isFenced()) {
            LOGGER.warnf(
                    "Another trainer has taken over, this one writes nothing more. id=%s reason=\"%s\"",
                    transactionalId, Patience.reason(e));
            synchronized (this) {
                fenced = true;
                notifyAll();
            }
            return;
        }
        String why = Patience.reason(e);
        LOGGER.logf(
                why.equals(problem) ? Logger.Level.DEBUG : Logger.Level.WARN,
                "What is new of the run could not be written; it is kept and tried again. id=%s reason=\"%s\"",
                transactionalId,
                why);
        problem = why;
    }

    /** Ends after the attempt at hand; what was not written by then is dropped. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            thread.join(FAREWELL.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
        producer.close();
    }
}
