// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.evaluator.Fixtures;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files are worth another attempt. */
class CheckpointNetworksTest {
    private static final byte[] CONTENT = "no network".getBytes(US_ASCII);
    private static final String URI = "run-1/step-1-0123456789ab.safetensors";

    @TempDir
    private Path directory;

    private Path file;
    private CheckpointNetworks networks;

    @BeforeEach
    void open() throws IOException {
        file = directory.resolve(URI);
        Files.createDirectories(file.getParent());
        networks = new CheckpointNetworks(new DirectoryCheckpointStore(directory));
    }

    @Test
    void missingFileMayComeLate() {
        assertThatExceptionOfType(IncompleteNetworkException.class).isThrownBy(() -> networks.open(announced(URI)));
    }

    @Test
    void shortFileMayGrow() throws IOException {
        Files.write(file, new byte[CONTENT.length - 1]);

        assertThatExceptionOfType(IncompleteNetworkException.class).isThrownBy(() -> networks.open(announced(URI)));
    }

    @Test
    void volumeThatFailsTellsNothingAboutTheCheckpoint() throws IOException {
        // Reading a directory fails with an IOException of its own, as a volume does that went away.
        Files.createDirectory(file);

        assertThatExceptionOfType(PassingFaultException.class).isThrownBy(() -> networks.open(announced(URI)));
    }

    @Test
    void wholeFileOfOtherContentIsUnusable() throws IOException {
        Files.write(file, CONTENT);

        assertThatExceptionOfType(UnusableNetworkException.class)
                .isThrownBy(() -> networks.open(announced(URI)))
                .withMessageContaining("SHA-256");
    }

    @Test
    void placeOutsideTheStoreIsUnusable() {
        assertThatExceptionOfType(UnusableNetworkException.class)
                .isThrownBy(() -> networks.open(announced("../../etc/passwd")))
                .withMessageContaining("leads out of the checkpoint store");
    }

    private static CheckpointPublished announced(String uri) {
        CheckpointRef ref = new CheckpointRef("run-1-step-1", "run-1", uri, "00", CONTENT.length);
        return Fixtures.announcement(ref, "mnist", "digest", 1);
    }
}
