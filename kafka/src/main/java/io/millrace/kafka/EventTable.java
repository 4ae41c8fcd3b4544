// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import io.millrace.contracts.Topic;
import io.quarkus.runtime.Quarkus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;

/**
 * The one way to read event topics: from their first record at every start, then on as they grow, and anew when one was
 * deleted and made again. Such topics have one partition. Several are read by one thread with one consumer, each in the
 * order of its records; listeners are called from that thread. Topics that are missing are made.
 *
 * <p>A broker that is away is waited for. What cannot be read is told to the listener and passed over: the service that
 * wrote it has to be mended, this one must still start. Thread-safe.
 */
public final class EventTable implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(EventTable.class);
    /** A record ends the wait at once; so does {@link #catchUp}. */
    private static final Duration POLL = Duration.ofSeconds(5);

    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private final KafkaConnection connection;
    private final BrokerWatch broker;
    private final FollowedTopics topics = new FollowedTopics();
    private final CatchUps catchUps = new CatchUps();
    private final Thread thread = new Thread(this::run, "event-table");
    private volatile boolean replayed;
    private volatile boolean closed;
    private volatile boolean telling;
    private volatile String problem;

    /** Of no topics yet. */
    public EventTable(KafkaConnection connection, BrokerWatch broker) {
        this.connection = connection;
        this.broker = broker;
        thread.setDaemon(true);
    }

    /** Is told what a topic holds. What these throw ends the process. */
    public interface Listener<T> {
        /**
         * The next event.
         *
         * @param key of the record
         * @param value the event; null: the key was deleted
         * @param offset its place in the topic
         */
        void event(String key, T value, long offset);

        /** A record is no such event, or stands under the key of another one; it has been logged. */
        default void unreadable(String key, long offset, String reason) {}

        /** Everything has been handed over that was in the topics at the start, or when one was made anew. */
        default void replayed() {}

        /** The topic was deleted and made anew: nothing that came from it holds any more; what is in it now follows. */
        default void cleared() {}
    }

    /** Adds a topic; before the start. */
    public <T> EventTable follow(Topic topic, Class<T> type, Listener<T> listener) {
        topics.add(new FollowedTopic<>(topic, type, listener));
        return this;
    }

    /**
     * Adds a topic that is read by other means; before the start.
     *
     * @param group as which it is read; that we may be of it is part of what {@link #problem} tells
     * @param madeAnew is run when the topic was deleted and made anew, see {@link Listener#cleared}
     */
    public EventTable watch(Topic topic, String group, Runnable madeAnew) {
        Listener<Object> watcher = new Listener<>() {
            @Override
            public void event(String key, Object value, long offset) {
                throw new IllegalStateException("nothing is read of " + topic.name());
            }

            @Override
            public void cleared() {
                madeAnew.run();
            }
        };
        topics.add(new FollowedTopic<>(topic, Object.class, watcher), group);
        return this;
    }

    /** Begins to read. */
    public EventTable start() {
        thread.start();
        return this;
    }

    /** Whether everything that was in the topics at the start, or when one was made anew, has been handed over. */
    public boolean isReplayed() {
        return replayed;
    }

    /** Why it does not get on, the remedy included; empty while it does. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /**
     * Waits until everything has been handed over that is in the topics now. Of a transaction that is what others can see:
     * the broker may need a moment for its end after its producer has been told.
     *
     * @throws TimeoutException when that takes longer, or reading ends before
     */
    public void catchUp(Duration patience) {
        if (!catchUps.await(patience)) {
            throw new TimeoutException("the end of " + topics.names() + " is not reached "
                    + (closed ? "any more: reading has ended" : "within " + patience.toMillis() + " ms" + because()));
        }
    }

    private String because() {
        return problem().or(broker::reason).map(why -> ": " + why).orElse("");
    }

    private void run() {
        try {
            while (!closed && broker.awaitReachable()) {
                try {
                    read();
                } catch (WakeupException e) {
                    LOGGER.debug("Woken while connecting");
                } catch (InterruptException e) {
                    throw e;
                } catch (KafkaException e) {
                    failed(e);
                }
            }
        } catch (InterruptedException | InterruptException e) {
            LOGGER.debug("Reading ends");
        } catch (RuntimeException | Error e) {
            LOGGER.fatalf(
                    e, "The topics %s cannot be followed; the process ends. A restart reads them anew", topics.names());
            Quarkus.asyncExit(1);
        }
    }

    private void failed(KafkaException e) throws InterruptedException {
        String why = Refusal.of(e).orElseGet(() -> String.valueOf(e.getMessage()));
        // That the broker is away altogether, the watch says.
        LOGGER.logf(
                why.equals(problem) || !broker.reachable() ? Logger.Level.DEBUG : Logger.Level.WARN,
                "Events cannot be read; it is tried again until they can. topics=%s reason=\"%s\"",
                topics.names(),
                why);
        problem = why;
        Thread.sleep(RETRY.toMillis());
    }

    private void mended() {
        if (problem != null && broker.reachable()) {
            LOGGER.infof("Events are read again. topics=%s", topics.names());
        }
        problem = null;
    }

    /** With one consumer, until one of the topics turns out to be another one. */
    private void read() {
        topics.ensure(connection);
        KafkaConsumer<String, byte[]> opened = connection.consumer(Map.of(
                ConsumerConfig.CLIENT_ID_CONFIG, "event-table",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none",
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int) POLL.toMillis()));
        try (Admin admin = connection.admin("event-table-admin")) {
            topics.assignTo(opened);
            topics.replaced(admin, this::forget);
            topics.seek(opened);
            catchUps.begin(opened);
            follow(admin, opened);
        } finally {
            catchUps.interrupted();
            // A goodbye would wait at the broker behind the fetch that waits for records.
            opened.close(CloseOptions.timeout(Duration.ZERO));
        }
    }

    private void follow(Admin admin, KafkaConsumer<String, byte[]> opened) {
        long identified = System.nanoTime();
        while (!closed) {
            try {
                for (ConsumerRecord<String, byte[]> record : opened.poll(pause())) {
                    FollowedTopic<?> each = topics.of(record);
                    tell(() -> each.take(record));
                }
            } catch (WakeupException e) {
                LOGGER.trace("Woken to catch up");
            } catch (OffsetOutOfRangeException e) {
                topics.of(e.offsetOutOfRangePartitions().keySet()).forEach(this::forget);
                return;
            }
            List<CatchUps.CatchUp> asking = catchUps.asking();
            boolean due = System.nanoTime() - identified > POLL.toNanos();
            if (due) {
                // Not at the first answer: a topic that is empty answers before one that is refused.
                mended();
                identified = System.nanoTime();
            }
            // Who asks for the end means that of the topics that there are now.
            if ((due || !asking.isEmpty()) && topics.replaced(admin, this::forget)) {
                return;
            }
            if (!asking.isEmpty()) {
                catchUps.awaited(asking, topics.ends(admin));
            }
            catchUps.settle(opened::position, this::sayReplayed);
        }
    }

    /** While somebody waits for the end, which may be that of an aborted transaction, no long sleep. */
    private Duration pause() {
        return catchUps.isEmpty() ? POLL : Duration.ofMillis(50);
    }

    private void sayReplayed() {
        if (!replayed) {
            replayed = true;
            topics.all().forEach(each -> tell(each::replayed));
        }
    }

    /** A listener may be writing a file: it is not interrupted. */
    private void tell(Runnable listener) {
        synchronized (this) {
            if (closed) {
                return;
            }
            telling = true;
        }
        try {
            listener.run();
        } finally {
            telling = false;
        }
    }

    private void forget(FollowedTopic<?> each) {
        replayed = false;
        tell(each::forget);
    }

    /** Ends reading; whoever waits is told that it has ended. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            catchUps.close();
            if (!telling) {
                thread.interrupt();
            }
        }
        try {
            thread.join(CLOSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}
