// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import static io.millrace.model.checkpoint.Given.RUN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.InputConvention;
import io.millrace.contracts.event.Lineage;
import io.millrace.contracts.event.Validated;
import io.millrace.contracts.safetensors.Safetensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
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

/** What is written, what is read, and what is refused. */
class DirectoryCheckpointStoreTest {
    @TempDir
    Path root;

    private CheckpointStore store;

    @BeforeEach
    void open() {
        store = new DirectoryCheckpointStore(root);
    }

    private CheckpointRef write(long step) throws IOException {
        return store.write(
                Given.metadata(RUN, step), Given.weights(step), Given.state(step), Given.batches(step, step));
    }

    private Path file(CheckpointRef ref) {
        return root.resolve(ref.uri());
    }

    private Path stateFile(CheckpointRef ref) {
        return root.resolve(ref.uri().replace(".safetensors", ".state.safetensors"));
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
        CheckpointStore.Opening opening = store.open(RUN);

        String name = "step-7-" + ref.sha256().substring(0, 12);
        assertThat(ref.checkpointId()).isEqualTo(RUN + "-step-7");
        assertThat(ref.runId()).isEqualTo("run-1");
        assertThat(ref.uri()).isEqualTo(RUN + "/" + name + ".safetensors");
        assertThat(ref.size()).isEqualTo(Files.size(file(ref)));
        assertThat(read.metadata()).isEqualTo(Given.metadata(RUN, 7));
        assertThat(read.weights()).isEqualTo(Given.weights(7));
        assertThat(opening.passedOver()).isEmpty();
        assertThat(opening.at())
                .contains(new ResumePoint(ref, read, Given.state(7).of(ref.sha256())));
        assertThat(files()).containsExactly(name + ".batches", name + ".safetensors", name + ".state.safetensors");
    }

    @Test
    void whatTheValidationSplitSaidAndWhatItKeepsAreGoneOnFrom() throws IOException {
        List<Validated> said = List.of(
                new Validated(1, 7, 0.5, 0.75, true, 0.1, null),
                new Validated(2, 9, 0.625, 0.5, false, 0.01, "stopped early"));
        CheckpointPublished best = new CheckpointPublished(
                new CheckpointRef(RUN + "-step-7", "run-1", RUN + "/step-7-0123456789ab.safetensors", "ab", 1),
                "pets-model",
                "abc",
                Given.position(7),
                Given.COMPUTE,
                false,
                said.get(0));
        CheckpointMetadata given = Given.metadata(RUN, 9);
        CheckpointMetadata metadata = new CheckpointMetadata(
                given.runId(),
                given.incarnation(),
                given.step(),
                given.epoch(),
                given.samples(),
                given.nextOffsets(),
                given.network(),
                given.normalization(),
                given.classes(),
                given.dataset(),
                given.datasetDigest(),
                given.height(),
                given.width(),
                given.input(),
                given.model(),
                said,
                given.compute(),
                null,
                null,
                null);
        TrainingState state =
                new TrainingState(Given.state(9).optimizer(), Given.position(9), 2, true, List.of(), best);

        store.write(metadata, Given.weights(9), state, Given.batches(9, 9));

        ResumePoint at = store.open(RUN).at().orElseThrow();
        assertThat(at.checkpoint().metadata()).isEqualTo(metadata);
        assertThat(at.checkpoint().metadata().validated()).contains(said.get(1));
        assertThat(at.state().best()).isEqualTo(best);
    }

    @Test
    void weightsAreReadByTheirPlaceInTheStoreAlone() throws IOException {
        CheckpointRef ref = write(7);
        StoredCheckpoint stored = store.list(RUN).get(0);

        assertThat(store.read(stored)).isEqualTo(new CheckpointStore.Found(ref, store.read(ref)));

        alter(file(ref));
        assertThatThrownBy(() -> store.read(stored))
                .isInstanceOf(CorruptCheckpointException.class)
                .hasMessageContaining("expected the SHA-256 in its name");
        Files.delete(file(ref));
        assertThatThrownBy(() -> store.read(stored)).isInstanceOf(CorruptCheckpointException.class);
    }

    @Test
    void anAverageIsReadByItsPlaceInTheStoreAlone() throws IOException {
        CheckpointRef average = Given.average(store, write(7), 7);
        StoredCheckpoint stored = store.list(RUN).stream()
                .filter(found -> found.checkpointId().equals(average.checkpointId()))
                .findFirst()
                .orElseThrow();

        assertThat(store.read(stored)).isEqualTo(new CheckpointStore.Found(average, store.read(average)));
    }

