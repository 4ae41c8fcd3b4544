// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.safetensors.MalformedSafetensorsException;
import io.millrace.contracts.safetensors.Safetensors;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Reads the two files of a checkpoint and believes nothing. */
final class CheckpointReader {
    private CheckpointReader() {}

    static Path stateFile(Path weights) {
        String name = weights.getFileName().toString();
        return weights.resolveSibling(name.replaceFirst("\\.safetensors$", ".state.safetensors"));
    }

    /** The weights that were announced. Size and digest are checked before anything is parsed. */
    static Checkpoint weights(Path file, CheckpointRef announced) throws IOException {
        ByteBuffer bytes = bytes(file);
        if (bytes.remaining() != announced.size()) {
            throw new CorruptCheckpointException(
                    announced.uri(), announced.size() + " bytes", bytes.remaining() + " bytes");
        }
        String sha256 = Sha256.of(bytes);
        if (!sha256.equals(announced.sha256())) {
            throw new CorruptCheckpointException(announced.uri(), "SHA-256 " + announced.sha256(), "SHA-256 " + sha256);
        }
        return weights(announced.uri(), bytes);
    }

    /** The weights as far as the state beside them vouches for them. */
    static ResumePoint resumePoint(Path file, StoredCheckpoint stored, List<String> passedOver) throws IOException {
        TrainingState state = state(stateFile(file));
        ByteBuffer bytes = bytes(file);
        CheckpointRef ref =
                DirectoryCheckpointStore.ref(stored.runId(), stored.step(), Sha256.of(bytes), bytes.remaining());
        if (!ref.sha256().equals(state.weightsSha256())) {
            throw new CorruptCheckpointException(
                    stored.uri(), "SHA-256 " + state.weightsSha256() + " as in its state", "SHA-256 " + ref.sha256());
        }
        Checkpoint checkpoint = weights(stored.uri(), bytes);
        if (checkpoint.metadata().step() != stored.step()
                || !checkpoint.metadata().runId().equals(stored.runId())
                || state.step() != stored.step()) {
            throw new CorruptCheckpointException(
                    stored.uri(),
                    "step " + stored.step() + " of run " + stored.runId(),
                    "weights of step " + checkpoint.metadata().step() + " of run "
                            + checkpoint.metadata().runId() + " and state of step " + state.step());
        }
        return new ResumePoint(ref, checkpoint, state, passedOver);
    }

    private static Checkpoint weights(String uri, ByteBuffer bytes) throws CorruptCheckpointException {
        try {
            Safetensors file = Safetensors.parse(bytes);
            return new Checkpoint(CheckpointMetadata.from(file.metadata()), List.copyOf(file.tensors()));
        } catch (MalformedSafetensorsException | IllegalArgumentException e) {
            throw new CorruptCheckpointException(uri, e.getMessage(), e);
        }
    }

    private static TrainingState state(Path file) throws IOException {
        try {
            return TrainingState.from(Safetensors.parse(bytes(file)));
        } catch (MalformedSafetensorsException | IllegalArgumentException e) {
            throw new CorruptCheckpointException(name(file), e.getMessage(), e);
        }
    }

    private static ByteBuffer bytes(Path file) throws IOException {
        try {
            return Safetensors.readFully(file);
        } catch (NoSuchFileException e) {
            throw new CorruptCheckpointException(name(file), "it is missing", e);
        } catch (EOFException | ArithmeticException e) {
            throw new CorruptCheckpointException(name(file), e.getMessage(), e);
        }
    }

    private static String name(Path file) {
        return file.getParent().getFileName() + "/" + file.getFileName();
    }
}
