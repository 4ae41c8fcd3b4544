// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryCheckpointStoreTest {
    private static final String RUN = "run-1";

    @TempDir
    Path root;

    private CheckpointStore store;

    @BeforeEach
    void open() {
        store = new DirectoryCheckpointStore(root);
    }

    private static CheckpointMetadata metadata(String runId, long step) {
        return new CheckpointMetadata(
                runId,
                step,
                2,
                step * 128,
                new Network("resnet18", Network.Stem.CIFAR, 3, 2),
                Normalization.ofMeanStd(List.of(0.1, 0.2, 0.3), List.of(0.4, 0.5, 0.6)),
                List.of("cat, small", "\"dog\" ü"),
                "pets",
                "abc",
                32,
                24,
                "pets-model",
                Precision.BF16);
    }

    private static Tensor tensor(String name, float... values) {
        ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(values);
        return new Tensor(name, DType.F32, List.of((long) values.length), data);
    }

    private static TrainingState state(long step) {
        return new TrainingState(
                List.of(tensor("momentum.w", step, 0.5f)),
                Map.of(0, 40 + step, 1, 50L),
                step,
                2,
                step * 128,
                3,
                null,
                Map.of("digest", "d" + step));
    }

    private CheckpointRef write(long step) throws IOException {
        return store.write(metadata(RUN, step), List.of(tensor("w", step, 2, 3)), state(step));
    }

    private Path weights(long step) {
        return root.resolve(RUN).resolve("step-" + step + ".safetensors");
    }

    private Path stateFile(long step) {
        return root.resolve(RUN).resolve("step-" + step + ".state.safetensors");
    }

    private static void truncate(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 5);
        }
    }

    /** Flips one bit of the last byte, which belongs to a tensor. */
    private static void alter(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve(RUN))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void whatWasWrittenIsRead() throws IOException {
        CheckpointRef ref = write(7);

        Checkpoint read = store.read(ref);
        ResumePoint resumed = store.latest(RUN).orElseThrow();

        assertThat(ref.checkpointId()).isEqualTo("run-1-step-7");
        assertThat(ref.uri()).isEqualTo("run-1/step-7.safetensors");
        assertThat(ref.size()).isEqualTo(Files.size(weights(7)));
        assertThat(read.metadata()).isEqualTo(metadata(RUN, 7));
        assertThat(read.weights()).containsExactly(tensor("w", 7, 2, 3));
        assertThat(resumed.ref()).isEqualTo(ref);
        assertThat(resumed.checkpoint()).isEqualTo(read);
        assertThat(resumed.state()).isEqualTo(state(7).of(ref.sha256()));
        assertThat(resumed.passedOver()).isEmpty();
        assertThat(files()).containsExactly("step-7.safetensors", "step-7.state.safetensors");
    }

    @Test
    void weightsSayWhereTheyCameFromInTheLog() throws IOException {
        write(7);

        assertThat(Safetensors.read(weights(7)).metadata())
                .containsEntry("next_offset.0", "47")
                .containsEntry("next_offset.1", "50");
    }

    @Test
    void checkpointsOfAnEarlierRunAreSetAside() throws IOException {
        write(7);

        Path aside = Path.of(store.setAside(RUN));

        assertThat(store.list(RUN)).isEmpty();
        assertThat(aside).startsWith(root).isDirectoryContaining("glob:**/step-7.safetensors");
    }

    @Test
    void checkpointsAreListedByStep() throws IOException {
        write(100);
        write(9);
        write(20);

        assertThat(store.list(RUN)).extracting(StoredCheckpoint::step).containsExactly(9L, 20L, 100L);
        assertThat(store.list(RUN).get(1).checkpointId()).isEqualTo("run-1-step-20");
        assertThat(store.list("another-run")).isEmpty();
        assertThat(store.latest("another-run")).isEmpty();
    }

    @Test
    void aDeletedCheckpointIsGoneWithItsState() throws IOException {
        write(1);
        CheckpointRef ref = write(2);

        store.delete(ref);
        store.delete(ref);

        assertThat(files()).containsExactly("step-1.safetensors", "step-1.state.safetensors");
        assertThatThrownBy(() -> store.read(ref)).isInstanceOf(CorruptCheckpointException.class);
    }

    @Test
    void aTruncatedFileIsRefusedWithBothSizes() throws IOException {
        CheckpointRef ref = write(1);
        truncate(weights(1));

        assertThatThrownBy(() -> store.read(ref))
                .isInstanceOf(CorruptCheckpointException.class)
                .hasMessageContainingAll(ref.uri(), ref.size() + " bytes", ref.size() - 5 + " bytes");
    }

    @Test
    void anAlteredFileIsRefusedWithBothDigests() throws IOException {
        CheckpointRef ref = write(1);
        alter(weights(1));

        assertThatThrownBy(() -> store.read(ref))
                .isInstanceOf(CorruptCheckpointException.class)
                .hasMessageContainingAll(ref.uri(), "SHA-256", ref.sha256());
    }

    @Test
    void aMissingFileIsSaidToBeMissing() throws IOException {
        CheckpointRef ref = write(1);
        Files.delete(weights(1));

        assertThatThrownBy(() -> store.read(ref))
                .isInstanceOf(CorruptCheckpointException.class)
                .hasMessageContaining(ref.uri());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "truncated weights",
                "altered weights",
                "empty weights",
                "truncated state",
                "altered state",
                "missing state",
                "state of another step"
            })
    void resumingPassesOverADamagedCheckpointAndSaysWhy(String damage) throws IOException {
        CheckpointRef whole = write(1);
        write(2);
        switch (damage) {
            case "truncated weights" -> truncate(weights(2));
            case "altered weights" -> alter(weights(2));
            case "empty weights" -> Files.write(weights(2), new byte[0]);
            case "truncated state" -> truncate(stateFile(2));
            case "altered state" -> alter(stateFile(2));
            case "missing state" -> Files.delete(stateFile(2));
            default -> Files.copy(stateFile(1), stateFile(2), StandardCopyOption.REPLACE_EXISTING);
        }

        ResumePoint resumed = store.latest(RUN).orElseThrow();

        assertThat(resumed.ref()).isEqualTo(whole);
        assertThat(resumed.passedOver()).singleElement().asString().contains("run-1/step-2.");
    }

    @Test
    void withoutAWholeCheckpointThereIsNoneToResumeFrom() throws IOException {
        write(1);
        truncate(weights(1));

        assertThat(store.latest(RUN)).isEmpty();
    }

    @Test
    void halfWrittenFilesAreNotSeen() throws IOException {
        write(1);
        Files.writeString(root.resolve(RUN).resolve(".step-2.safetensors-5d1c.tmp"), "half");
        // What a writer that died between the two renames leaves: a state nobody sees.
        Files.copy(stateFile(1), stateFile(3));
        Files.writeString(root.resolve(RUN).resolve("notes.txt"), "");

        assertThat(store.list(RUN)).extracting(StoredCheckpoint::step).containsExactly(1L);
        assertThat(store.latest(RUN).orElseThrow().passedOver()).isEmpty();
    }

    @Test
    void whatAKilledWriterLeftIsRemovedInTime() throws IOException {
        write(1);
        Path old = root.resolve(RUN).resolve(".step-2.safetensors-old.tmp");
        Path recent = root.resolve(RUN).resolve(".step-2.safetensors-recent.tmp");
        Files.writeString(old, "half");
        Files.writeString(recent, "half");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));

        write(2);

        assertThat(old).doesNotExist();
        assertThat(recent).exists();
    }

    @Test
    void statesOfOldCheckpointsArePruned() throws IOException {
        for (long step = 1; step <= 4; step++) {
            write(step);
        }

        store.pruneStates(RUN, 2);

        assertThat(stateFile(2)).doesNotExist();
        assertThat(stateFile(3)).exists();
        assertThat(store.list(RUN)).hasSize(4);
        assertThatThrownBy(() -> store.pruneStates(RUN, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aWriteThatFailsLeavesNothing() throws IOException {
        write(1);
        Files.createDirectories(stateFile(2).resolve("in-the-way"));

        assertThatThrownBy(() -> write(2)).isInstanceOf(IOException.class);

        assertThat(store.list(RUN)).extracting(StoredCheckpoint::step).containsExactly(1L);
        assertThat(files())
                .containsExactly("step-1.safetensors", "step-1.state.safetensors", "step-2.state.safetensors");
    }

    @Test
    void aStepWrittenAgainReplacesTheFirst() throws IOException {
        write(5);
        CheckpointRef second = store.write(metadata(RUN, 5), List.of(tensor("w", 9, 9, 9)), state(5));

        assertThat(store.read(second).weights()).containsExactly(tensor("w", 9, 9, 9));
        assertThat(store.latest(RUN).orElseThrow().ref()).isEqualTo(second);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"../outside.safetensors", "run-1/../../outside.safetensors", "/etc/outside.safetensors", "."})
    void nothingOutsideTheStoreIsTouched(String uri) throws IOException {
        CheckpointRef ref = new CheckpointRef("id", RUN, uri, "00", 1);

        assertThatThrownBy(() -> store.read(ref)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.delete(ref)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.list("../elsewhere")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.write(metadata("../elsewhere", 1), List.of(), state(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void onlyWeightsFilesCanBeDeleted() throws IOException {
        write(1);
        CheckpointRef folder = new CheckpointRef("id", RUN, RUN, "00", 1);

        assertThatThrownBy(() -> store.delete(folder)).isInstanceOf(IllegalArgumentException.class);

        assertThat(store.latest(RUN)).isPresent();
    }

    @ParameterizedTest
    @CsvSource({
        "format_version, 2",
        "format_version,",
        "run,",
        "step, minus one",
        "step, -1",
        "epoch, 99999999999",
        "samples_seen,",
        "network, '{'",
        "network, null",
        "network, '{\"name\":\"resnet18\",\"stem\":\"vgg\"}'",
        "normalization, '{\"scale\":[],\"zeroPoint\":[]}'",
        "classes, 7",
        "classes, '[null]'",
        "dataset_digest,",
        "height, tall",
        "model,",
        "precision, fp8"
    })
    void metadataThatMakeNoSenseAreRefusedByName(String key, String value) throws IOException {
        // Given
        Path file = root.resolve(RUN).resolve("step-1.safetensors");
        write(1);
        Safetensors whole = Safetensors.read(file);
        Map<String, String> strings = new HashMap<>(whole.metadata());
        strings.compute(key, (k, old) -> value);
        byte[] bytes = Safetensors.of(strings, List.copyOf(whole.tensors())).toBytes();
        Files.write(file, bytes);
        CheckpointRef ref = new CheckpointRef(
                "id", RUN, "run-1/step-1.safetensors", DurableFile.sha256(ByteBuffer.wrap(bytes)), bytes.length);

        // When, then
        assertThatThrownBy(() -> store.read(ref))
                .isInstanceOf(CorruptCheckpointException.class)
                .hasMessageContainingAll(ref.uri(), key);
    }

    @Test
    void whatIsNoSafetensorsIsRefused() throws IOException {
        byte[] bytes = "PK\3\4 a pickle in disguise".getBytes(UTF_8);
        Files.createDirectories(root.resolve(RUN));
        Files.write(weights(1), bytes);
        CheckpointRef ref = new CheckpointRef(
                "id", RUN, "run-1/step-1.safetensors", DurableFile.sha256(ByteBuffer.wrap(bytes)), bytes.length);

        assertThatThrownBy(() -> store.read(ref))
                .isInstanceOf(CorruptCheckpointException.class)
                .hasMessageContaining("safetensors");
    }
}
