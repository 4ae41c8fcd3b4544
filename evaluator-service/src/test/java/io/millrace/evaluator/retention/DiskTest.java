// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.retention;

import static io.millrace.evaluator.Fixtures.run;
import static io.millrace.evaluator.Fixtures.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.ModelPromoted.Cause;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.evaluator.Fixtures;
import io.millrace.evaluator.leaderboard.Leaderboard;
import io.millrace.evaluator.promote.Promotions;
import io.millrace.model.RefusedRequestException;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.model.checkpoint.StoredRuns;
import io.millrace.model.checkpoint.TrainingState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stays on a disk when run follows run, as the trainer writes it and the evaluator tidies it. */
class DiskTest {
    private static final int VALUES = 4096;
    private static final long STEPS = 4;

    @TempDir
    private Path directory;

    private final KnownRuns runs = new KnownRuns();
    private final Leaderboard leaderboard = new Leaderboard();
    private final Promotions promotions = new Promotions();
    private final List<CheckpointRef> finals = new ArrayList<>();
    private CheckpointStore store;
    private Retention retention;

    @BeforeEach
    void open() {
        store = new DirectoryCheckpointStore(directory);
        restart();
    }

    /** As another process would begin, which knows nothing but what the topics say. */
    private void restart() {
        retention = new Retention(
                new RetentionRule(3, 2),
                10,
                runs,
                leaderboard,
                promotions,
                store::delete,
                StoredRuns.in(directory),
                leaderboard::remove);
    }

    private CheckpointRef write(RunSpec run, long step) throws IOException {
        Tensor values =
                new Tensor("values", DType.F32, List.of((long) VALUES), ByteBuffer.allocate(VALUES * Float.BYTES));
        return store.write(
                CheckpointMetadata.of(run, Fixtures.position(step), Fixtures.COMPUTE),
                List.of(values),
                new TrainingState(List.of(values), Fixtures.position(step), (int) step, step == STEPS),
                step + " line\n");
    }

    /** A run with a checkpoint a step, the third of which is the best. */
    private RunSpec finished(int number) throws IOException {
        RunSpec run = run("run-%02d".formatted(number), number * 60L);
        runs.run(run.runId(), run);
        store.open(run.incarnation());
        store.noteAttempt(run.incarnation(), 0);
        for (long step = 1; step <= STEPS; step++) {
            CheckpointRef ref = write(run, step);
            store.pruneStates(run.incarnation(), 2);
            leaderboard.add(evaluated(ref, step, step == 3 ? 0.9 : 0.5));
            retention.tidy();
            finals.add(ref);
        }
        store.clearAttempts(run.incarnation());
        runs.status(run.runId(), status(run, State.FINISHED, 30));
        retention.tidy();
        return run;
    }

    private static EvaluationCompleted evaluated(CheckpointRef ref, long step, double accuracy) {
        return Fixtures.evaluation(
                ref, Fixtures.MODEL, Fixtures.DIGEST, step, accuracy, 0.1, Fixtures.NOON.plusSeconds(step));
    }