    @Test
    void weightsSayWhatTheirRunStartedFrom() throws IOException {
        CheckpointMetadata plain = Given.metadata(RUN, 7);
        Lineage lineage = new Lineage("imagenet", "ab".repeat(32), List.of("fc is begun anew"));
        CheckpointMetadata metadata = new CheckpointMetadata(
                plain.runId(),
                plain.incarnation(),
                plain.step(),
                plain.epoch(),
                plain.samples(),
                plain.nextOffsets(),
                plain.network(),
                plain.normalization(),
                plain.classes(),
                plain.dataset(),
                plain.datasetDigest(),
                plain.height(),
                plain.width(),
                InputConvention.PHOTO,
                plain.model(),
                plain.validation(),
                plain.compute(),
                lineage,
                null,
                "{\"name\":\"a\",\"later\":1}");

        CheckpointRef ref = store.write(metadata, Given.weights(7), Given.state(7), Given.batches(7, 7));

        assertThat(store.read(ref).metadata()).isEqualTo(metadata);
    }

    @Test
    void weightsSayWhereTheyCameFromInTheLog() throws IOException {
        CheckpointRef ref = write(7);

        assertThat(Safetensors.read(file(ref)).metadata())
                .containsEntry("next_offset.0", "47")
                .containsEntry("next_offset.1", "50");
    }

    @Test
    void theSameWeightsAreTheSameFileWhateverTheClockSaid() throws IOException {
        CheckpointRef first = write(7);
        TrainingState slower = new TrainingState(Given.state(7).optimizer(), Given.position(8), 4, false);

        CheckpointRef again = store.write(Given.metadata(RUN, 7), Given.weights(7), slower, Given.batches(7, 7));

        assertThat(again).isEqualTo(first);
        assertThat(store.open(RUN).at().orElseThrow().state().position())
                .as("what was there stays")
                .isEqualTo(Given.position(7));
    }

    @Test
    void otherWeightsOfTheSameStepStandBesideTheFirst() throws IOException {
        CheckpointRef first = write(5);
        CheckpointRef second =
                store.write(Given.metadata(RUN, 5), Given.weights(9), Given.state(5), Given.batches(5, 5));

        assertThat(store.read(first).weights()).isEqualTo(Given.weights(5));
        assertThat(store.read(second).weights()).isEqualTo(Given.weights(9));
        assertThat(store.open(RUN).at()).isPresent();
    }

    @Test
    void weightsAreListedByStep() throws IOException {
        write(100);
        write(9);
        CheckpointRef middle = write(20);

        assertThat(store.list(RUN)).extracting(StoredCheckpoint::step).containsExactly(9L, 20L, 100L);
        assertThat(store.list(RUN).get(1))
                .isEqualTo(new StoredCheckpoint(middle.checkpointId(), 20, middle.uri(), middle.size()));
        assertThat(store.list("another-run")).isEmpty();
        assertThat(store.open("another-run").at()).isEmpty();
    }

    @Test
    void aDeletedCheckpointIsGoneWithItsState() throws IOException {
        write(1);
        List<String> before = files();
        CheckpointRef ref = write(2);

        store.delete(ref);
        store.delete(ref);

        assertThat(files()).filteredOn(name -> !name.endsWith(".batches")).isSubsetOf(before);
        assertThat(store.batches(RUN)).as("the record of the run stays").hasSize(2);
        assertThatThrownBy(() -> store.read(ref)).isInstanceOf(CorruptCheckpointException.class);
    }

    @Test
    void anAverageLiesBesideItsCheckpointAndNobodyResumesFromIt() throws IOException {
        CheckpointRef raw = write(7);
        CheckpointRef average = Given.average(store, raw, 7);

        String name = RUN + "/step-7-" + average.sha256().substring(0, 12);
        long size = Files.size(root.resolve(name + ".average.safetensors"));
        assertThat(average)
                .isEqualTo(new CheckpointRef(
                        RUN + "-step-7-average", "run-1", name + ".average.safetensors", average.sha256(), size, true));
        assertThat(store.read(average)).isEqualTo(new Checkpoint(Given.averaged(raw, 7), Given.weights(3.5f)));
        assertThat(store.read(average).metadata().average())
                .isEqualTo(new CheckpointMetadata.Average(0.75, raw.checkpointId(), raw.sha256()));
        assertThat(store.read(raw).metadata().average()).isNull();
        assertThat(store.list(RUN))
                .extracting(StoredCheckpoint::checkpointId)
                .containsExactlyInAnyOrder(raw.checkpointId(), average.checkpointId());
        assertThat(store.open(RUN).at().orElseThrow().ref()).isEqualTo(raw);
        assertThat(store.open(RUN).passedOver()).isEmpty();
        assertThat(Given.average(store, raw, 7)).as("written again").isEqualTo(average);
    }

