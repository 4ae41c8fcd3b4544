// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import io.millrace.contracts.Topic;
import io.millrace.kafka.KafkaConnection;
import io.millrace.kafka.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;

/**
 * Keeps this worker in the pool's group, by a thread of its own: training never keeps it from answering, and it never waits
 * for training. The group is of members that subscribe to the topic of runs, which is there before any run is; nothing of
 * it is read here, and nobody is assigned a part of it (see {@link ReplicaAssignor}). Thread-safe.
 */
public final class PoolGroup implements AutoCloseable {
    /** A member that is silent for so long is gone. */
    static final Duration SESSION = Duration.ofSeconds(10);

    private static final Logger LOGGER = Logger.getLogger(PoolGroup.class);
    /** A member hears by it, too, that the group comes together. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);
    /** How soon is noticed what the group has to be told. */
    private static final Duration GLANCE = Duration.ofMillis(100);
    /** So long the others wait for a member that is alive and does not come. */
    private static final Duration COMING = Duration.ofSeconds(30);

    private static final Duration FAREWELL = Duration.ofSeconds(2);
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final Function<Map<String, Object>, Consumer<String, byte[]>> consumers;
    private final Duration retry;
    private final String group;
    private final PoolMember member;
    private final Thread thread = new Thread(this::run, "pool");
    private Consumer<String, byte[]> consumer;
    private volatile boolean closed;
    private volatile String problem;

    /**
     * Of no group yet.
     *
     * @param group its name at the broker
     * @param worker the name of this worker, for people
     * @param capacity what it has
     * @param teams that share the pool
     * @param runs that are to be trained, as this process knows them now
     */
    public PoolGroup(
            KafkaConnection connection,
            String group,
            String worker,
            Capacity capacity,
            List<Team> teams,
            Supplier<List<Demand>> runs) {
        this(connection::consumer, RETRY, group, worker, capacity, teams, runs);
    }

    /**
     * With other clients, and another pause after one that failed.
     *
     * @param consumers makes one of its settings
     */
    PoolGroup(
            Function<Map<String, Object>, Consumer<String, byte[]>> consumers,
            Duration retry,
            String group,
            String worker,
            Capacity capacity,
            List<Team> teams,
            Supplier<List<Demand>> runs) {
        this.consumers = consumers;
        this.retry = retry;
        this.group = group;
        this.member = new PoolMember(worker, capacity, runs, new Leader(new Allocator(teams)), SESSION);
        thread.setDaemon(true);
    }

    /** The pool, for whoever trains. */
    public Pool pool() {
        return member;
    }

    /** The pool as this worker knows it. */
    public PoolView view() {
        return member.view();
    }

    /** How often the group has come together since this worker is of it. */
    public long rebalances() {
        return member.comings();
    }

    /** Why this worker trains none of the runs that it cannot, one of them; empty where there is none. */
    public Optional<String> leftAlone() {
        return member.leftAlone();
    }

    /** Why this worker gets no work, with the remedy where there is one; empty while nothing keeps it from it. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem).or(member::problem);
    }

    /** Whether its thread ended although nobody closed it: this worker gets nothing any more. */
    public boolean died() {
        return thread.getState() == Thread.State.TERMINATED && !closed;
    }

    /** Joins, when the table of runs has been read: whoever leads has to know them. */
    public void start() {
        thread.start();
    }

    private void run() {
        while (!closed) {
            try {
                open();
                stay();
            } catch (WakeupException | InterruptException e) {
                LOGGER.debug("The pool is left");
            } catch (RuntimeException e) {
                // Of whatever kind: a member whose thread is gone would be ready, and get nothing for ever.
                fail(e);
            } finally {
                leave();
            }
        }
    }

    private Map<String, Object> settings() {
        return Map.of(
                ConsumerConfig.GROUP_ID_CONFIG,
                group,
                ConsumerConfig.CLIENT_ID_CONFIG,
                "trainer-service-pool",
                ConsumerConfig.GROUP_PROTOCOL_CONFIG,
                GroupProtocol.CLASSIC.name(),
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                List.of(ReplicaAssignor.class),
                ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                (int) SESSION.toMillis(),
                ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
                (int) HEARTBEAT.toMillis(),
                ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG,
                (int) COMING.toMillis(),
                ReplicaAssignor.MEMBER,
                member);
    }

    private void open() {
        Consumer<String, byte[]> made = consumers.apply(settings());
        made.subscribe(List.of(Topic.RUNS.name()));
        synchronized (this) {
            consumer = made;
        }
    }

    private void stay() {
        while (!closed) {
            if (member.hasNews()) {
                consumer.enforceRebalance("the runs, or what this worker is at, changed");
            }
            consumer.poll(GLANCE);
            member.beat();
            // Before it has joined, nobody has been asked whether it may.
            if (consumer.groupMetadata().generationId() >= 0) {
                problem = null;
            }
        }
    }

    private String reason(RuntimeException e) {
        if (e instanceof InconsistentGroupProtocolException) {
            return "the group " + group + " has members that are no trainers of this version: stop those, or give this"
                    + " one another group (millrace.trainer.pool.group)";
        }
        return e instanceof KafkaException
                ? Refusal.of(e).orElse(String.valueOf(e.getMessage()))
                : "a fault of the pool: " + e;
    }

    private void fail(RuntimeException e) {
        String why = reason(e);
        LOGGER.logf(
                why.equals(problem) ? Logger.Level.DEBUG : Logger.Level.ERROR,
                e instanceof KafkaException ? null : e,
                "This worker cannot be of the pool, it is tried again: %s",
                why);
        problem = why;
        try {
            Thread.sleep(retry.toMillis());
        } catch (InterruptedException interrupted) {
            closed = true;
        }
    }

    private void leave() {
        member.left();
        Consumer<String, byte[]> left = consumer;
        synchronized (this) {
            consumer = null;
        }
        if (left != null) {
            try {
                left.close(CloseOptions.timeout(FAREWELL));
            } catch (RuntimeException e) {
                // The others miss it when the session is over.
                LOGGER.warnf("The pool could not be left in order: %s", e);
            }
        }
    }

    /** Leaves at once: the others need not wait until the session is over. */
    @Override
    public void close() {
        closed = true;
        synchronized (this) {
            if (consumer != null) {
                consumer.wakeup();
            }
        }
        try {
            thread.join(FAREWELL.multipliedBy(2).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
