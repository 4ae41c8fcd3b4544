// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.model.checkpoint.Checkpoint;
import io.millrace.model.checkpoint.CheckpointFile;
import io.millrace.model.checkpoint.CheckpointStore.Found;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A file that is served in place of what is promoted. Not thread-safe. */
final class ServedFile implements CheckpointSource {
    private final Path file;

    ServedFile(Path file) {
        this.file = file;
    }

    /** What is to be loaded, under the name that its run would have served it by. */
    Candidate candidate() throws IOException {
        Found found = CheckpointFile.read(file);
        return new Candidate(
                found.checkpoint().metadata().model(),
                found.ref(),
                Double.NaN,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    @Override
    public Checkpoint read(CheckpointRef ref) throws IOException {
        return CheckpointFile.read(file).checkpoint();
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
