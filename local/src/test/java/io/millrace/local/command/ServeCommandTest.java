// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.local.Millrace;
import io.millrace.local.stack.FreePorts;
import io.millrace.local.stack.WorkDir;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What is refused, and what would be started; ./millrace asks so before it builds. What starts is in LongStackE2E. */
class ServeCommandTest {
    @TempDir
    private Path directory;

    private final StringWriter err = new StringWriter();

    @BeforeEach
    void askOnly() {
        System.setProperty("millrace.rehearsal", "true");
    }

    @AfterEach
    void start() {
        System.clearProperty("millrace.rehearsal");
    }

    private int serve(String... arguments) {
        List<String> all = new ArrayList<>(List.of(
                "serve",
                "--work-dir",
                directory.resolve("work").toString(),
                "--port",
                Integer.toString(FreePorts.find().base())));
        all.addAll(List.of(arguments));
        CommandLine command = Millrace.commandLine();
        command.setErr(new PrintWriter(err, true));
        return command.execute(all.toArray(String[]::new));
    }

    private Path weights(Map<String, String> metadata) throws IOException {
        Path file = directory.resolve("mine.safetensors");
        Tensor tensor = new Tensor("fc.bias", DType.F32, List.of(2L), ByteBuffer.allocateDirect(8));
        return Files.write(file, Safetensors.of(metadata, List.of(tensor)).toBytes());
    }

    private static Map<String, String> ours() {
        Map<String, String> metadata = new HashMap<>();
        List.of("classes", "format_version", "height", "normalization", "run", "step", "width")
                .forEach(key -> metadata.put(key, "1"));
        metadata.put("model", "digits");
        metadata.put("network", "{\"name\": \"resnet18\", \"inputChannels\": 1, \"classes\": 2}");
        return metadata;
    }

    private void refused(Path file, String... words) {
        assertThat(serve(file.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("millrace: " + file + " ").contains(words);
        assertThat(directory.resolve("work")).doesNotExist();
    }

    @Test
    void weightsOfOursWouldBeServed() throws IOException {
        assertThat(serve(weights(ours()).toString())).as(err.toString()).isEqualTo(Rehearsal.WOULD_START);
    }

    @Test
    void aFileThatIsNotThereOrNoFileIsRefused() {
        refused(directory.resolve("none"), "does not exist", "checkpoints/<run>/step-<n>");
        refused(directory, "is a folder", "checkpoints/<run>/step-<n>");
    }

    @Test
    void bytesOfAnyKindAreRefused() throws IOException {
        byte[] bytes = new byte[5_000];
        new Random(1).nextBytes(bytes);
        refused(Files.write(directory.resolve("random"), bytes), "is no safetensors file", "checkpoints/<run>");
        refused(Files.createFile(directory.resolve("empty")), "is no safetensors file", "0 bytes");
        Path cut = weights(ours());
        byte[] whole = Files.readAllBytes(cut);
        Files.write(cut, Arrays.copyOf(whole, whole.length - 3));
        refused(cut, "not the whole of one");
    }

    @Test
    void aPickleIsNeverRead() throws IOException {
        refused(
                Files.write(directory.resolve("w.pth"), new byte[] {'P', 'K', 3, 4, 20, 0}),
                "is a pickle",
                "./millrace up --weights");
    }

    @Test
    void tensorsOfSomethingElseAreRefusedWithWhatTheyLack() throws IOException {
        refused(weights(Map.of("format", "pt")), "something else", "lack classes, format_version", "up --weights FILE");
    }

    @Test
    void whatWasExportedFoldedIsRefused() throws IOException {
        Map<String, String> metadata = ours();
        metadata.put("folded", "true");
        refused(weights(metadata), "was exported with --folded", "export it without --folded");
    }

    @Test
    void aNetworkOfALaterVersionIsRefused() throws IOException {
        Map<String, String> metadata = ours();
        metadata.put("network", "{\"name\": \"x\", \"colour\": 1}");
        refused(weights(metadata), "a network that this version does not know", "version that wrote it");
    }

    @Test
    void aDirectoryInWhichNothingWasStartedHasNothingToServe() {
        assertThat(serve()).isEqualTo(1);
        assertThat(err.toString())
                .contains("no work directory " + directory.resolve("work"))
                .contains("./millrace up");
        assertThat(directory.resolve("work")).doesNotExist();
    }

    @Test
    void aDirectoryThatIsInUseIsRefused() throws IOException {
        try (WorkDir used = WorkDir.open(directory.resolve("work"))) {
            assertThat(serve()).isEqualTo(1);
            assertThat(err.toString())
                    .contains(used.path() + " is in use by another")
                    .contains("--work-dir DIR");
        }
    }

    @Test
    void whatIsForATrainingIsRefused() throws IOException {
        assertThat(serve("--set", "epochs=2")).isEqualTo(2);
        assertThat(err.toString()).contains("--set epochs=2 will not do").contains("nothing is trained");
        assertThat(serve(weights(ours()).toString(), "--model", "x")).isEqualTo(2);
        assertThat(err.toString()).contains("a file is one model");
    }
}