    @Test
    void anAverageAndItsCheckpointAreDeletedEachAlone() throws IOException {
        CheckpointRef first = write(1);
        CheckpointRef firstAverage = Given.average(store, first, 1);
        CheckpointRef second = write(2);
        CheckpointRef secondAverage = Given.average(store, second, 2);

        store.delete(first);
        store.delete(secondAverage);
        store.delete(secondAverage);

        assertThat(store.read(firstAverage).weights()).isEqualTo(Given.weights(0.5f));
        assertThat(store.open(RUN).at().orElseThrow().ref()).isEqualTo(second);
        assertThat(store.list(RUN)).extracting(StoredCheckpoint::uri).containsExactly(firstAverage.uri(), second.uri());
        assertThat(Given.average(store, second, 2)).as("made anew").isEqualTo(secondAverage);
        assertThat(store.read(secondAverage).weights()).isEqualTo(Given.weights(1));
    }

    @Test
    void aTruncatedFileIsRefusedWithBothSizes() throws IOException {
        CheckpointRef ref = write(1);
        truncate(file(ref));

        assertThatThrownBy(() -> store.read(ref))
                .isInstanceOf(CorruptCheckpointException.class)
                .hasMessageContainingAll(ref.uri(), ref.size() + " bytes", ref.size() - 5 + " bytes");
    }

    @Test
    void anAlteredFileIsRefusedWithBothDigests() throws IOException {
        CheckpointRef ref = write(1);
        alter(file(ref));

        assertThatThrownBy(() -> store.read(ref))
                .isInstanceOf(CorruptCheckpointException.class)
                .hasMessageContainingAll(ref.uri(), "SHA-256", ref.sha256());
    }

