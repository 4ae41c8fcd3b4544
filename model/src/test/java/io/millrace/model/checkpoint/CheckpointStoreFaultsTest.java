// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import static io.millrace.model.checkpoint.Given.RUN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.model.checkpoint.CheckpointStore.Attempts;
import io.millrace.model.checkpoint.CheckpointStore.Opening;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run goes on from when the store fails, or a process dies in the middle of something. */
class CheckpointStoreFaultsTest {
    @TempDir
    Path root;

    private FaultyStorage storage;
    private CheckpointStore store;

    @BeforeEach
    void open() {
        storage = new FaultyStorage(new Directory(root));
        store = new ObjectCheckpointStore(storage);
    }

    private CheckpointRef write(long from, long step) throws IOException {
        return store.write(
                Given.metadata(RUN, step), Given.weights(step), Given.state(step), Given.batches(from + 1, step));
    }

    private static void write(CheckpointStore store, long step) {
        try {
            store.write(Given.metadata(RUN, step), Given.weights(step), Given.state(step), Given.batches(1, step));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve(RUN))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private long stepOf(Opening opening) {
        return opening.at().map(at -> at.state().position().step()).orElse(0L);
    }

    @ParameterizedTest
    @ValueSource(strings = {".state.safetensors", ".safetensors"})
    void anUnreadableSectorOfTheNewestCheckpointFallsBackToTheOneBefore(String suffix) throws IOException {
        write(0, 10);
        write(10, 20);
        storage.unreadable = key -> key.matches(".*/step-20-[0-9a-f]{12}\\Q" + suffix + "\\E");

        Opening opening = store.open(RUN);

        assertThat(stepOf(opening)).isEqualTo(10);
        assertThat(opening.passedOver()).singleElement().asString().contains("step-20-", "Input/output error");
    }

    @Test
    void aDirectoryInPlaceOfAFileIsPassedOverAsWell() throws IOException {
        write(0, 10);
        CheckpointRef newest = write(10, 20);
        Path state = root.resolve(newest.uri().replace(".safetensors", ".state.safetensors"));
        Files.delete(state);
        Files.createDirectory(state);

        assertThat(stepOf(store.open(RUN))).isEqualTo(10);
    }

    @Test
    void aStoreThatCannotBeListedIsNoRunThatBegins() throws IOException {
        write(0, 10);
        storage.unlistable = true;

        assertThatThrownBy(() -> store.open(RUN)).isInstanceOf(IOException.class);
    }

    @Test
    void aStoreOfWhichNothingCanBeReadForNowIsNoRunThatBegins() throws IOException {
        write(0, 10);
        List<String> before = files();
        storage.unreadable = key -> true;

        assertThatThrownBy(() -> store.open(RUN))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(CorruptCheckpointException.class)
                .hasMessageContainingAll(RUN, "step-10-", "to begin it anew, remove them");

        assertThat(files()).isEqualTo(before);
        storage.unreadable = key -> false;
        assertThat(stepOf(store.open(RUN))).isEqualTo(10);
    }

    @Test
    void afterAFallbackTheNewestWrittenIsGoneOnFromNotTheHighest() throws IOException {
        // Given a run that falls back from 30 to 10
        write(0, 10);
        write(10, 30);
        storage.unreadable = key -> key.contains("step-30-");
        store.open(RUN);

        // When it comes to 20, and the sector can be read again
        write(10, 20);
        store.pruneStates(RUN, 1);
        storage.unreadable = key -> false;

        // Then
        assertThat(stepOf(store.open(RUN))).isEqualTo(20);
        assertThat(store.list(RUN)).extracting(StoredCheckpoint::step).contains(30L);
    }

    @Test
    void afterABeginAnewTheNewestWrittenIsGoneOnFromNotTheHighest() throws IOException {
        // Given a run that has nothing whole
        for (long step : new long[] {100, 200}) {
            Files.write(root.resolve(write(0, step).uri()), new byte[3]);
        }
        assertThat(stepOf(store.open(RUN))).isZero();

        // When
        write(0, 10);
        store.pruneStates(RUN, 1);
        write(10, 20);
        store.pruneStates(RUN, 1);

        // Then
        assertThat(stepOf(store.open(RUN))).isEqualTo(20);
        assertThat(files()).filteredOn(name -> name.contains(".state.")).hasSize(1);
    }

    @Test
    void aDamagedCheckpointThatIsWrittenAgainIsMended() throws IOException {
        CheckpointRef ref = write(0, 10);
        Files.write(root.resolve(ref.uri()), new byte[3]);
        store.open(RUN);

        assertThat(write(0, 10)).isEqualTo(ref);

        assertThat(store.read(ref).weights()).isEqualTo(Given.weights(10));
        assertThat(stepOf(store.open(RUN))).isEqualTo(10);
    }

    @ParameterizedTest
    @ValueSource(strings = {".batches", ".state.safetensors", ".safetensors"})
    void aWriteThatFailsIsNotSeenAndCanBeRepeated(String suffix) throws IOException {
        write(0, 10);
        storage.unwritable = key -> key.matches(".*/step-20-[0-9a-f]{12}\\Q" + suffix + "\\E");

        assertThatThrownBy(() -> write(10, 20)).isInstanceOf(IOException.class);

        assertThat(store.list(RUN)).extracting(StoredCheckpoint::step).containsExactly(10L);
        storage.unwritable = key -> false;
        write(10, 20);
        assertThat(stepOf(store.open(RUN))).isEqualTo(20);
        assertThat(store.batches(RUN)).hasSize(20);
    }

    @Test
    void anAverageThatFailsIsNotSeenAndItsCheckpointIsGoneOnFrom() throws IOException {
        CheckpointRef raw = write(0, 10);
        storage.unwritable = key -> key.endsWith(".average.safetensors");

        assertThatThrownBy(() -> Given.average(store, raw, 10)).isInstanceOf(IOException.class);

        assertThat(store.list(RUN)).extracting(StoredCheckpoint::uri).containsExactly(raw.uri());
        assertThat(store.open(RUN).at().orElseThrow().ref()).isEqualTo(raw);
        storage.unwritable = key -> false;
        CheckpointRef average = Given.average(store, raw, 10);
        assertThat(store.read(average).metadata()).isEqualTo(Given.averaged(raw, 10));
    }

    @Test
    void anAverageThatMayHaveBeenAnnouncedStaysWhenTheRunFallsBack() throws IOException {
        write(0, 10);
        CheckpointRef average = Given.average(store, write(10, 20), 20);
        storage.unreadable = key -> key.matches(".*/step-20-[0-9a-f]{12}\\.state\\.safetensors");

        assertThat(stepOf(store.open(RUN))).isEqualTo(10);

        assertThat(store.read(average).weights()).isEqualTo(Given.weights(10));
    }

    @Test
    void aDamagedAverageThatIsWrittenAgainIsMended() throws IOException {
        CheckpointRef raw = write(0, 10);
        CheckpointRef average = Given.average(store, raw, 10);
        Files.write(root.resolve(average.uri()), new byte[3]);

        assertThat(Given.average(store, raw, 10)).isEqualTo(average);

        assertThat(store.read(average).weights()).isEqualTo(Given.weights(5));
    }

    /** As after a time-out: the attempt that was given up has arrived after all, and its repetition is refused. */
    @Test
    void whatHasArrivedAlthoughItSeemedLostIsNotWrittenAgain() throws IOException {
        ObjectCheckpointStore other = new ObjectCheckpointStore(new Directory(root));
        storage.taken = key -> true;
        storage.meanwhile = key -> {
            storage.meanwhile = more -> {};
            write(other, 10);
        };

        CheckpointRef ref = write(0, 10);

        assertThat(storage.replaced).isEmpty();
        assertThat(store.read(ref).weights()).isEqualTo(Given.weights(10));
        assertThat(stepOf(store.open(RUN))).isEqualTo(10);
    }

    @Test
    void whatHasArrivedDamagedIsMended() throws IOException {
        write(0, 10);
        CheckpointRef ref = write(0, 10);
        Files.write(root.resolve(ref.uri()), new byte[3]);
        storage.taken = key -> true;

        write(0, 10);

        assertThat(storage.replaced).containsExactly(ref.uri());
        assertThat(store.read(ref).weights()).isEqualTo(Given.weights(10));
    }

    @Test
    void whatIsThereAndCannotBeReadIsLeftAlone() throws IOException {
        CheckpointRef ref = write(0, 10);
        storage.taken = key -> true;
        storage.unreadable = key -> key.equals(ref.uri());

        assertThatThrownBy(() -> write(0, 10)).hasMessageContaining("Input/output error");

        assertThat(storage.replaced).isEmpty();
    }

    @Test
    void notesAreReadAsTheyWereMadeAndDamagedOnesArePassedOver() throws IOException {
        ByteBuffer one = UTF_8.encode("{\"a\":1}");
        ByteBuffer two = UTF_8.encode("{\"a\":2}");
        store.note("speeds", one);
        store.note("speeds", two);
        store.note("speeds", one);
        assertThat(store.notes("speeds")).containsExactlyInAnyOrder(one, two);

        try (Stream<Path> notes = Files.list(root.resolve("speeds"))) {
            Files.writeString(notes.findFirst().orElseThrow(), "{");
        }

        assertThat(store.notes("speeds")).hasSize(1).isSubsetOf(one, two);
        assertThat(store.notes("another")).isEmpty();
    }

    /** The name is there already when its folder cannot be forced to the disk. */
    @Test
    void whatIsSaidToHaveFailedIsNotThere() throws IOException {
        List<Path> forced = new ArrayList<>();
        CheckpointStore unforced = new ObjectCheckpointStore(new Directory(root, folder -> {
            forced.add(folder);
            if (folder.endsWith(RUN) && forced.size() > 3) {
                throw new IOException("fsync: Input/output error");
            }
        }));

        assertThatThrownBy(() -> unforced.write(
                        Given.metadata(RUN, 10), Given.weights(10), Given.state(10), Given.batches(1, 10)))
                .hasMessageContaining("fsync");

        assertThat(forced).hasSize(4);
        assertThat(store.list(RUN)).isEmpty();
        assertThat(files()).hasSize(2).noneMatch(name -> name.endsWith(".tmp"));
    }

    @Test
    void whatAKilledWriterLeftIsRemovedWhenTheRunIsOpened() throws IOException {
        CheckpointRef whole = write(0, 10);
        Path folder = root.resolve(RUN);
        Files.writeString(folder.resolve(".step-20-0123456789ab.safetensors-5d1c.tmp"), "half");
        Files.copy(
                root.resolve(whole.uri().replace(".safetensors", ".state.safetensors")),
                folder.resolve("step-20-0123456789ab.state.safetensors"));
        Files.writeString(folder.resolve("step-20-0123456789ab.batches"), Given.batches(11, 20));

        store.open(RUN);

        assertThat(files()).hasSize(3).allMatch(name -> name.startsWith("step-10-"));
    }

    @Test
    void aStateWithoutWeightsIsPruned() throws IOException {
        CheckpointRef gone = write(0, 10);
        write(10, 20);
        Files.delete(root.resolve(gone.uri()));

        store.pruneStates(RUN, 2);

        assertThat(files())
                .filteredOn(name -> name.contains(".state."))
                .singleElement()
                .asString()
                .contains("step-20");
    }

    @Test
    void theRecordOfBatchesIsThatOfTheStepsThatTheWeightsHaveSeen() throws IOException {
        write(0, 10);
        write(10, 20);
        storage.unreadable = key -> key.contains("step-20-");
        store.open(RUN);
        storage.unreadable = key -> false;

        assertThat(store.batches(RUN)).hasSize(10);

        write(10, 15);
        assertThat(store.batches(RUN)).isEqualTo(Given.batches(1, 15).lines().toList());
    }

    @Test
    void aWriterThatWasReplacedTellsNoStepTwice() throws IOException {
        write(0, 10);
        write(10, 30);
        write(10, 20);
        store.write(Given.metadata(RUN, 20), Given.weights(7), Given.state(20), Given.batches(11, 20));

        assertThat(store.batches(RUN)).isEqualTo(Given.batches(1, 30).lines().toList());
    }

    @Test
    void attemptsInARowAreCounted() throws IOException {
        assertThat(store.noteAttempt(RUN, 10)).isEqualTo(new Attempts(1, Optional.empty()));
        assertThat(store.noteAttempt(RUN, 10)).isEqualTo(new Attempts(2, Optional.empty()));
        store.noteDeath(RUN, "java.lang.OutOfMemoryError: ü");
        assertThat(store.noteAttempt(RUN, 10)).isEqualTo(new Attempts(3, Optional.of("java.lang.OutOfMemoryError: ü")));
        assertThat(store.noteAttempt(RUN, 10)).as("a death unheard").isEqualTo(new Attempts(4, Optional.empty()));
    }

    @Test
    void attemptsAtAReplicaAreCountedApartFromThoseAtTheRun() throws IOException {
        store.noteAttempt(RUN, 10);
        assertThat(store.noteAttempt(RUN, 1, 12).inARow()).isEqualTo(1);
        assertThat(store.noteAttempt(RUN, 1, 12).inARow()).isEqualTo(2);
        store.noteDeath(RUN, 1, "a fault");
        assertThat(store.noteAttempt(RUN, 2, 12)).isEqualTo(new Attempts(1, Optional.empty()));
        store.clearAttempts(RUN, 2);
        assertThat(store.noteAttempt(RUN, 10)).isEqualTo(new Attempts(2, Optional.empty()));
        store.clearAttempts(RUN);
        assertThat(store.noteAttempt(RUN, 1, 12)).isEqualTo(new Attempts(3, Optional.of("a fault")));

        assertThat(store.noteAttempt(RUN, 1, 14).inARow()).as("it came on").isEqualTo(1);
        assertThat(store.list(RUN)).isEmpty();
    }

    @Test
    void anAttemptAtAnotherStepOrAfterProgressIsTheFirst() throws IOException {
        store.noteAttempt(RUN, 10);
        store.noteAttempt(RUN, 10);
        assertThat(store.noteAttempt(RUN, 20).inARow()).isEqualTo(1);
        assertThat(store.noteAttempt(RUN, 10).inARow()).isEqualTo(1);

        store.clearAttempts(RUN);
        store.noteDeath(RUN, "after the last step");

        assertThat(store.noteAttempt(RUN, 10)).isEqualTo(new Attempts(1, Optional.empty()));
        assertThat(store.open(RUN).at()).isEmpty();
        assertThat(store.list(RUN)).isEmpty();
    }
}
