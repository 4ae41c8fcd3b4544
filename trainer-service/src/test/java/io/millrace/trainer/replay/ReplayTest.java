// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.OffsetRange;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.RunSpec;
import io.millrace.kafka.KafkaConnection;
import io.millrace.model.RefusedRequestException;
import io.millrace.model.Torch;
import io.millrace.model.checkpoint.Checkpoint;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.CheckpointStore.Found;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.model.checkpoint.ResumePoint;
import io.millrace.model.checkpoint.StoredCheckpoint;
import io.millrace.model.checkpoint.TrainingState;
import io.millrace.trainer.Fixtures;
import io.millrace.trainer.TrainerMetrics;
import io.millrace.trainer.checkpoint.Announcements;
import io.millrace.trainer.checkpoint.Snapshot;
import io.millrace.trainer.consume.ShardBatch;
import io.millrace.trainer.consume.StepInput;
import io.millrace.trainer.consume.StepSource;
import io.millrace.trainer.training.Outlet;
import io.millrace.trainer.training.Replay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop that trains a run trains it again; the store has what came out the first time. */
class ReplayTest {
    private static final int STEPS = 12;
    private static final RunSpec RUN = Fixtures.withCheckpointEvery(
            Fixtures.withOptions(Fixtures.run("r", 2, STEPS / 2, 2), "{\"averaging\": {\"decay\": 0.9}}"), 5);

    @TempDir
    private Path root;

    private DirectoryCheckpointStore store;
    private Compute compute;
    private final List<String> said = new ArrayList<>();

    /** Steps of the run, from one on to another. */
    private record Steps(long[] next, long end) implements StepSource {
        Steps(long from, long end) {
            this(new long[] {from}, end);
        }

        @Override
        public Optional<StepInput> poll(Duration atMost) {
            if (next[0] >= end) {
                return Optional.empty();
            }
            long step = next[0]++;
            return Optional.of(new StepInput(IntStream.range(0, 2)
                    .mapToObj(shard -> Fixtures.id(RUN, step, shard))
                    .map(id ->
                            new ShardBatch(id, Optional.of(Fixtures.batch(RUN, id)), new OffsetRange(step, step + 1)))
                    .toList()));
        }

        @Override
        public Optional<Long> lacks() {
            return next[0] >= end ? Optional.of(end) : Optional.empty();
        }

        @Override
        public Optional<String> problem() {
            return Optional.empty();
        }

        @Override
        public void close() {}
    }

    /** Writes checkpoints as the trainer does, at once. */
    private final class Writing implements Outlet {
        private int written;

        @Override
        public boolean wants(long step) {
            return false;
        }

        @Override
        public void submit(Snapshot snapshot) {
            try {
                TrainingState state =
                        new TrainingState(snapshot.optimizer(), snapshot.position(), ++written, snapshot.last());
                Checkpoint checkpoint =
                        new Checkpoint(CheckpointMetadata.of(RUN, snapshot.position(), compute), snapshot.weights());
                new Announcements(RUN, store)
                        .of(
                                store.write(checkpoint.metadata(), checkpoint.weights(), state, snapshot.batches()),
                                checkpoint,
                                state);
                store.pruneStates(RUN.incarnation(), 2);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public boolean awaitIdle(Duration atMost) {
            return true;
        }

        @Override
        public void add(MetricPoint point) {}

        @Override
        public int announced() {
            return written;
        }

        @Override
        public Optional<String> problem() {
            return Optional.empty();
        }
    }

    @BeforeEach
    void trainOnce() throws Exception {
        store = new DirectoryCheckpointStore(root);
        Compute here = Torch.compute(Precision.FP32, false);
        compute = new Compute(here.precision(), here.channelsLast(), here.device(), 1, here.processor(), here.engine());
        Torch.use(compute);
        run(Optional.empty(), new Steps(0, STEPS), new Writing(), STEPS);
    }

    private void run(Optional<ResumePoint> at, StepSource steps, Outlet outlet, long to) throws InterruptedException {
        try (Replay replay = new Replay(
                RUN,
                at,
                compute,
                Optional.empty(),
                Fixtures.config(Map.of("millrace.trainer.max-lost-ratio", "1")),
                new TrainerMetrics(new SimpleMeterRegistry()),
                KafkaConnection.of("127.0.0.1:1"),
                steps,
                outlet)) {
            replay.to(to);
        }
    }

    private Comparison comparison(long behind) throws IOException {
        return new Comparison(
                store,
                store.list(RUN.incarnation()).stream()
                        .filter(file -> file.step() > behind)
                        .toList(),
                said::add);
    }

    @Test
    void findsEveryBitFromTheBeginningAndFromACheckpoint() throws Exception {
        Comparison whole = comparison(0);
        run(Optional.empty(), new Steps(0, STEPS), whole, whole.last());
        assertThat(said).hasSize(8).allMatch(line -> line.contains("identical"));
        assertThat(said.stream().filter(line -> line.endsWith(", and its state")))
                .hasSize(2);
        assertThat(whole.different()).isZero();

        StoredCheckpoint ten = store.list(RUN.incarnation()).stream()
                .filter(file -> file.step() == 10 && !file.checkpointId().endsWith("average"))
                .findFirst()
                .orElseThrow();
        Found found = store.read(ten);
        ResumePoint point = new ResumePoint(
                found.ref(), found.checkpoint(), store.state(found).orElseThrow());
        Comparison part = comparison(10);
        run(Optional.of(point), new Steps(10, STEPS), part, part.last());
        assertThat(part.identical()).isEqualTo(2);
        assertThat(part.different()).isZero();
    }

    @Test
    void namesTheFileThatWasAlteredAndSaysHowFarOtherBatchesLead() throws Exception {
        StoredCheckpoint first = store.list(RUN.incarnation()).get(0);
        try (FileChannel file = FileChannel.open(root.resolve(first.uri()), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), file.size() - 4);
        }
        Comparison altered = comparison(0);
        run(Optional.empty(), new Steps(0, STEPS), altered, altered.last());
        assertThat(altered.different()).isEqualTo(1);
        assertThat(said.stream().filter(line -> line.contains("differs")))
                .singleElement()
                .asString()
                .contains(first.uri().substring(first.uri().lastIndexOf('/') + 1), "not what was written");

        said.clear();
        Comparison without = comparison(0);
        run(Optional.empty(), new RecordedSteps(new Steps(0, STEPS), List.of("2 0 1 -,1")), without, without.last());
        assertThat(without.identical()).isZero();
        assertThat(said.get(said.size() - 1)).contains("relative", "samples, the run on " + STEPS * 2 * Fixtures.BATCH);
    }

    @Test
    void whatTheLogDoesNotHoldIsSaid() throws Exception {
        Comparison whole = comparison(0);
        assertThatThrownBy(() -> run(Optional.empty(), new Steps(0, 3), whole, whole.last()))
                .isInstanceOf(RefusedRequestException.class)
                .hasMessageContaining("does not hold step 4 any more");
    }
}