    @Test
    void aMissingFileIsSaidToBeMissing() throws IOException {
        CheckpointRef ref = write(1);
        Files.delete(file(ref));

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
                "state of another step"
            })
    void resumingPassesOverADamagedCheckpointAndSaysWhy(String damage) throws IOException {
        CheckpointRef whole = write(1);
        CheckpointRef newest = write(2);
        switch (damage) {
            case "truncated weights" -> truncate(file(newest));
            case "altered weights" -> alter(file(newest));
            case "empty weights" -> Files.write(file(newest), new byte[0]);
            case "truncated state" -> truncate(stateFile(newest));
            case "altered state" -> alter(stateFile(newest));
            default -> Files.copy(stateFile(whole), stateFile(newest), StandardCopyOption.REPLACE_EXISTING);
        }

        CheckpointStore.Opening opening = store.open(RUN);

        assertThat(opening.at().orElseThrow().ref()).isEqualTo(whole);
        assertThat(opening.passedOver()).singleElement().asString().contains(RUN + "/step-2-");
    }

    @Test
    void withoutItsStateACheckpointIsNoneToGoOnFrom() throws IOException {
        CheckpointRef whole = write(1);
        Files.delete(stateFile(write(2)));

        assertThat(store.open(RUN).at().orElseThrow().ref()).isEqualTo(whole);
    }

    @Test
    void withoutAWholeCheckpointTheRunBeginsAndItIsSaidWhy() throws IOException {
        truncate(file(write(1)));

        CheckpointStore.Opening opening = store.open(RUN);

        assertThat(opening.at()).isEmpty();
        assertThat(opening.passedOver()).singleElement().asString().contains(RUN + "/step-1-");
    }

    @Test
    void halfWrittenFilesAreNotSeen() throws IOException {
        CheckpointRef ref = write(1);
        Files.writeString(root.resolve(RUN).resolve(".step-2-0123456789ab.safetensors-5d1c.tmp"), "half");
        // What a writer that died between the two renames leaves: a state nobody sees.
        Files.copy(stateFile(ref), root.resolve(RUN).resolve("step-3-0123456789ab.state.safetensors"));
        Files.writeString(root.resolve(RUN).resolve("notes.txt"), "");

        assertThat(store.list(RUN)).extracting(StoredCheckpoint::step).containsExactly(1L);
        assertThat(store.open(RUN).passedOver()).isEmpty();
    }

    @Test
    void statesOfOldCheckpointsArePruned() throws IOException {
        CheckpointRef[] refs = new CheckpointRef[5];
        for (int step = 1; step <= 4; step++) {
            refs[step] = write(step);
        }

        store.pruneStates(RUN, 2);

        assertThat(stateFile(refs[1])).doesNotExist();
        assertThat(stateFile(refs[2])).doesNotExist();
        assertThat(stateFile(refs[3])).exists();
        assertThat(stateFile(refs[4])).exists();
        assertThat(store.list(RUN)).hasSize(4);
        assertThatThrownBy(() -> store.pruneStates(RUN, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aStoreThatCanBeWrittenIsMadeAndSaysItsRoom() throws IOException {
        CheckpointStore fresh = new DirectoryCheckpointStore(root.resolve("a/b"));

        fresh.requireWritable();

        assertThat(root.resolve("a/b")).isEmptyDirectory();
        assertThat(fresh.space().orElseThrow().totalBytes())
                .isGreaterThanOrEqualTo(fresh.space().orElseThrow().freeBytes())
                .isPositive();
    }

    @Test
    void aStoreThatCannotBeWrittenSaysSo() throws IOException {
        Files.writeString(root.resolve("file"), "in the way");

        assertThatThrownBy(() -> new DirectoryCheckpointStore(root.resolve("file")).requireWritable())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("file");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../outside.safetensors",
                "run-1/../../outside.safetensors",
                "/etc/outside.safetensors",
                "../step-1-0123456789ab.safetensors",
                "."
            })
    void nothingOutsideTheStoreIsTouched(String uri) {
        CheckpointRef ref = new CheckpointRef("id", "run-1", uri, "00", 1);

        assertThatThrownBy(() -> store.read(ref)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.delete(ref)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void noRunLiesOutsideTheStore() {
        assertThatThrownBy(() -> store.list("../elsewhere")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.open("../elsewhere")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        store.write(Given.metadata("../elsewhere", 1), List.of(), Given.state(1), Given.batches(1, 1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void onlyWeightsFilesCanBeDeleted() throws IOException {
        CheckpointRef whole = write(1);
        for (String uri : List.of(RUN, whole.uri().replace(".safetensors", ".state.safetensors"))) {
            CheckpointRef ref = new CheckpointRef("id", "run-1", uri, "00", 1);

            assertThatThrownBy(() -> store.delete(ref)).isInstanceOf(IllegalArgumentException.class);
        }

        assertThat(store.open(RUN).at()).isPresent();
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
        "network, '{\"name\":\"resnet18\",\"stem\":\"cifar\",\"inputChannels\":3,\"classes\":2,\"depth\":18}'",
        "normalization, '{\"scale\":[],\"zeroPoint\":[]}'",
        "classes, 7",
        "classes, '[null]'",
        "dataset_digest,",
        "height, tall",
        "model,",
        "compute, '{}'",
        "average, 0.9",
        "average, '{\"checkpointId\":\"r-step-1\",\"sha256\":\"ab\"}'",
        "average, '{\"decay\":0.9,\"sha256\":\"ab\"}'",
        "average, '{\"decay\":0.9,\"checkpointId\":\"r-step-1\"}'",
        "compute, '{\"precision\":\"fp8\"}'",
        "compute, '{\"precision\":\"auto\",\"channelsLast\":true,\"device\":\"cpu\",\"threads\":2}'"
    })
    void metadataThatMakeNoSenseAreRefusedByName(String key, String value) throws IOException {
        // Given
        CheckpointRef whole = write(1);
        Safetensors content = Safetensors.read(file(whole));
        Map<String, String> strings = new HashMap<>(content.metadata());
        strings.compute(key, (k, old) -> value);
        byte[] bytes = Safetensors.of(strings, List.copyOf(content.tensors())).toBytes();
        Files.write(file(whole), bytes);
        CheckpointRef ref =
                new CheckpointRef("id", "run-1", whole.uri(), Sha256.of(ByteBuffer.wrap(bytes)), bytes.length);

        // When, then
        assertThatThrownBy(() -> store.read(ref))
                .isInstanceOf(CorruptCheckpointException.class)
                .hasMessageContainingAll(ref.uri(), key);
    }

    @Test
    void whatIsNoSafetensorsIsRefused() throws IOException {
        byte[] bytes = "PK\3\4 a pickle in disguise".getBytes(UTF_8);
        CheckpointRef whole = write(1);
        Files.write(file(whole), bytes);
        CheckpointRef ref =
                new CheckpointRef("id", "run-1", whole.uri(), Sha256.of(ByteBuffer.wrap(bytes)), bytes.length);

        assertThatThrownBy(() -> store.read(ref))
                .isInstanceOf(CorruptCheckpointException.class)
                .hasMessageContaining("safetensors");
    }
}
