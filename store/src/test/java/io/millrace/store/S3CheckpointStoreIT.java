// SPDX-License-Identifier: Apache-2.0
package io.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.model.RefusedRequestException;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.CheckpointStore.Attempts;
import io.millrace.model.checkpoint.CheckpointStore.Opening;
import io.millrace.model.checkpoint.CorruptCheckpointException;
import io.millrace.model.checkpoint.ObjectCheckpointStore;
import io.millrace.model.checkpoint.ResumePoint;
import io.millrace.model.checkpoint.StoredCheckpoint;
import io.millrace.model.checkpoint.StoredRuns;
import io.millrace.store.StoreAddress.InS3;
import io.millrace.test.S3Front.Fault;
import io.millrace.test.S3Server;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A checkpoint store on a real server of S3, on which things go wrong. */
class S3CheckpointStoreIT {
    private static final String RUN = Given.RUN;
    private static final Duration SOON = Duration.ofSeconds(2);

    @TempDir
    private static Path directory;

    private static S3Server server;
    private static int stores;

    private String prefix;
    private CheckpointStore store;

    @BeforeAll
    static void startServer() {
        server = S3Server.start(directory.resolve("buckets"));
        S3Server.keys().forEach((name, value) -> System.setProperty(property(name), value));
    }

    /** The SDK's own chain asks for properties first. */
    private static String property(String variable) {
        return variable.equals("AWS_ACCESS_KEY_ID") ? "aws.accessKeyId" : "aws.secretAccessKey";
    }

    @AfterAll
    static void stopServer() {
        S3Server.keys().keySet().forEach(name -> System.clearProperty(property(name)));
        server.close();
    }

    @BeforeEach
    void open() {
        prefix = "store-" + stores++;
        store = store(S3Server.BUCKET, prefix, endpoint(), SOON);
    }

    @AfterEach
    void mend() {
        server.front().set(Fault.NONE);
    }

    private static URI endpoint() {
        return URI.create(server.settings("x").get("millrace.checkpoints.s3.endpoint"));
    }

    private static S3Connection connection(URI endpoint, Duration timeout) {
        return new S3Connection(new S3Settings(Optional.of(endpoint), Optional.of("us-east-1"), true, timeout));
    }

    private static CheckpointStore store(String bucket, String prefix, URI endpoint, Duration timeout) {
        return new ObjectCheckpointStore(new S3Storage(new InS3(bucket, prefix), connection(endpoint, timeout)));
    }

    private CheckpointRef write(long step) throws IOException {
        return store.write(
                Given.metadata(RUN, step), Given.weights(step), Given.state(step), Given.batches(step, step));
    }

    private Path file(String key) {
        return server.file(prefix + "/" + key);
    }

    /** What the server itself keeps of uploads that broke off, under names of its own, is no object. */
    private List<String> files() {
        // Not by a walk, which fails over what the server tidies away meanwhile.
        String[] names = file(RUN).toFile().list();
        return Stream.of(names == null ? new String[0] : names)
                .filter(name -> !name.matches(".*-[0-9a-f-]{36}"))
                .map(name -> RUN + "/" + name)
                .sorted()
                .toList();
    }

    private static long stepOf(Opening opening) {
        return opening.at().map(at -> at.state().position().step()).orElse(0L);
    }

    @Test
    void runsAreRetiredRemovedAndSweptAsInADirectory() throws IOException {
        StoredRuns runs =
                new StoredRuns(new S3Storage(new InS3(S3Server.BUCKET, prefix), connection(endpoint(), SOON)));
        assertThat(runs.folders()).isEmpty();
        CheckpointRef first = write(9);
        CheckpointRef second = write(100);
        store.note("precision", ByteBuffer.wrap("{}".getBytes(StandardCharsets.US_ASCII)));
        assertThat(runs.folders()).containsExactlyInAnyOrder(RUN, "precision");

        // When
        runs.sweep(RUN, Instant.now().plusSeconds(60), second.uri()::equals);
        assertThat(runs.retire(RUN)).isTrue();
        assertThat(runs.retire(RUN)).isFalse();

        // Then
        String name = first.uri().replace(".safetensors", "");
        assertThat(files()).containsExactly(RUN + "/retired", name + ".batches", name + ".safetensors");
        assertThatThrownBy(() -> store.open(RUN)).isInstanceOf(RefusedRequestException.class);

        // And
        assertThat(runs.remove(RUN, List.of(first.uri()))).isTrue();
        assertThat(files()).containsExactly(first.uri());
        assertThat(runs.remove(RUN, List.of())).isTrue();
        assertThat(runs.remove(RUN, List.of())).isFalse();
        assertThat(runs.folders()).containsExactly("precision");
    }