    private List<String> files(RunSpec run) throws IOException {
        Path folder = directory.resolve(run.incarnation());
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString().replaceAll("-[0-9a-f]{12}", ""))
                    .sorted()
                    .toList();
        }
    }

    private long bytes() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).mapToLong(DiskTest::size).sum();
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void thirtyRunsTakeWhatTenDoAndTheBestOfTheOthers() throws IOException {
        // Given
        List<RunSpec> all = new ArrayList<>();
        for (int number = 0; number < 10; number++) {
            all.add(finished(number));
        }
        long ofTen = bytes();

        // When
        for (int number = 10; number < 30; number++) {
            all.add(finished(number));
        }

        // Then of each that is old its best, the way to it, and the word that it is
        assertThat(files(all.get(0)))
                .containsExactly("retired", "step-1.batches", "step-2.batches", "step-3.batches", "step-3.safetensors");
        assertThat(files(all.get(29)))
                .hasSize(10)
                .contains("step-3.safetensors", "step-4.safetensors", "step-4.state.safetensors");
        CheckpointRef best = leaderboard.bestFirst().get(0).checkpoint();
        assertThat(bytes() - ofTen).isBetween(20 * best.size(), 20 * (best.size() + 64));

        // And one that is old cannot begin anew by mistake
        assertThatThrownBy(() -> store.open(all.get(0).incarnation()))
                .isInstanceOf(RefusedRequestException.class)
                .hasMessageContaining("keep-runs");
        assertThat(store.open(all.get(29).incarnation()).at()).isPresent();
    }

    @Test
    void whatIsPromotedOrGoneBackToStaysHoweverOldItIs() throws IOException {
        RunSpec first = finished(0);
        EvaluationCompleted promoted =
                leaderboard.find(finals.get(0).checkpointId()).orElseThrow();
        promotions.apply(Fixtures.promotion(promoted, finals.get(1), Cause.MANUAL, Fixtures.NOON));
        for (int number = 1; number <= 10; number++) {
            finished(number);
        }

        assertThat(files(first)).contains("step-1.safetensors", "step-2.safetensors", "step-3.safetensors");
        assertThat(files(first)).doesNotContain("step-4.safetensors");
    }

    @Test
    void aRemovedRunLeavesNothingAndALateCheckpointOfItNeither() throws IOException {
        // Given two runs of which one is removed while this service is down
        RunSpec removed = finished(0);
        RunSpec other = finished(1);
        runs.run(removed.runId(), removed.asRemoved());
        restart();

        // When
        retention.tidy();

        // Then
        assertThat(directory.resolve(removed.incarnation())).doesNotExist();
        assertThat(leaderboard.bestFirst())
                .hasSize(4)
                .allMatch(evaluation -> evaluation.checkpoint().runId().equals(other.runId()));
        assertThat(files(other)).isNotEmpty();

        // And when a trainer that was slow writes on, and when the id is ordered again
        write(removed, 5);
        RunSpec again = run(removed.runId(), 1000).withFormerly(List.of(removed.incarnation()));
        runs.run(again.runId(), again);
        write(again, 1);
        restart();
        retention.tidy();
        assertThat(directory.resolve(removed.incarnation())).doesNotExist();
        assertThat(files(again)).contains("step-1.safetensors");
    }

    @Test
    void whatIsPromotedOfARemovedRunStaysUntilItIsNot() throws IOException {
        RunSpec run = finished(0);
        EvaluationCompleted promoted =
                leaderboard.find(finals.get(2).checkpointId()).orElseThrow();
        promotions.apply(Fixtures.promotion(promoted, finals.get(1), Cause.BEST, Fixtures.NOON));
        runs.run(run.runId(), run.asRemoved());

        retention.tidy();
        retention.tidy();
        assertThat(files(run)).containsExactly("step-3.safetensors");
        assertThat(leaderboard.bestFirst()).containsExactly(promoted);

        promotions.remove(Fixtures.MODEL);
        retention.tidy();
        assertThat(files(run)).isEmpty();
        assertThat(leaderboard.bestFirst()).isEmpty();
    }

    @Test
    void ofARunOfWhichTheTopicsDoNotTellNothingMoreIsDeleted() throws IOException {
        RunSpec first = finished(0);
        runs.run(first.runId(), null);
        List<String> before = files(first);
        for (int number = 1; number <= 11; number++) {
            finished(number);
        }

        assertThat(files(first)).isEqualTo(before);
    }

    @Test
    void orphansGoWhenTheyAreOldAndNobodyCanMeanThem() throws IOException {
        // Given weights that nobody announced, a half-written file, one that was set aside, of a run that ended and
        // another
        RunSpec ended = finished(0);
        RunSpec live = run("live", 5);
        runs.run("live", live);
        for (RunSpec run : List.of(ended, live)) {
            write(run, 77);
            Files.writeString(directory.resolve(run.incarnation()).resolve(".half.tmp"), "half");
            Files.writeString(directory.resolve(run.incarnation()).resolve("step-5.safetensors.aside-1"), "set aside");
        }
        Set<String> announced = Set.of(finals.get(2).uri(), finals.get(3).uri());

        // When they are young
        retention.sweep(Instant.now().minus(Duration.ofHours(1)), () -> announced);
        assertThat(files(ended)).contains(".half.tmp", "step-77.safetensors", "step-5.safetensors.aside-1");

        // And when all is old
        age();
        retention.sweep(Instant.now().minus(Duration.ofHours(1)), () -> announced);

        // Then
        assertThat(files(ended)).doesNotContain(".half.tmp", "step-77.safetensors", "step-5.safetensors.aside-1");
        assertThat(files(ended)).contains("step-3.safetensors", "step-4.safetensors");
        assertThat(files(live)).contains("step-77.safetensors");
        assertThat(files(live)).doesNotContain(".half.tmp", "step-5.safetensors.aside-1");
    }

    @Test
    void whatWasEvaluatedOrPromotedIsNoOrphanThoughTheAnnouncementsAreLost() throws IOException {
        // Given weights on the leaderboard only, promoted only, to go back to only, and of which nothing is known at
        // all
        RunSpec evaluated = finished(0);
        write(evaluated, 77);
        RunSpec promoted = finished(1);
        promotions.apply(Fixtures.promotion(
                leaderboard.find(finals.get(6).checkpointId()).orElseThrow(),
                finals.get(5),
                Cause.MANUAL,
                Fixtures.NOON));
        finals.subList(4, 8).forEach(checkpoint -> leaderboard.remove(checkpoint.checkpointId()));
        RunSpec untold = finished(2);
        finals.subList(8, 12).forEach(checkpoint -> leaderboard.remove(checkpoint.checkpointId()));
        List<String> ofUntold = files(untold);
        age();

        // When
        retention.sweep(Instant.now().minus(Duration.ofHours(1)), Set::of);

        // Then
        assertThat(files(evaluated)).contains("step-3.safetensors", "step-4.safetensors");
        assertThat(files(evaluated)).doesNotContain("step-77.safetensors");
        assertThat(files(promoted)).contains("step-2.safetensors", "step-3.safetensors");
        assertThat(files(untold)).isEqualTo(ofUntold).contains("step-3.safetensors");
    }

    private void age() throws IOException {
        FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(2)));
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.setLastModifiedTime(file, old);
            }
        }
    }
}
