// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import io.millrace.contracts.Topic;
import io.quarkus.runtime.Quarkus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
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
    private final Map<TopicPartition, FollowedTopic<?>> followed = new HashMap<>();
    /** All topics, those that are only watched, too. */
    private final List<FollowedTopic<?>> topics = new ArrayList<>();

    private final List<String> groups = new ArrayList<>();
    private final List<CatchUp> waiting = new ArrayList<>();
    private final Thread thread = new Thread(this::run, "event-table");
    private KafkaConsumer<String, byte[]> consumer;
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
        FollowedTopic<T> each = new FollowedTopic<>(topic, type, listener);
        followed.put(new TopicPartition(topic.name(), 0), each);
        topics.add(each);
        return this;
    }

    /**
     * Adds a topic that is read by other means; before the start.
     *
     * @param group as which it is read; that we may be of it is part of what {@link #problem} tells
     * @param madeAnew is run when the topic was deleted and made anew, see {@link Listener#cleared}
     */
    public EventTable watch(Topic topic, String group, Runnable madeAnew) {
        groups.add(group);
        topics.add(new FollowedTopic<>(topic, Object.class, new Listener<>() {
            @Override
            public void event(String key, Object value, long offset) {
                throw new IllegalStateException("nothing is read of " + topic.name());
            }

            @Override
            public void cleared() {
                madeAnew.run();
            }
        }));
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
        CatchUp mine = new CatchUp();
        synchronized (this) {
            if (closed) {
                throw new TimeoutException("the end of " + names() + " is not reached any more: reading has ended");
            }
            waiting.add(mine);
            if (consumer != null) {
                consumer.wakeup();
            }
        }
        try {
            mine.done.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new TimeoutException("the end of " + names() + " is not reached "
                    + (closed ? "any more: reading has ended" : "within " + patience.toMillis() + " ms" + because()));
        } finally {
            synchronized (this) {
                waiting.remove(mine);
            }
        }
    }

    private String because() {
        return problem().or(broker::reason).map(why -> ": " + why).orElse("");
    }

    private List<String> names() {
        return topics.stream().map(each -> each.topic().name()).sorted().toList();
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
            LOGGER.fatalf(e, "The topics %s cannot be followed; the process ends. A restart reads them anew", names());
            Quarkus.asyncExit(1);
        }
    }

    private void failed(KafkaException e) throws InterruptedException {
        String why = Refusal.of(e).orElseGet(() -> String.valueOf(e.getMessage()));
        // That the broker is away altogether, the watch says.
        LOGGER.logf(
                why.equals(problem) || !broker.reachable() ? Logger.Level.DEBUG : Logger.Level.WARN,
                "Events cannot be read; it is tried again until they can. topics=%s reason=\"%s\"",
                names(),
                why);
        problem = why;
        Thread.sleep(RETRY.toMillis());
    }

    private void mended() {
        if (problem != null && broker.reachable()) {
            LOGGER.infof("Events are read again. topics=%s", names());
        }
        problem = null;
    }

    /** With one consumer, until one of the topics turns out to be another one. */
    private void read() {
        TopicAdmin.ensure(
                connection, topics.stream().<Topic>map(FollowedTopic::topic).toList());
        KafkaConsumer<String, byte[]> opened = connection.consumer(Map.of(
                ConsumerConfig.CLIENT_ID_CONFIG, "event-table",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none",
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int) POLL.toMillis()));
        try (Admin admin = connection.admin("event-table-admin")) {
            opened.assign(followed.keySet());
            identify(admin);
            followed.forEach((partition, each) -> seek(opened, partition, each));
            synchronized (this) {
                consumer = opened;
                // Nobody waits for it, but the end of the replay is found like any other.
                waiting.add(new CatchUp());
            }
            follow(admin, opened);
        } finally {
            synchronized (this) {
                consumer = null;
                waiting.forEach(each -> each.ends = null);
            }
            // A goodbye would wait at the broker behind the fetch that waits for records.
            opened.close(CloseOptions.timeout(Duration.ZERO));
        }
    }

    private static void seek(KafkaConsumer<?, ?> opened, TopicPartition partition, FollowedTopic<?> each) {
        if (each.next() == 0) {
            opened.seekToBeginning(List.of(partition));
        } else {
            opened.seek(partition, each.next());
        }
    }

    private void follow(Admin admin, KafkaConsumer<String, byte[]> opened) {
        long identified = System.nanoTime();
        while (!closed) {
            try {
                for (ConsumerRecord<String, byte[]> record : opened.poll(pause())) {
                    FollowedTopic<?> each = followed.get(new TopicPartition(record.topic(), record.partition()));
                    tell(() -> each.take(record));
                }
            } catch (WakeupException e) {
                LOGGER.trace("Woken to catch up");
            } catch (OffsetOutOfRangeException e) {
                e.offsetOutOfRangePartitions().keySet().forEach(partition -> forget(followed.get(partition)));
                return;
            }
            List<CatchUp> asked = asked();
            boolean due = System.nanoTime() - identified > POLL.toNanos();
            if (due) {
                // Not at the first answer: a topic that is empty answers before one that is refused.
                mended();
                identified = System.nanoTime();
            }
            // Who asks for the end means that of the topics that there are now.
            if ((due || !asked.isEmpty()) && identify(admin)) {
                return;
            }
            if (!asked.isEmpty()) {
                Map<TopicPartition, Long> ends = ends(admin);
                asked.forEach(each -> each.ends = ends);
            }
            settle(opened);
        }
    }

    /** While somebody waits for the end, which may be that of an aborted transaction, no long sleep. */
    private synchronized Duration pause() {
        return waiting.isEmpty() ? POLL : Duration.ofMillis(50);
    }

    private synchronized List<CatchUp> asked() {
        return waiting.stream().filter(each -> each.ends == null).toList();
    }

    /** Tells those who wait when their end is reached. */
    private void settle(KafkaConsumer<String, byte[]> opened) {
        List<CatchUp> now;
        synchronized (this) {
            now = waiting.stream().filter(each -> each.ends != null).toList();
        }
        for (CatchUp each : now) {
            if (each.ends.entrySet().stream().allMatch(end -> opened.position(end.getKey()) >= end.getValue())) {
                sayReplayed();
                synchronized (this) {
                    waiting.remove(each);
                }
                each.done.complete(null);
            }
        }
    }

    private void sayReplayed() {
        if (!replayed) {
            replayed = true;
            topics.forEach(each -> tell(each::replayed));
        }
    }

    /** Not by the consumer: its question would wait at the broker behind the fetch that waits for records. */
    private Map<TopicPartition, Long> ends(Admin admin) {
        Map<TopicPartition, OffsetSpec> latest = followed.keySet().stream()
                .collect(Collectors.toMap(partition -> partition, each -> OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        answer(admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                        .all())
                .forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    /** Whether one of the topics is another one than before. That we may read them all is looked at, too. */
    private boolean identify(Admin admin) {
        groups.forEach(group -> TopicAdmin.requireGroup(admin, group));
        boolean changed = false;
        for (FollowedTopic<?> each : topics) {
            Uuid id = TopicAdmin.readable(admin, each.topic().name()).topicId();
            if (each.isAnother(id)) {
                forget(each);
                changed = true;
            }
            each.identify(id);
        }
        return changed;
    }

    private static <T> T answer(KafkaFuture<T> question) {
        try {
            return question.get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            throw new KafkaException(String.valueOf(e.getCause().getMessage()), e.getCause());
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
            waiting.forEach(each -> each.done.completeExceptionally(new IllegalStateException("closed")));
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

    /** Somebody who waits for the end that the topics have now. */
    private static final class CatchUp {
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        /** Of the reading thread alone; null until it has looked. */
        private Map<TopicPartition, Long> ends;
    }
}