    @Test
    void whatWasWrittenIsReadListedAndDeleted() throws IOException {
        store.requireWritable();
        CheckpointRef first = write(9);
        CheckpointRef second = write(100);

        Opening opening = store.open(RUN);

        assertThat(store.space()).isEmpty();
        assertThat(opening.passedOver()).isEmpty();
        assertThat(opening.at().map(ResumePoint::ref)).contains(second);
        assertThat(store.read(first).weights()).isEqualTo(Given.weights(9));
        assertThat(store.read(first).metadata()).isEqualTo(Given.metadata(RUN, 9));
        assertThat(store.batches(RUN)).hasSize(2);
        assertThat(store.list(RUN)).extracting(StoredCheckpoint::uri).containsExactly(first.uri(), second.uri());
        assertThat(store.list("another-run")).isEmpty();
        assertThat(Files.size(file(first.uri()))).isEqualTo(first.size());
        String name = first.uri().replace(".safetensors", "");
        assertThat(files())
                .filteredOn(key -> key.startsWith(name))
                .containsExactly(name + ".batches", name + ".safetensors", name + ".state.safetensors");
        assertThat(files()).hasSize(6);

        store.pruneStates(RUN, 1);
        store.delete(first);
        store.delete(first);

        assertThat(files()).hasSize(4).doesNotContain(first.uri());
        assertThatThrownBy(() -> store.read(first)).isInstanceOf(CorruptCheckpointException.class);
    }

    @Test
    void attemptsAndNotesOutliveAProcess() throws IOException {
        store.noteAttempt(RUN, 10);
        store.noteDeath(RUN, "java.lang.OutOfMemoryError: ü");
        store.note("calibration", ByteBuffer.wrap(new byte[] {'{', '}'}));

        CheckpointStore later = store(S3Server.BUCKET, prefix, endpoint(), SOON);

        assertThat(later.noteAttempt(RUN, 10)).isEqualTo(new Attempts(2, Optional.of("java.lang.OutOfMemoryError: ü")));
        assertThat(later.notes("calibration")).containsExactly(ByteBuffer.wrap(new byte[] {'{', '}'}));
        later.clearAttempts(RUN);
        assertThat(later.noteAttempt(RUN, 10).inARow()).isEqualTo(1);
    }

    @Test
    void aRunOfMoreObjectsThanOneAnswerListsIsListedWhole() throws IOException {
        String digest = "0123456789ab";
        write(5000);
        for (int step = 1; step <= 1001; step++) {
            Path object = file(RUN + "/step-" + step + "-" + digest + ".batches");
            Files.write(object, new byte[0]);
            // Where the server looks for it.
            Files.setAttribute(object, "user:user.content-md5", ByteBuffer.allocate(16));
        }

        assertThat(store.list(RUN)).hasSize(1);
        assertThat(store.batches(RUN)).containsExactly(Given.batches(5000, 5000).strip());
    }

    @Test
    void anObjectThatWasAlteredBehindOurBackIsRefusedAndPassedOver() throws IOException {
        CheckpointRef whole = write(1);
        CheckpointRef altered = write(2);
        byte[] bytes = Files.readAllBytes(file(altered.uri()));
        bytes[bytes.length - 1] ^= 1;
        Files.write(file(altered.uri()), bytes);

        assertThatThrownBy(() -> store.read(altered))
                .isInstanceOf(CorruptCheckpointException.class)
                .hasMessageContainingAll(altered.uri(), "SHA-256", altered.sha256());
        Opening opening = store.open(RUN);
        assertThat(opening.at().map(ResumePoint::ref)).contains(whole);
        assertThat(opening.passedOver()).singleElement().asString().contains("step-2-");
        write(2);
        assertThat(store.read(altered).weights()).isEqualTo(Given.weights(2));
    }

    @Test
    void anUploadThatIsCutOffLeavesNothing() throws IOException {
        write(1);
        List<String> before = files();
        server.front().set(Fault.CUT);

        assertThatThrownBy(() -> write(2)).isInstanceOf(IOException.class);

        assertThat(files()).isEqualTo(before);
        server.front().set(Fault.NONE);
        write(2);
        assertThat(stepOf(store.open(RUN))).isEqualTo(2);
    }

    @Test
    void aWriterThatIsKilledDuringAnUploadLeavesNothing() throws Exception {
        write(1);
        List<String> before = files();
        server.front().set(Fault.STUCK);
        Process writer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        endpoint().toString(),
                        prefix)
                .redirectErrorStream(true)
                .redirectOutput(Files.createTempFile(Path.of("target"), "writer-", ".log")
                        .toFile())
                .start();
        server.front().awaitHeld();

        writer.destroyForcibly().waitFor();
        server.front().set(Fault.NONE);

