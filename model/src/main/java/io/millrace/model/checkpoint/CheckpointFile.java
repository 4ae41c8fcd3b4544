// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.model.checkpoint.CheckpointStore.Found;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The weights of a checkpoint as a file by itself, which somebody took out of its store. */
public final class CheckpointFile {
    private static final Pattern DIGEST_IN_NAME =
            Pattern.compile("step-\\d+-([0-9a-f]{" + RunObjects.DIGITS + "})(\\.average)?\\.safetensors");

    private CheckpointFile() {}

    /**
     * Reads one, whatever its name is by now. Where it is still the one that the store gave it, the digest in it is checked.
     *
     * @return it, with its digest and the id that it had in the store
     * @throws CorruptCheckpointException when it is not what a store holds, or not what its name says
     */
    public static Found read(Path file) throws IOException {
        ByteBuffer bytes = Safetensors.readFully(file);
        String sha256 = Sha256.of(bytes);
        Matcher name = DIGEST_IN_NAME.matcher(file.getFileName().toString());
        if (name.matches() && !sha256.startsWith(name.group(1))) {
            throw new CorruptCheckpointException(file.toString(), "the SHA-256 in its name", sha256);
        }
        Checkpoint checkpoint = CheckpointFormat.checkpoint(file.toString(), bytes);
        CheckpointMetadata of = checkpoint.metadata();
        boolean averaged = of.average() != null;
        String id = averaged
                ? CheckpointRef.averageId(of.incarnation(), of.step())
                : CheckpointRef.id(of.incarnation(), of.step());
        CheckpointRef ref =
                new CheckpointRef(id, of.runId(), file.getFileName().toString(), sha256, bytes.remaining(), averaged);
        return new Found(ref, checkpoint);
    }
}
