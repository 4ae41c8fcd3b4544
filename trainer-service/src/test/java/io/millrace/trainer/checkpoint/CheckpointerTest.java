// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Validated;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.kafka.KafkaConnection;
import io.millrace.model.checkpoint.Checkpoint;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.StoredCheckpoint;
import io.millrace.model.checkpoint.TrainingState;
import io.millrace.trainer.Fixtures;
import io.millrace.trainer.Patience;
import io.millrace.trainer.TrainerMetrics;
import io.millrace.trainer.publish.RunWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class CheckpointerTest {
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final RunSpec RUN = Fixtures.run("run-a", 1, 100, 1);
    private static final Compute COMPUTE = new Compute(Precision.FP32, false, "cpu", 1, "a processor", "an engine");

    private final Store store = new Store();
    private final Patience patience = new Patience(Duration.ofMillis(1), Duration.ofMillis(2));
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    /** Nothing that it is given is ever written: no broker is there. */
    private final RunWriter writer =
            new RunWriter(KafkaConnection.of("127.0.0.1:1"), RUN.incarnation(), LONG, patience);

    private final Checkpointer checkpointer =
            new Checkpointer(RUN, COMPUTE, null, 0, null, store, writer, patience, new TrainerMetrics(registry));

    /** An average that was written. */
    private record Average(long step, double decay, List<Tensor> weights) {}

    /** Keeps states, and fails as often as it is told to. */
    private static final class Store implements CheckpointStore {
        final List<TrainingState> states = new CopyOnWriteArrayList<>();
        final StringBuffer batches = new StringBuffer();
        final CountDownLatch entered = new CountDownLatch(1);
        volatile CountDownLatch open = new CountDownLatch(0);
        volatile int failures;
        final List<Average> averages = new CopyOnWriteArrayList<>();
        volatile int averageFailures;
        volatile Optional<Error> hopeless = Optional.empty();

        @Override
        public CheckpointRef write(CheckpointMetadata metadata, List<Tensor> weights, TrainingState state, String lines)
                throws IOException {
            entered.countDown();
            try {
                open.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            if (failures-- > 0) {
                throw new IOException("disk full");
            }
            if (hopeless.isPresent()) {
                throw hopeless.get();
            }
            states.add(state);
            batches.append(lines);
            String id = CheckpointRef.id(RUN.incarnation(), metadata.step());
            return new CheckpointRef(id, RUN.runId(), "step-" + metadata.step(), "ab", 1);
        }

        @Override
        public CheckpointRef writeAverage(
                CheckpointRef raw, CheckpointMetadata metadata, double decay, List<Tensor> weights) throws IOException {
            if (averageFailures-- > 0) {
                throw new IOException("no room for the average");
            }
            averages.add(new Average(metadata.step(), decay, weights));
            String id = CheckpointRef.averageId(RUN.incarnation(), metadata.step());
            return new CheckpointRef(id, RUN.runId(), "average-" + metadata.step(), "cd", 1, true);
        }

        @Override
        public void requireWritable() {}

        @Override
        public Optional<Space> space() {
            return Optional.empty();
        }

        @Override
        public void note(String about, ByteBuffer json) {}

        @Override
        public List<ByteBuffer> notes(String about) {
            return List.of();
        }

        @Override
        public Opening open(String incarnation) {
            return new Opening(Optional.empty(), List.of());
        }

        @Override
        public Checkpoint read(CheckpointRef ref) throws IOException {
            throw new IOException("not asked for here");
        }

        @Override
        public Found read(StoredCheckpoint stored) throws IOException {
            throw new IOException("not asked for here");
        }

        @Override
        public Optional<TrainingState> state(Found weights) {
            return Optional.empty();
        }

        @Override
        public List<StoredCheckpoint> list(String incarnation) {
            return List.of();
        }

        @Override
        public List<String> batches(String incarnation) {
            return List.of();
        }

        @Override
        public void pruneStates(String incarnation, int keep) {}

        @Override
        public void delete(CheckpointRef ref) {}

        @Override
        public Attempts noteAttempt(String incarnation, int replica, long step) {
            return new Attempts(1, Optional.empty());
        }

        @Override
        public void noteDeath(String incarnation, int replica, String reason) {}

        @Override
        public void clearAttempts(String incarnation, int replica) {}
    }

    @AfterEach
    void close() {
        checkpointer.close();
        writer.close();
    }

    /** After steps of which each had its record, from offset 100 on, and a loss equal to its number. */
    private static Snapshot snapshot(int before, int step, boolean last) {
        return snapshot(before, step, last, List.of());
    }

    private static Snapshot snapshot(int before, int step, boolean last, List<Validated> validation) {
        double loss = (before + 1 + step) / 2.0;
        Map<Integer, OffsetRange> offsets = Map.of(0, new OffsetRange(100 + before, 100 + step));
        Position position = new Position(step, step, 1, step, 0, offsets, Position.NO_BATCHES, 1, 0, loss);
        return new Snapshot(position, step - before, "line of " + step + "\n", List.of(), List.of(), validation, last);
    }

    private double counted(String outcome) {
        return registry.get(TrainerMetrics.CHECKPOINTS)
                .tag(TrainerMetrics.OUTCOME, outcome)
                .counter()
                .count();
    }

    private List<Position> written() {
        return store.states.stream().map(TrainingState::position).toList();
    }

    @Test
    void writesOnWhileNothingCanBeAnnounced() throws Exception {
        for (int step = 1; step <= 3; step++) {
            checkpointer.submit(snapshot(step - 1, step, false));
            assertThat(checkpointer.awaitIdle(LONG)).isTrue();
        }

        assertThat(written()).extracting(Position::step).containsExactly(1L, 2L, 3L);
        assertThat(store.states).extracting(TrainingState::checkpoints).containsExactly(1, 2, 3);
        assertThat(writer.announced()).isZero();
    }

    /** With an average, as it is after its first update. */
    private static Snapshot averaged(int before, int step) {
        Snapshot raw = snapshot(before, step, false);
        List<Tensor> weights = List.of(number("w", step));
        ByteBuffer updates = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        List<Tensor> optimizer = List.of(
                number("average.w", step / 2f),
                new Tensor("step", DType.I64, List.of(), updates.putLong(step).flip()));
        return new Snapshot(raw.position(), raw.lossSamples(), raw.batches(), weights, optimizer, List.of(), false);
    }

    private static Tensor number(String name, float value) {
        ByteBuffer data = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return new Tensor(name, DType.F32, List.of(), data.putFloat(value).flip());
    }

    private Checkpointer averaging() {
        RunSpec run = Fixtures.withOptions(RUN, "{\"averaging\": {\"decay\": 0.75}}");
        return new Checkpointer(run, COMPUTE, null, 0, null, store, writer, patience, new TrainerMetrics(registry));
    }

    @Test
    void writesAnAverageBesideItsCheckpointAndCountsThemAsOne() throws Exception {
        try (Checkpointer averaging = averaging()) {
            averaging.submit(averaged(0, 1));
            assertThat(averaging.awaitIdle(LONG)).isTrue();
            averaging.submit(averaged(1, 2));
            assertThat(averaging.awaitIdle(LONG)).isTrue();
        }

        assertThat(store.averages)
                .containsExactly(
                        new Average(1, 0.75, List.of(number("w", 0.5f))),
                        new Average(2, 0.75, List.of(number("w", 1))));
        assertThat(store.states).extracting(TrainingState::checkpoints).containsExactly(1, 2);
        assertThat(counted("success")).isEqualTo(2);
    }

    @Test
    void announcesNothingBeforeTheAverageIsWholeAndGivesNothingUpMeanwhile() throws Exception {
        try (Checkpointer averaging = averaging()) {
            // Given a store that has room for a checkpoint, and none for its average
            store.averageFailures = Integer.MAX_VALUE;
            averaging.submit(averaged(0, 1));
            await().until(() -> averaging.problem().isPresent());
            averaging.submit(averaged(1, 2));
            averaging.submit(averaged(2, 3));

            // Then
            double failures = counted("failure");
            await().until(() -> counted("failure") > failures + 2);
            assertThat(averaging.problem()).contains("java.io.IOException: no room for the average");
            assertThat(written()).extracting(Position::step).containsOnly(1L);
            assertThat(writer.awaitIdle(Duration.ZERO))
                    .as("nothing to be announced")
                    .isTrue();

            // When there is room again
            store.averageFailures = 0;
            assertThat(averaging.awaitIdle(LONG)).isTrue();
        }
        assertThat(store.averages).extracting(Average::step).containsExactly(1L, 3L);
        assertThat(written()).extracting(Position::step).endsWith(1L, 3L);
        assertThat(store.states.get(store.states.size() - 1).checkpoints()).isEqualTo(2);
        assertThat(counted("superseded")).isOne();
        assertThat(writer.awaitIdle(Duration.ZERO)).isFalse();
    }

    @Test
    void writesNoAverageBeforeThereWasAnUpdate() throws Exception {
        Snapshot begun = averaged(0, 1);
        Tensor never = new Tensor("step", DType.I64, List.of(), ByteBuffer.allocate(Long.BYTES));
        try (Checkpointer averaging = averaging()) {
            averaging.submit(new Snapshot(
                    begun.position(),
                    1,
                    "",
                    begun.weights(),
                    List.of(begun.optimizer().get(0), never),
                    List.of(),
                    false));
            assertThat(averaging.awaitIdle(LONG)).isTrue();
        }

        assertThat(store.states).hasSize(1);
        assertThat(store.averages).isEmpty();
    }

    @Test
    void keepsThePointsThatCouldNotBePublished() throws Exception {
        MetricPoint point = new MetricPoint(
                RUN.runId(),
                RUN.incarnation(),
                2,
                1,
                8,
                1.5,
                0.5,
                0.1,
                10,
                0,
                1,
                0,
                null,
                null,
                Instant.parse("2026-01-01T00:00:00Z"));
        writer.add(point);
        checkpointer.submit(snapshot(0, 1, false));
        assertThat(checkpointer.awaitIdle(LONG)).isTrue();
        checkpointer.submit(snapshot(1, 3, false));
        assertThat(checkpointer.awaitIdle(LONG)).isTrue();

        assertThat(store.states).extracting(TrainingState::points).containsExactly(List.of(), List.of(point));
    }

    @Test
    void triesAgainUntilTheStoreTakesItAndSaysWhatItFailsOf() throws Exception {
        store.failures = Integer.MAX_VALUE;
        checkpointer.submit(snapshot(0, 3, true));
        await().until(() -> checkpointer.problem().isPresent());
        assertThat(checkpointer.problem()).contains("java.io.IOException: disk full");

        store.failures = 0;
        assertThat(checkpointer.awaitIdle(LONG)).isTrue();
        assertThat(checkpointer.problem()).isEmpty();
        assertThat(counted("failure")).isPositive();
        assertThat(store.states).hasSize(1);
        assertThat(store.batches).hasToString("line of 3\n");
    }

    @Test
    void doesNotBlameTheRunForAnErrorOfTheMachine() throws Exception {
        checkpointer.check();
        store.hopeless = Optional.of(new OutOfMemoryError("Java heap space"));
        checkpointer.submit(snapshot(0, 3, true));

        assertThat(checkpointer.awaitIdle(LONG)).isFalse();
        assertThatThrownBy(checkpointer::check)
                .isInstanceOf(IllegalStateException.class)
                .hasCauseInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void doesNotHoldUpTrainingAndLetsTheNewestTakeThePlaceOfThoseThatWait() throws Exception {
        store.open = new CountDownLatch(1);
        // Given a store that hangs in the first checkpoint
        checkpointer.submit(snapshot(0, 1, false));
        store.entered.await();

        // When training goes on
        checkpointer.submit(snapshot(1, 2, false));
        checkpointer.submit(snapshot(2, 3, false));
        checkpointer.submit(snapshot(3, 4, true));
        store.open.countDown();

        // Then
        assertThat(checkpointer.awaitIdle(LONG)).isTrue();
        assertThat(written()).extracting(Position::step).containsExactly(1L, 4L);
        assertThat(written().get(1).offsets()).containsEntry(0, new OffsetRange(101, 104));
        assertThat(written().get(1).loss()).isEqualTo(3.0);
        assertThat(counted("superseded")).isEqualTo(2);
        assertThat(store.batches).hasToString("line of 1\nline of 2\nline of 3\nline of 4\n");
    }

    @Test
    void writesWhatEarlyStoppingKeepsHoweverManyComeAfterItAndTellsWhichItIs() throws Exception {
        store.open = new CountDownLatch(1);
        checkpointer.submit(snapshot(0, 1, false));
        store.entered.await();

        // When better ones wait behind a store that hangs, and worse ones behind those
        checkpointer.submit(snapshot(1, 2, false, List.of(validated(2, true))));
        checkpointer.submit(snapshot(2, 3, false, List.of(validated(2, true), validated(3, true))));
        checkpointer.submit(
                snapshot(3, 4, false, List.of(validated(2, true), validated(3, true), validated(4, false))));
        checkpointer.submit(snapshot(4, 5, true, List.of(validated(2, true), validated(3, true), validated(5, false))));
        store.open.countDown();

        // Then
        assertThat(checkpointer.awaitIdle(LONG)).isTrue();
        assertThat(written()).extracting(Position::step).containsExactly(1L, 3L, 5L);
        assertThat(written())
                .extracting(position -> position.offsets().get(0))
                .containsExactly(new OffsetRange(100, 101), new OffsetRange(101, 103), new OffsetRange(103, 105));
        assertThat(store.batches).hasToString("line of 1\nline of 2\nline of 3\nline of 4\nline of 5\n");
        assertThat(store.states.get(0).best()).isNull();
        assertThat(store.states.get(1).best()).isNull();
        CheckpointPublished best = store.states.get(2).best();
        assertThat(best.checkpoint().checkpointId()).isEqualTo(CheckpointRef.id(RUN.incarnation(), 3));
        assertThat(best.validation()).isEqualTo(validated(3, true));
        assertThat(Announcements.result(store.states.get(2))).contains(best.asFinal(true));
        assertThat(Announcements.result(store.states.get(1))).isEmpty();
    }

    @Test
    void aFailingSnapshotThatEarlyStoppingKeepsGivesWayToABetterOneAlone() throws Exception {
        store.open = new CountDownLatch(1);
        store.failures = 1;
        checkpointer.submit(snapshot(0, 1, false, List.of(validated(1, true))));
        store.entered.await();
        checkpointer.submit(snapshot(1, 2, true, List.of(validated(1, true), validated(2, false))));
        store.open.countDown();

        assertThat(checkpointer.awaitIdle(LONG)).isTrue();
        assertThat(written()).extracting(Position::step).containsExactly(1L, 2L);
    }

    private static Validated validated(int step, boolean best) {
        return new Validated(step, step, 0.5, 0.5, best, null, null);
    }

    @Test
    void givesUpAFailingSnapshotForANewerOne() throws Exception {
        store.open = new CountDownLatch(1);
        store.failures = 1;
        checkpointer.submit(snapshot(0, 1, false));
        store.entered.await();
        checkpointer.submit(snapshot(1, 2, true));
        store.open.countDown();

        assertThat(checkpointer.awaitIdle(LONG)).isTrue();
        assertThat(written()).extracting(Position::step).containsExactly(2L);
        assertThat(written().get(0).offsets()).containsEntry(0, new OffsetRange(100, 102));
        assertThat(store.batches).hasToString("line of 1\nline of 2\n");
    }
}