        assertThat(files()).isEqualTo(before);
        write(2);
        assertThat(stepOf(store.open(RUN))).isEqualTo(2);
    }

    /** Writes the second checkpoint. */
    static final class Writer {
        public static void main(String[] arguments) throws IOException {
            S3Server.keys().forEach((name, value) -> System.setProperty(property(name), value));
            store(S3Server.BUCKET, arguments[1], URI.create(arguments[0]), Duration.ofMinutes(1))
                    .write(Given.metadata(RUN, 2), Given.weights(2), Given.state(2), Given.batches(2, 2));
        }
    }

    @Test
    void anUploadWhoseAnswerIsLostIsNotWrittenTwiceWhereTheServerKnowsConditions() throws IOException {
        server.front().knowConditions();
        int before = server.front().uploads();
        server.front().set(Fault.ANSWER_LOST);

        CheckpointRef ref = write(1);

        assertThat(server.front().uploads() - before).as("of three objects").isEqualTo(3);
        assertThat(store.read(ref).weights()).isEqualTo(Given.weights(1));
    }

    @Test
    void aServerThatKnowsNoConditionsIsWrittenToWithout() throws IOException {
        server.front().set(Fault.UNCONDITIONAL);

        CheckpointRef ref = write(1);

        assertThat(store.read(ref).weights()).isEqualTo(Given.weights(1));
        assertThat(stepOf(store.open(RUN))).isEqualTo(1);
    }

    @Test
    void writingAgainUploadsNothing() throws IOException {
        CheckpointRef ref = write(1);
        int before = server.front().uploads();

        assertThat(write(1)).isEqualTo(ref);

        assertThat(server.front().uploads()).isEqualTo(before);
    }

    private void fails(CheckpointStore failing, InS3 address, S3Connection connection, String... words) {
        assertThatThrownBy(() -> failing.open(RUN))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(words);
        assertThatThrownBy(() -> failing.read(new CheckpointRef("id", "run-1", RUN + "/a.safetensors", "00", 1)))
                .isNotInstanceOf(CorruptCheckpointException.class)
                .hasMessageContainingAll(words);
        assertThatThrownBy(failing::requireWritable)
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(words);
        assertThatThrownBy(() -> connection.check(address))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(words);
    }

    private void fails(String bucket, URI endpoint, String... words) {
        InS3 address = new InS3(bucket, prefix);
        S3Connection connection = connection(endpoint, Duration.ofMillis(600));
        fails(new ObjectCheckpointStore(new S3Storage(address, connection)), address, connection, words);
    }

    @Test
    void aBucketThatIsMissingIsNamedWithTheRemedy() {
        fails("no-such-bucket", endpoint(), "s3://no-such-bucket/", "there is no bucket", "millrace.checkpoints.uri");
    }

    @ParameterizedTest
    @ValueSource(strings = {"aws.accessKeyId", "aws.secretAccessKey"})
    void wrongKeysAreSaidToBeRefused(String property) {
        String right = System.setProperty(property, "wrong");
        try {
            fails(S3Server.BUCKET, endpoint(), "the keys are refused (403", "AWS_ACCESS_KEY_ID");
        } finally {
            System.setProperty(property, right);
        }
    }

    @Test
    void aServerThatIsBusyIsSaidToBe() {
        server.front().set(Fault.BUSY);

        fails(S3Server.BUCKET, endpoint(), "it does not serve now (503", "see how the server does");
    }

    @Test
    void aServerThatTakesTooLongIsGivenUpWithinTheTimeThatWasSet() {
        server.front().set(Fault.SILENT);
        long begin = System.nanoTime();

        fails(S3Server.BUCKET, endpoint(), "it takes too long to answer", "request-timeout");

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void aServerThatIsNotThereIsSaidToBeOutOfReach() {
        fails(S3Server.BUCKET, URI.create("http://127.0.0.1:1"), "it cannot be reached", "http://127.0.0.1:1");
        fails(S3Server.BUCKET, URI.create("http://no-such-host.invalid"), "it cannot be reached", "no-such-host");
    }

    @Test
    void aServerThatIsKilledAndStartedAgainIsGoneOnWith() throws IOException {
        CheckpointRef ref = write(1);

        server.kill();
        assertThatThrownBy(() -> store.read(ref))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(CorruptCheckpointException.class);
        server.start();

        assertThat(store.read(ref).weights()).isEqualTo(Given.weights(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../a.safetensors", "run-1/../../a.safetensors", "/a.safetensors", "a//b", "."})
    void nothingOutsideThePrefixIsTouched(String uri) {
        CheckpointRef ref = new CheckpointRef("id", "run-1", uri, "00", 1);

        assertThatThrownBy(() -> store.read(ref)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.delete(ref)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.list("../elsewhere")).isInstanceOf(IllegalArgumentException.class);
    }
}
