// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

import io.millrace.contracts.Topic;
import io.millrace.contracts.delta.Delta;
import io.millrace.contracts.delta.MalformedDeltaException;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.Refusal;
import io.millrace.trainer.Patience.StoppedException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jboss.logging.Logger;

/**
 * Reads all partitions of a run's log of deltas, round by round. Of each replica the first delta that is right counts: of
 * the round at hand, begun with the weights that this worker has, and of the network's size. What comes before it and is
 * not right is refused, however much of it there is, and what comes of the next round waits for it: so all workers take
 * the same ones, whenever they read. For the training thread, but for {@link #problem}.
 */
public final class DeltaReader implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(DeltaReader.class);
    private static final Duration ANSWER = Duration.ofSeconds(2);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final long BEGIN = -1;
    private static final long END = -2;

    private static final Map<String, Object> SETTINGS = Map.of(
            // A position that is gone must be told, not replaced.
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "none",
            ConsumerConfig.CLIENT_ID_CONFIG,
            "trainer-service-deltas",
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            16,
            // A delta may be some ten megabytes, in records of one.
            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
            8 << 20);

    private final Function<Map<String, Object>, ? extends Consumer<String, byte[]>> consumers;
    private final Refused refused;
    private final RoundPlan plan;
    private final boolean leads;
    private final List<Lane> lanes;

    private Consumer<String, byte[]> consumer;
    private long retryAt;
    private boolean marked;
    private boolean lost;
    private volatile String problem;

    private Shared shared;
    private String digest;
    private long from;
    private long to;

    /** Hears of what cannot be used. */
    @FunctionalInterface
    public interface Refused {
        /**
         * Some records of a replica.
         *
         * @param reason what is wrong with them
         */
        void refused(int replica, List<ConsumerRecord<String, byte[]>> records, String reason)
                throws InterruptedException, StoppedException;
    }

    /**
     * Of a run, from some place on.
     *
     * @param consumers makes one of its settings
     * @param offsets by replica, where the first round's delta begins; of one that is missing, all is read. Empty: nothing
     *     is read of what the log holds now
     * @param leads whether this worker holds replica 0, by whose weights the others go
     * @param refused hears of what cannot be used
     */
    public DeltaReader(
            Function<Map<String, Object>, ? extends Consumer<String, byte[]>> consumers,
            RunSpec run,
            Optional<Map<Integer, Long>> offsets,
            boolean leads,
            Refused refused) {
        this.consumers = consumers;
        this.refused = refused;
        this.leads = leads;
        this.plan = RoundPlan.of(run);
        String topic = Topic.deltas(run.incarnation()).name();
        DeltaCheck check = new DeltaCheck(run.incarnation(), plan);
        this.lanes = IntStream.range(0, run.shards())
                .mapToObj(replica -> new Lane(
                        new TopicPartition(topic, replica),
                        check,
                        offsets.map(all -> all.getOrDefault(replica, BEGIN)).orElse(END)))
                .toList();
    }

    /** One partition. */
    private final class Lane {
        private final TopicPartition partition;
        private final DeltaCheck check;
        /** What was polled and not looked at yet, since a right delta came before it. */
        private final Queue<ConsumerRecord<String, byte[]>> unread = new ArrayDeque<>();
        /** What has come of the round that follows. */
        private List<Assembly.Whole> ahead = new ArrayList<>();

        private Assembly assembly;
        private Assembly.Whole right;
        private long position;
        /** Where the delta of the round at hand begins. */
        private long next;
        /** So far the consumer has got, and so far it has to before anybody can say that something is not in the log. */
        private long reached;

        private long end;

        /** Whether what it should begin with may be gone. */
        private boolean rewound;

        private StrayedException doubt;
        private long doubtSince;

        Lane(TopicPartition partition, DeltaCheck check, long position) {
            this.partition = partition;
            this.check = check;
            this.position = position;
            this.next = Math.max(0, position);
            begin();
        }

        private void begin() {
            assembly = new Assembly(check, step -> step > from);
        }

        void beginRound() throws InterruptedException, StoppedException {
            right = null;
            doubt = null;
            rewound = false;
            List<Assembly.Whole> waiting = ahead;
            ahead = new ArrayList<>();
            for (Assembly.Whole delta : waiting) {
                offer(delta);
            }
            read();
        }

        void take(ConsumerRecord<String, byte[]> record) {
            position = record.offset() + 1;
            unread.add(record);
        }

        void read() throws InterruptedException, StoppedException {
            while (right == null && !unread.isEmpty()) {
                try {
                    Optional<Assembly.Whole> whole = assembly.take(unread.remove());
                    if (whole.isPresent()) {
                        offer(whole.get());
                    }
                } catch (MalformedDeltaException e) {
                    refused.refused(partition.partition(), assembly.takeRefused(), e.getMessage());
                }
            }
        }

        private void offer(Assembly.Whole whole) throws InterruptedException, StoppedException {
            Delta delta = whole.delta();
            if (delta.from() >= to) {
                putAside(whole);
            } else if (right == null) {
                judge(whole);
            }
        }

        private void judge(Assembly.Whole whole) throws InterruptedException, StoppedException {
            try {
                check.requireFit(whole.delta(), shared.vector());
                DeltaCheck.requireWeights(whole.delta(), digest);
                right = whole;
                doubt = null;
            } catch (MalformedDeltaException e) {
                if (partition.partition() == 0 && !leads) {
                    doubt(e.getMessage());
                }
                refused.refused(partition.partition(), List.of(whole.record()), e.getMessage());
            }
        }

        /** Its replica has gone on, as nobody can who does not know the end of the round at hand. */
        private void putAside(Assembly.Whole whole) throws InterruptedException, StoppedException {
            Delta delta = whole.delta();
            if (delta.from() == to) {
                ahead.add(whole);
                doubt(rewound ? gone(delta) : "replica " + delta.replica() + " has gone on to step " + delta.to());
            } else if (rewound) {
                doubt(gone(delta));
            } else if (ahead.isEmpty()) {
                refused.refused(
                        partition.partition(),
                        List.of(whole.record()),
                        "it begins at step " + delta.from() + ", and its replica has not got to step " + to + " yet");
            }
        }

        private String gone(Delta later) {
            return partition + " does not hold what replica " + later.replica() + " learnt from step " + from
                    + " on, and goes on at step " + later.from() + ": records of it were deleted";
        }

        private void doubt(String why) {
            if (doubt == null) {
                doubtSince = System.nanoTime();
            }
            doubt = new StrayedException(from, why, rewound);
        }

        void rewind() {
            LOGGER.warnf(
                    "The log of deltas does not hold offset %d; it is read from its beginning. %s",
                    position, partition);
            position = BEGIN;
            rewound = true;
            reached = 0;
            unread.clear();
            begin();
        }
    }

    /**
     * A round begins.
     *
     * @param now where all replicas stand
     * @param step steps that are done
     */
    public void begin(Shared now, long step) throws InterruptedException, StoppedException {
        shared = now;
        digest = now.digest();
        from = step;
        to = plan.end(step);
        for (Lane lane : lanes) {
            lane.beginRound();
        }
    }

    /** Digest of the weights that the round at hand begins with. */
    public String digest() {
        return digest;
    }

    /** Steps that are done when the round at hand is. */
    public long to() {
        return to;
    }

    /** Reads a little, and waits for it at most so long. */
    public void poll(Duration atMost) throws InterruptedException, StoppedException {
        if (isWhole()) {
            return;
        }
        if (problem != null && System.nanoTime() - retryAt < 0) {
            Thread.sleep(atMost.toMillis());
            return;
        }
        try {
            attempt(atMost);
            problem = null;
        } catch (OffsetOutOfRangeException e) {
            e.offsetOutOfRangePartitions().keySet().forEach(this::rewind);
        } catch (InterruptException e) {
            throw new InterruptedException(e.getMessage());
        } catch (KafkaException e) {
            failed(e);
        }
    }

    private void attempt(Duration atMost) throws InterruptedException, StoppedException {
        if (consumer == null) {
            consumer = consumers.apply(SETTINGS);
            consumer.assign(partitions(any -> true));
            lanes.forEach(this::seek);
        }
        if (!marked) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions(any -> true), ANSWER);
            lanes.forEach(lane -> lane.end = ends.get(lane.partition));
            marked = true;
        }
        Predicate<Lane> resting = lane -> lane.right != null;
        consumer.pause(partitions(resting));
        consumer.resume(partitions(resting.negate()));
        consumer.poll(atMost).forEach(record -> lanes.get(record.partition()).take(record));
        for (Lane lane : lanes) {
            lane.read();
            lane.reached = consumer.position(lane.partition, ANSWER);
        }
    }

    private void seek(Lane lane) {
        if (lane.position == BEGIN) {
            consumer.seekToBeginning(List.of(lane.partition));
        } else if (lane.position == END) {
            consumer.seekToEnd(List.of(lane.partition));
            lane.position = consumer.position(lane.partition, ANSWER);
            lane.next = lane.position;
        } else {
            consumer.seek(lane.partition, lane.position);
        }
    }

    private void rewind(TopicPartition partition) {
        lanes.get(partition.partition()).rewind();
        consumer.seekToBeginning(List.of(partition));
        marked = false;
        lost = true;
    }

    private List<TopicPartition> partitions(Predicate<Lane> which) {
        return lanes.stream().filter(which).map(lane -> lane.partition).toList();
    }

    private void failed(KafkaException e) {
        String why = Refusal.of(e)
                .orElse(String.valueOf(
                        Optional.ofNullable(e.getCause()).orElse(e).getMessage()));
        LOGGER.logf(
                why.equals(problem) ? Logger.Level.DEBUG : Logger.Level.WARN,
                "Reading deltas was interrupted; it goes on when it can. topic=%s reason=\"%s\"",
                lanes.get(0).partition.topic(),
                why);
        problem = why;
        closeConsumer();
        retryAt = System.nanoTime() + RETRY.toNanos();
    }

    /** Why the log cannot be read, with the remedy where there is one; empty while it can. Any thread. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /** What is in the log at this moment has to be read before {@link #lacks} says anything. */
    public void mark() {
        marked = false;
    }

    /** Whether the right delta of a replica is here. */
    public boolean has(int replica) {
        return lanes.get(replica).right != null;
    }

    /** Whether the log does not hold the right delta of a replica. Neither this nor {@link #has} while nobody knows. */
    public boolean lacks(int replica) {
        Lane lane = lanes.get(replica);
        return marked && lane.right == null && lane.reached >= lane.end;
    }

    /** Whether all of the round are here. */
    public boolean isWhole() {
        return shared != null && lanes.stream().allMatch(lane -> lane.right != null);
    }

    /** The right deltas of the round that is whole, in the order of the replicas; it ends with that. */
    public List<Delta> takeRound() {
        List<Delta> round = lanes.stream().map(lane -> lane.right.delta()).toList();
        for (Lane lane : lanes) {
            lane.next = lane.right.next();
            lane.right = null;
        }
        return round;
    }

    /** By replica, where the delta begins of the round at hand, or that follows the one that has ended. */
    public Map<Integer, Long> next() {
        Map<Integer, Long> next = new HashMap<>();
        lanes.forEach(lane -> next.put(lane.partition.partition(), lane.next));
        return next;
    }

    /** Whether records that were in the log are gone since this was asked last: what was shared may have to be again. */
    public boolean takeLost() {
        boolean was = lost;
        lost = false;
        return was;
    }

    /**
     * Why this worker is not where the others are; empty while it may be. What points to it has to last: what is right may
     * still come.
     *
     * @param patience so long
     */
    public Optional<StrayedException> astray(Duration patience) {
        long now = System.nanoTime();
        return lanes.stream()
                .filter(lane -> lane.doubt != null && now - lane.doubtSince >= patience.toNanos())
                .map(lane -> lane.doubt)
                .findFirst();
    }

    private void closeConsumer() {
        if (consumer != null) {
            consumer.close(CloseOptions.timeout(RETRY));
            consumer = null;
        }
    }

    @Override
    public void close() {
        closeConsumer();
    }
}
