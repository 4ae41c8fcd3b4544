// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.Fixtures.run;
import static io.millrace.trainer.TrainerProcess.awaitStep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.CheckpointStore.Found;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.model.checkpoint.StoredCheckpoint;
import io.millrace.model.checkpoint.TrainingState;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run whose trainer was killed is trained again by a program of its own, which finds every bit of it, and what was altered. */
class ReplayIT {
    private static final int STEPS = 40;

    @TempDir
    private Path directory;

    private Path store;

    private record Answer(int code, String text) {}

    @Test
    void findsEveryBitAgainAndWhatWasAltered() throws Exception {
        store = directory.resolve("store");
        try (TestBroker broker = TestBroker.start();
                Log log = new Log(broker.bootstrapServers())) {
            // Given
            RunSpec run = Fixtures.withCheckpointEvery(
                    Fixtures.withOptions(run("again", 2, STEPS / 2, 2), "{\"averaging\": {\"decay\": 0.9}}"), 7);
            log.ask(run);
            log.batches(run, 0, 11);
            log.send(
                    Topic.batches(run.incarnation()),
                    0,
                    run.incarnation(),
                    Optional.of(Fixtures.id(run, 11, 0).toString()),
                    new byte[] {1, 2, 3});
            log.batch(run, 11, 1);
            log.batches(run, 12, STEPS);
            Map<String, String> lossy = Map.of("millrace.trainer.max-lost-ratio", "0.05");
            try (ServiceProcess trainer = TrainerProcess.start(broker.bootstrapServers(), store, lossy)) {
                awaitStep(trainer, run.runId(), 9);
                await().until(() -> trainer.json("/run").path("checkpoints").asInt() >= 1);
                trainer.kill();
            }
            try (ServiceProcess trainer = TrainerProcess.start(broker.bootstrapServers(), store, lossy)) {
                assertThat(log.awaitEnd(run.runId()).state()).as(trainer.log()).isEqualTo(State.FINISHED);
            }
            List<StoredCheckpoint> files = new DirectoryCheckpointStore(store).list(run.incarnation());
            Map<Path, Long> before = sizes();
            long records = log.end(run);
            long dead = log.deadLetters(run).size();

            // When, then
            Answer whole = replay(broker, run, -1, -1);
            assertThat(whole.text())
                    .contains(
                            "from step 0 to " + STEPS,
                            "1 thread",
                            "the same bits are promised",
                            "all " + files.size() + " files are identical")
                    .doesNotContain("differs");
            assertThat(lines(whole)).hasSize(files.size());
            assertThat(lines(whole).stream().filter(line -> line.endsWith("and its state")))
                    .hasSize(2);
            assertThat(whole.code()).isZero();
            assertThat(sizes()).as("the store").isEqualTo(before);
            assertThat(log.end(run)).as("the run's log").isEqualTo(records);
            assertThat(log.deadLetters(run)).hasSize((int) dead);

            long resumable = files.stream()
                    .mapToLong(StoredCheckpoint::step)
                    .filter(step -> step < STEPS)
                    .max()
                    .orElseThrow();
            Answer part = replay(broker, run, resumable + 1, STEPS);
            assertThat(part.text()).contains("from step " + resumable + " to " + STEPS, "all 2 files are identical");
            assertThat(part.code()).isZero();

            assertThat(replay(broker, run, 1, 2).text()).contains("no checkpoint of run again lies behind step");
            anotherProcessorIsSaid(broker, run);
            anAlteredFileIsNamed(broker, run, files.get(0), files.size());
            aTrimmedLogIsSaid(broker, log, run, resumable);
            assertThat(replay(broker, run("nothing", 1, 8, 1), -1, -1).text())
                    .contains("the store has no checkpoint of run nothing");
        }
    }

    private void anAlteredFileIsNamed(TestBroker broker, RunSpec run, StoredCheckpoint altered, int files)
            throws Exception {
        Path file = store.resolve(altered.uri());
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), channel.size() - 4);
        }
        Answer answer = replay(broker, run, -1, -1);
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.text())
                .contains("1 of " + files + " files differ")
                .containsPattern(
                        "step +" + altered.step() + "  differs +" + file.getFileName() + "  not what was written");
    }

    private void aTrimmedLogIsSaid(TestBroker broker, Log log, RunSpec run, long resumable) throws Exception {
        log.deleteRecords(run, 5);
        Answer answer = replay(broker, run, -1, -1);
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.text()).contains("does not hold step 1 any more");
        Answer behind = replay(broker, run, resumable, -1);
        assertThat(behind.text()).contains("identical");
        assertThat(behind.code()).isZero();
    }

    /** The same weights, of which it is said that something else computed them. */
    private void anotherProcessorIsSaid(TestBroker broker, RunSpec run) throws Exception {
        DirectoryCheckpointStore real = new DirectoryCheckpointStore(store);
        Path elsewhere = directory.resolve("elsewhere");
        DirectoryCheckpointStore other = new DirectoryCheckpointStore(elsewhere);
        StoredCheckpoint last = real.list(run.incarnation()).stream()
                .filter(each -> each.step() == STEPS && !each.checkpointId().endsWith("average"))
                .findFirst()
                .orElseThrow();
        Found found = real.read(last);
        TrainingState state = real.state(found).orElseThrow();
        Compute mine = found.checkpoint().metadata().compute();
        Compute theirs = new Compute(
                mine.precision(), mine.channelsLast(), mine.device(), mine.threads(), "another one", mine.engine());
        Position position = state.position();
        other.write(
                CheckpointMetadata.of(run, position, theirs),
                found.checkpoint().weights(),
                new TrainingState(state.optimizer(), position, 1, true),
                String.join(
                        "",
                        real.batches(run.incarnation()).stream()
                                .map(line -> line + "\n")
                                .toList()));
        Answer answer = replay(broker, run, elsewhere, -1, -1);
        assertThat(answer.text())
                .contains("the same bits are not promised here: processor ", " instead of another one")
                .contains("the one file is identical");
        assertThat(answer.code()).isZero();
    }

    private static List<String> lines(Answer answer) {
        return answer.text().lines().filter(line -> line.startsWith("step ")).toList();
    }

    private Map<Path, Long> sizes() throws IOException {
        Map<Path, Long> sizes = new TreeMap<>();
        try (Stream<Path> files = Files.walk(store)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sizes.put(file, Files.size(file));
            }
        }
        return sizes;
    }

    private Answer replay(TestBroker broker, RunSpec run, long from, long to) throws Exception {
        return replay(broker, run, store, from, to);
    }

    private Answer replay(TestBroker broker, RunSpec run, Path root, long from, long to) throws Exception {
        Path order = Files.write(directory.resolve("order.json"), EventCodec.encode(run));
        Path text = Files.createTempFile(directory, "replay-", ".txt");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                Stream.of("lib/main/*", "lib/boot/*", "app/*", "quarkus/*")
                        .map(jars -> Path.of("target", "quarkus-app") + File.separator + jars)
                        .collect(Collectors.joining(File.pathSeparator)),
                "io.millrace.trainer.replay.ReplayMain",
                order.toString(),
                root.toString(),
                broker.bootstrapServers(),
                Long.toString(from),
                Long.toString(to)));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(text.toFile())
                .start();
        int code = process.waitFor();
        return new Answer(code, Files.readString(text));
    }
}
