// SPDX-License-Identifier: Apache-2.0
package io.millrace.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.RunStatus;
import io.millrace.test.TestBroker;
import io.millrace.test.Wire;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventTableIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static TestBroker broker;
    private static KafkaConnection connection;
    private static BrokerWatch watch;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void startBroker() {
        broker = TestBroker.start();
        connection = KafkaConnection.of(broker.bootstrapServers());
        watch = new BrokerWatch(connection);
    }

    @AfterAll
    static void stopBroker() {
        watch.close();
        broker.close();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @Test
    void aTopicIsReplayedInOrderWithItsDeletionsAndThenFollowed() throws Exception {
        Topic topic = made();
        write(topic, event("a", 1), event("b", 2), tombstone("a"));
        Told told = new Told();

        EventTable table = follow(topic, told);
        table.catchUp(PATIENCE);

        assertThat(told.lines).containsExactly("0 a=1", "1 b=2", "2 a gone", "replayed");
        assertThat(table.isReplayed()).isTrue();
        assertThat(table.problem()).isEmpty();
        write(topic, event("c", 3));
        Awaitility.await().untilAsserted(() -> assertThat(told.table).isEqualTo(Map.of("b", 2L, "c", 3L)));
    }

    @Test
    void severalTopicsAreReadByOneTable() throws Exception {
        Topic one = made();
        Topic other = made();
        write(one, event("a", 1));
        write(other, event("a", 2));
        Told ofOne = new Told();
        Told ofOther = new Told();

        EventTable table = register(new EventTable(connection, watch)
                .follow(one, OffsetRange.class, ofOne)
                .follow(other, OffsetRange.class, ofOther)
                .start());
        table.catchUp(PATIENCE);

        assertThat(ofOne.lines).containsExactly("0 a=1", "replayed");
        assertThat(ofOther.lines).containsExactly("0 a=2", "replayed");
    }

    @Test
    void aTopicThatIsMissingIsMade() throws Exception {
        Topic topic = fresh();

        follow(topic, new Told()).catchUp(PATIENCE);

        try (Admin admin = connection.admin("test")) {
            assertThat(admin.listTopics().names().get()).contains(topic.name());
        }
    }

    @Test
    void whatCannotBeReadIsToldAndPassedOver() throws Exception {
        // A compacted one takes nothing without a key.
        Topic topic = made(Topic.EVALUATIONS.settings());
        write(
                topic,
                event("a", 1),
                new ProducerRecord<>("", "b", "no event".getBytes(UTF_8)),
                new ProducerRecord<>("", null, EventCodec.encode(new OffsetRange(3, 3))),
                new ProducerRecord<>("", null, null),
                event("d", 4));
        Told told = new Told();

        follow(topic, told).catchUp(PATIENCE);

        assertThat(told.lines).containsExactly("0 a=1", "1 b?", "2 null?", "3 null?", "4 d=4", "replayed");
        assertThat(told.reasons.get(0)).contains("not a OffsetRange");
        assertThat(told.reasons.get(1)).isEqualTo("it has no key");
    }

    @Test
    void anEventUnderTheKeyOfAnotherOneIsPassedOver() throws Exception {
        Topic topic = made();
        RunStatus status = status("a");
        write(
                topic,
                new ProducerRecord<>("", "b", EventCodec.encode(status)),
                new ProducerRecord<>("", "a", EventCodec.encode(status)));
        List<RunStatus> read = new CopyOnWriteArrayList<>();
        List<String> unreadable = new CopyOnWriteArrayList<>();

        EventTable table = register(new EventTable(connection, watch)
                .follow(topic, RunStatus.class, new EventTable.Listener<>() {
                    @Override
                    public void event(String key, RunStatus value, long offset) {
                        read.add(value);
                    }

                    @Override
                    public void unreadable(String key, long offset, String reason) {
                        unreadable.add(offset + " " + reason);
                    }
                })
                .start());
        table.catchUp(PATIENCE);

        assertThat(read).containsExactly(status);
        assertThat(unreadable).containsExactly("0 the key \"b\" should be \"a\"");
    }

    @Test
    void nothingOfAnAbortedTransactionIsToldAndItsEndIsReached() throws Exception {
        Topic topic = made();
        Told told = new Told();
        try (KafkaProducer<String, byte[]> producer = connection.producer(Map.of("transactional.id", topic.name()))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(to(topic, event("a", 1)));
            producer.commitTransaction();
            producer.beginTransaction();
            producer.send(to(topic, event("b", 2))).get();
            producer.abortTransaction();

            EventTable table = follow(topic, told);
            table.catchUp(PATIENCE);
            assertThat(told.lines).containsExactly("0 a=1", "replayed");

            producer.beginTransaction();
            producer.send(to(topic, event("c", 3)));
            producer.commitTransaction();
            // The broker ends a transaction on its own after it has said so.
            Awaitility.await().untilAsserted(() -> assertThat(told.table).isEqualTo(Map.of("a", 1L, "c", 3L)));
            table.catchUp(PATIENCE);
        }
    }

    /** Also when nothing came for long, and the reader's question for more waits at the broker. */
    @Test
    void whoeverCatchesUpSeesWhatWasJustWrittenAndWaitsForNothingElse() throws Exception {
        Topic topic = made();
        Told told = new Told();
        EventTable table = follow(topic, told);
        table.catchUp(PATIENCE);

        for (int k = 0; k < 20; k++) {
            write(topic, event("a", k));
            table.catchUp(PATIENCE);
            assertThat(told.table).isEqualTo(Map.of("a", (long) k));
            // An idle table answers long before its reader's question comes back, which takes seconds.
            table.catchUp(Duration.ofSeconds(2));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 9})
    void aTopicThatWasMadeAnewIsReadAnewHoweverMuchIsInIt(int records) throws Exception {
        Topic topic = made();
        write(topic, event("old", 1), event("a", 2), event("older", 3));
        Told told = new Told();
        EventTable table = follow(topic, told);
        table.catchUp(PATIENCE);

        makeAnew(topic);
        IntStream.range(0, records).forEach(k -> write(topic, event("new-" + k, k)));
        table.catchUp(PATIENCE);

        Map<String, Long> expected = new TreeMap<>();
        IntStream.range(0, records).forEach(k -> expected.put("new-" + k, (long) k));
        assertThat(told.table).isEqualTo(expected);
        assertThat(told.lines).filteredOn("cleared"::equals).hasSize(1);
        assertThat(table.isReplayed()).isTrue();
    }

    @Test
    void aTopicThatSomebodyElseReadsIsWatched() throws Exception {
        Topic watched = made();
        write(watched, event("a", 1));
        Topic read = made();
        Told told = new Told();
        List<String> madeAnew = new CopyOnWriteArrayList<>();
        EventTable table = register(new EventTable(connection, watch)
                .follow(read, OffsetRange.class, told)
                .watch(watched, "nobodys-group", () -> madeAnew.add("made anew"))
                .start());
        table.catchUp(PATIENCE);

        makeAnew(watched);
        table.catchUp(PATIENCE);

        assertThat(madeAnew).hasSize(1);
        assertThat(told.lines).doesNotContain("cleared");
    }

    @Test
    void aTopicThatWasMadeAnewIsNoticedWithoutAnybodyAsking() throws Exception {
        Topic topic = made();
        write(topic, event("old", 1));
        Told told = new Told();
        EventTable table = follow(topic, told);
        table.catchUp(PATIENCE);

        makeAnew(topic);
        write(topic, event("new", 1), event("newer", 2));

        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(told.table)
                .isEqualTo(Map.of("new", 1L, "newer", 2L)));
    }

    @Test
    void onlyTheTopicThatWasMadeAnewIsForgotten() throws Exception {
        Topic one = made();
        Topic other = made();
        write(one, event("a", 1));
        write(other, event("a", 2));
        Told ofOne = new Told();
        Told ofOther = new Told();
        EventTable table = register(new EventTable(connection, watch)
                .follow(one, OffsetRange.class, ofOne)
                .follow(other, OffsetRange.class, ofOther)
                .start());
        table.catchUp(PATIENCE);

        makeAnew(one);
        table.catchUp(PATIENCE);

        assertThat(ofOne.table).isEmpty();
        assertThat(ofOther.lines).containsExactly("0 a=2", "replayed", "replayed");
    }

    @Test
    void aBrokerThatIsAwayIsWaitedForAndSaidToWhoeverCatchesUp() throws Exception {
        try (Wire wire = new Wire();
                TestBroker far = TestBroker.behind(wire)) {
            wire.mend(far.bootstrapServers());
            KafkaConnection way = KafkaConnection.of(wire.address());
            BrokerWatch watch = register(new BrokerWatch(way));
            Topic topic = fresh();
            Told told = new Told();
            EventTable table = register(new EventTable(way, watch)
                    .follow(topic, OffsetRange.class, told)
                    .start());
            table.catchUp(PATIENCE);

            wire.cut();
            Awaitility.await().atMost(PATIENCE).until(() -> !watch.reachable());
            assertThatThrownBy(() -> table.catchUp(Duration.ofMillis(100)))
                    .isInstanceOf(TimeoutException.class)
                    .hasMessageContaining("the end of [" + topic.name() + "] is not reached within 100 ms: ")
                    .hasMessageContaining("Kafka does not answer");
            wire.mend(far.bootstrapServers());

            try (KafkaProducer<String, byte[]> producer = way.producer(Map.of())) {
                producer.send(to(topic, event("a", 1))).get();
            }
            table.catchUp(PATIENCE);
            assertThat(told.table).isEqualTo(Map.of("a", 1L));
        }
    }

    @Test
    void closingWakesWhoeverWaitsAndNobodyWaitsAfterwards() throws Exception {
        KafkaConnection nowhere = KafkaConnection.of("broker.invalid:9092");
        BrokerWatch watch = register(new BrokerWatch(nowhere));
        EventTable table = new EventTable(nowhere, watch)
                .follow(fresh(), OffsetRange.class, new Told())
                .start();
        CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> table.catchUp(Duration.ofMinutes(5)));
        Awaitility.await().during(Duration.ofMillis(200)).until(() -> !waiting.isDone());

        table.close();

        assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(TimeoutException.class)
                .hasMessageContaining("reading has ended");
        assertThatThrownBy(() -> table.catchUp(Duration.ofMinutes(5))).hasMessageContaining("reading has ended");
    }

    /** It may be writing a file. */
    @Test
    void closingWaitsForAListenerAtItsWork() throws Exception {
        Topic topic = made();
        write(topic, event("a", 1), event("b", 2));
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        List<String> done = new CopyOnWriteArrayList<>();
        EventTable table = register(new EventTable(connection, watch)
                .follow(topic, OffsetRange.class, (key, value, offset) -> {
                    entered.countDown();
                    try {
                        go.await();
                        done.add(key);
                    } catch (InterruptedException e) {
                        done.add("interrupted");
                    }
                })
                .start());
        entered.await();

        CompletableFuture<Void> closing = CompletableFuture.runAsync(table::close);
        Awaitility.await().during(Duration.ofMillis(200)).until(() -> !closing.isDone());
        go.countDown();
        closing.get(10, TimeUnit.SECONDS);

        assertThat(done).containsExactly("a");
    }

    private EventTable follow(Topic topic, Told told) {
        return register(new EventTable(connection, watch)
                .follow(topic, OffsetRange.class, told)
                .start());
    }

    private <T extends AutoCloseable> T register(T each) {
        opened.add(0, each);
        return each;
    }

    private static Topic made() {
        return made(Topic.RUNS.settings());
    }

    private static Topic made(Map<String, String> settings) {
        Topic topic = fresh(settings);
        TopicAdmin.ensure(connection, List.of(topic));
        return topic;
    }

    private static Topic fresh() {
        return fresh(Topic.RUNS.settings());
    }

    private static Topic fresh(Map<String, String> settings) {
        String name = "millrace.test-" + UUID.randomUUID() + ".v1";
        return new Topic(name, "io.millrace.test.v1", "application/json", settings);
    }

    private static void makeAnew(Topic topic) throws Exception {
        try (Admin admin = connection.admin("test")) {
            admin.deleteTopics(List.of(topic.name())).all().get();
            Awaitility.await()
                    .ignoreExceptionsMatching(e -> e.getCause() instanceof UnknownTopicOrPartitionException)
                    .until(() -> {
                        TopicAdmin.ensure(connection, List.of(topic));
                        return true;
                    });
        }
    }

    private static ProducerRecord<String, byte[]> event(String key, long value) {
        return new ProducerRecord<>("", key, EventCodec.encode(new OffsetRange(value, value)));
    }

    private static ProducerRecord<String, byte[]> tombstone(String key) {
        return new ProducerRecord<>("", key, null);
    }

    private static ProducerRecord<String, byte[]> to(Topic topic, ProducerRecord<String, byte[]> record) {
        return new ProducerRecord<>(topic.name(), record.key(), record.value());
    }

    @SafeVarargs
    private static void write(Topic topic, ProducerRecord<String, byte[]>... records) {
        try (KafkaProducer<String, byte[]> producer = connection.producer(Map.of())) {
            for (ProducerRecord<String, byte[]> record : records) {
                producer.send(to(topic, record)).get();
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static RunStatus status(String run) {
        return new RunStatus(
                run,
                RunStatus.State.RUNNING,
                null,
                1,
                9,
                1,
                9,
                20,
                0,
                1,
                1,
                0,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                Instant.EPOCH);
    }

    /** What a listener was told, and the table that it makes of it. */
    private static final class Told implements EventTable.Listener<OffsetRange> {
        private final List<String> lines = new CopyOnWriteArrayList<>();
        private final List<String> reasons = new CopyOnWriteArrayList<>();
        private final Map<String, Long> table = new ConcurrentSkipListMap<>();

        @Override
        public void event(String key, OffsetRange value, long offset) {
            lines.add(offset + " " + key + (value == null ? " gone" : "=" + value.to()));
            if (value == null) {
                table.remove(key);
            } else {
                table.put(key, value.to());
            }
        }

        @Override
        public void unreadable(String key, long offset, String reason) {
            lines.add(offset + " " + key + "?");
            reasons.add(reason);
        }

        @Override
        public void replayed() {
            lines.add("replayed");
        }

        @Override
        public void cleared() {
            lines.add("cleared");
            table.clear();
        }
    }
}
