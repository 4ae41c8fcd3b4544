// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.checkpoint.Checkpoint;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.ResumePoint;
import io.millrace.model.checkpoint.StoredCheckpoint;
import io.millrace.model.checkpoint.TrainingState;
import io.millrace.trainer.Fixtures;
import io.millrace.trainer.checkpoint.Snapshot.LossSum;
import io.millrace.trainer.consume.RunFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class CheckpointerTest {
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final RunSpec RUN = Fixtures.run("run-a", 1, 100, 1);

    @TempDir
    private Path folder;

    private final Store store = new Store();
    private final List<CheckpointPublished> announced = new CopyOnWriteArrayList<>();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger superseded = new AtomicInteger();
    private volatile int announcementsToFail;

    /** Keeps states, and fails as often as it is told to. */
    private static final class Store implements CheckpointStore {
        final List<TrainingState> states = new CopyOnWriteArrayList<>();
        final CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch open = new CountDownLatch(0);
        int failures;
        Optional<Throwable> hopeless = Optional.empty();

        @Override
        public CheckpointRef write(CheckpointMetadata metadata, List<Tensor> weights, TrainingState state)
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
                throw CheckpointerTest.<RuntimeException>thrown(hopeless.get());
            }
            states.add(state);
            return new CheckpointRef(
                    CheckpointRef.id(RUN.runId(), state.step()), RUN.runId(), "step-" + state.step(), "ab", 1);
        }

        @Override
        public Checkpoint read(CheckpointRef ref) throws IOException {
            throw new IOException("not asked for here");
        }

        @Override
        public Optional<ResumePoint> latest(String runId) {
            return Optional.empty();
        }

        @Override
        public List<StoredCheckpoint> list(String runId) {
            return List.of();
        }

        @Override
        public void pruneStates(String runId, int keep) {}

        @Override
        public String setAside(String runId) {
            return runId;
        }

        @Override
        public void delete(CheckpointRef ref) {}
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T thrown(Throwable unchecked) throws T {
        throw (T) unchecked;
    }

    private Checkpointer checkpointer(Optional<CheckpointPublished> again) throws IOException {
        Announcer announcer = checkpoint -> {
            if (announcementsToFail-- > 0) {
                throw new KafkaException("no broker");
            }
            announced.add(checkpoint);
        };
        CheckpointObserver observer = new CheckpointObserver() {
            @Override
            public void written(Duration took) {}

            @Override
            public void failed() {
                failures.incrementAndGet();
            }

            @Override
            public void superseded() {
                superseded.incrementAndGet();
            }
        };
        CheckpointWriter writer = new CheckpointWriter(RUN, Precision.FP32, store, folder, announcer, Optional.empty());
        return new Checkpointer(writer, again, new Retry(Duration.ofMillis(1), Duration.ofMillis(2)), observer);
    }

    /** After a step of which each had its record, from offset 100 on, and a loss equal to its number. */
    private static Snapshot snapshot(int step, boolean last) {
        LossSum loss = LossSum.NONE;
        for (int k = 1; k <= step; k++) {
            loss = loss.plus(k, 1);
        }
        return new Snapshot(
                step,
                1,
                step,
                loss,
                Map.of(0, 100L),
                Map.of(0, 100L + step),
                BatchChain.EMPTY,
                "line of " + step + "\n",
                1,
                0,
                List.of(),
                List.of(),
                last);
    }

    @Test
    void announcesGaplessRangesAndTheLossOfEach() throws Exception {
        try (Checkpointer checkpointer = checkpointer(Optional.empty())) {
            checkpointer.submit(snapshot(3, false));
            assertThat(checkpointer.awaitIdle(LONG)).isTrue();
            checkpointer.submit(snapshot(5, true));
            assertThat(checkpointer.awaitIdle(LONG)).isTrue();
        }

        assertThat(announced)
                .extracting(published -> published.offsets().get(0))
                .containsExactly(new OffsetRange(100, 103), new OffsetRange(103, 105));
        assertThat(announced).extracting(CheckpointPublished::trainingLoss).containsExactly(2.0, 4.5);
        assertThat(announced).extracting(CheckpointPublished::isFinal).containsExactly(false, true);
        assertThat(store.states).extracting(TrainingState::checkpoints).containsExactly(1L, 2L);
    }

    @Test
    void triesAgainUntilTheStoreTakesIt() throws Exception {
        store.failures = 3;
        try (Checkpointer checkpointer = checkpointer(Optional.empty())) {
            checkpointer.submit(snapshot(3, true));
            assertThat(checkpointer.awaitIdle(LONG)).isTrue();
            assertThat(checkpointer.announced()).isEqualTo(1);
        }

        assertThat(failures).hasValue(3);
        assertThat(announced).hasSize(1);
        assertThat(Files.readString(folder.resolve(BatchLog.NAME))).isEqualTo("line of 3\n");
    }

    @Test
    void saysWhatTheLatestAttemptFailedOfUntilOneSucceeds() throws Exception {
        announcementsToFail = Integer.MAX_VALUE;
        try (Checkpointer checkpointer = checkpointer(Optional.empty())) {
            checkpointer.submit(snapshot(3, true));
            await().until(() -> checkpointer.problem().isPresent());
            assertThat(checkpointer.problem()).contains("org.apache.kafka.common.KafkaException: no broker");

            announcementsToFail = 0;
            assertThat(checkpointer.awaitIdle(LONG)).isTrue();
            assertThat(checkpointer.problem()).isEmpty();
        }
    }

    @Test
    void endsARunWhoseCheckpointCanNeverBeMade() throws Exception {
        store.hopeless = Optional.of(new NullPointerException("no name"));
        try (Checkpointer checkpointer = checkpointer(Optional.empty())) {
            checkpointer.check();
            checkpointer.submit(snapshot(3, true));

            assertThat(checkpointer.awaitIdle(LONG)).isFalse();
            assertThatThrownBy(checkpointer::check)
                    .isInstanceOf(RunFailedException.class)
                    .hasMessage("a checkpoint cannot be made: java.lang.NullPointerException: no name");
        }
    }

    @Test
    void doesNotBlameTheRunForAnErrorOfTheMachine() throws Exception {
        store.hopeless = Optional.of(new OutOfMemoryError("Java heap space"));
        try (Checkpointer checkpointer = checkpointer(Optional.empty())) {
            checkpointer.submit(snapshot(3, true));

            assertThat(checkpointer.awaitIdle(LONG)).isFalse();
            assertThatThrownBy(checkpointer::check)
                    .isInstanceOf(IllegalStateException.class)
                    .hasCauseInstanceOf(OutOfMemoryError.class);
        }
    }

    @Test
    void announcesAgainWithoutWritingAgain() throws Exception {
        announcementsToFail = 2;
        try (Checkpointer checkpointer = checkpointer(Optional.empty())) {
            checkpointer.submit(snapshot(3, true));
            assertThat(checkpointer.awaitIdle(LONG)).isTrue();
        }

        assertThat(announced).hasSize(1);
        assertThat(store.states).hasSize(1);
    }

    @Test
    void doesNotHoldUpTrainingAndLetsTheNewestTakeThePlaceOfThoseThatWait() throws Exception {
        store.open = new CountDownLatch(1);
        try (Checkpointer checkpointer = checkpointer(Optional.empty())) {
            // Given a store that hangs in the first checkpoint
            checkpointer.submit(snapshot(1, false));
            store.entered.await();

            // When training goes on
            checkpointer.submit(snapshot(2, false));
            checkpointer.submit(snapshot(3, false));
            checkpointer.submit(snapshot(4, true));
            store.open.countDown();

            // Then
            assertThat(checkpointer.awaitIdle(LONG)).isTrue();
        }
        assertThat(announced).extracting(CheckpointPublished::step).containsExactly(1L, 4L);
        assertThat(announced.get(1).offsets()).containsEntry(0, new OffsetRange(101, 104));
        assertThat(superseded).hasValue(2);
        assertThat(Files.readString(folder.resolve(BatchLog.NAME)))
                .isEqualTo("line of 1\nline of 2\nline of 3\nline of 4\n");
    }

    @Test
    void givesUpAFailingSnapshotForANewerOne() throws Exception {
        store.open = new CountDownLatch(1);
        store.failures = 1;
        try (Checkpointer checkpointer = checkpointer(Optional.empty())) {
            checkpointer.submit(snapshot(1, false));
            store.entered.await();
            checkpointer.submit(snapshot(2, true));
            store.open.countDown();
            assertThat(checkpointer.awaitIdle(LONG)).isTrue();
        }

        assertThat(announced).extracting(CheckpointPublished::step).containsExactly(2L);
        assertThat(announced.get(0).offsets()).containsEntry(0, new OffsetRange(100, 102));
        assertThat(Files.readString(folder.resolve(BatchLog.NAME))).isEqualTo("line of 1\nline of 2\n");
    }

    @Test
    void announcesTheOneItResumesFromFirst() throws Exception {
        CheckpointRef ref = new CheckpointRef("run-a-step-1", "run-a", "run-a/step-1.safetensors", "ab", 1);
        CheckpointPublished before =
                new CheckpointPublished(ref, "test", "ab", 1, 1, 4, 2.0, Map.of(0, new OffsetRange(100, 101)), false);
        try (Checkpointer checkpointer = checkpointer(Optional.of(before))) {
            assertThat(checkpointer.awaitIdle(LONG)).isTrue();
        }

        assertThat(announced).containsExactly(before);
        assertThat(store.states).isEmpty();
    }
}
