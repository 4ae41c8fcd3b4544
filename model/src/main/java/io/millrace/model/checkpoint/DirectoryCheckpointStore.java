// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.safetensors.MalformedSafetensorsException;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Checkpoints in a directory: a local one, or a volume that the services share. */
public final class DirectoryCheckpointStore implements CheckpointStore {
    private static final Pattern WEIGHTS = Pattern.compile("step-(\\d{1,18})\\.safetensors");
    private static final String SUFFIX = ".safetensors";
    private static final String STATE_SUFFIX = ".state.safetensors";

    private final Path root;

    /** @param root need not exist yet */
    public DirectoryCheckpointStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /**
     * Makes the directory where it is not there yet, and tries whether it can be written.
     *
     * @throws IOException when it cannot
     */
    public void requireWritable() throws IOException {
        if (!Files.isDirectory(root)) {
            Files.createDirectories(root);
            DurableFile.force(root.getParent());
        }
        Files.delete(Files.createTempFile(root, ".probe-", ".tmp"));
    }

    @Override
    public CheckpointRef write(CheckpointMetadata metadata, List<Tensor> weights, TrainingState state)
            throws IOException {
        String uri = metadata.runId() + "/step-" + metadata.step() + SUFFIX;
        Path file = resolve(uri);
        Files.createDirectories(file.getParent());
        try (DurableFile weightsFile =
                        DurableFile.write(file, CheckpointFormat.weights(metadata, state.nextOffsets(), weights));
                DurableFile stateFile =
                        DurableFile.write(stateOf(file), CheckpointFormat.state(state.of(weightsFile.sha256())))) {
            // The name of the weights is what makes a checkpoint visible, so it comes last.
            stateFile.publish();
            weightsFile.publish();
            DurableFile.force(file.getParent());
            // The folder of a run may be new.
            DurableFile.force(root);
            DurableFile.removeAbandoned(file.getParent());
            String id = CheckpointRef.id(metadata.runId(), metadata.step());
            return new CheckpointRef(id, metadata.runId(), uri, weightsFile.sha256(), weightsFile.size());
        }
    }

    @Override
    public Checkpoint read(CheckpointRef ref) throws IOException {
        ByteBuffer bytes = bytes(ref.uri());
        if (bytes.remaining() != ref.size()) {
            throw new CorruptCheckpointException(ref.uri(), ref.size() + " bytes", bytes.remaining() + " bytes");
        }
        String sha256 = DurableFile.sha256(bytes);
        if (!sha256.equals(ref.sha256())) {
            throw new CorruptCheckpointException(ref.uri(), "SHA-256 " + ref.sha256(), sha256);
        }
        return checkpoint(ref.uri(), bytes);
    }

    private Checkpoint checkpoint(String uri, ByteBuffer bytes) throws CorruptCheckpointException {
        Safetensors file = parse(uri, bytes);
        return new Checkpoint(CheckpointFormat.metadata(uri, file), new ArrayList<>(file.tensors()));
    }

    private static Safetensors parse(String uri, ByteBuffer bytes) throws CorruptCheckpointException {
        try {
            return Safetensors.parse(bytes);
        } catch (MalformedSafetensorsException e) {
            throw new CorruptCheckpointException(uri, e.getMessage(), e);
        }
    }

    private ByteBuffer bytes(String uri) throws IOException {
        try {
            return Safetensors.readFully(resolve(uri));
        } catch (NoSuchFileException e) {
            throw new CorruptCheckpointException(uri, "a file", "none");
        }
    }

    @Override
    public Optional<ResumePoint> latest(String runId) throws IOException {
        List<String> passedOver = new ArrayList<>();
        List<StoredCheckpoint> stored = new ArrayList<>(list(runId));
        stored.sort(Comparator.comparingLong(StoredCheckpoint::step).reversed());
        for (StoredCheckpoint candidate : stored) {
            try {
                return Optional.of(resumePoint(candidate, passedOver));
            } catch (CorruptCheckpointException e) {
                passedOver.add(e.getMessage());
            }
        }
        return Optional.empty();
    }

    private ResumePoint resumePoint(StoredCheckpoint stored, List<String> passedOver) throws IOException {
        String stateUri = stored.uri().replace(SUFFIX, STATE_SUFFIX);
        TrainingState state = CheckpointFormat.state(stateUri, parse(stateUri, bytes(stateUri)));
        ByteBuffer weights = bytes(stored.uri());
        String sha256 = DurableFile.sha256(weights);
        if (!sha256.equals(state.weightsSha256())) {
            throw new CorruptCheckpointException(stored.uri(), "SHA-256 " + state.weightsSha256(), sha256);
        }
        CheckpointRef ref =
                new CheckpointRef(stored.checkpointId(), stored.runId(), stored.uri(), sha256, weights.remaining());
        return new ResumePoint(ref, checkpoint(stored.uri(), weights), state, passedOver);
    }

    @Override
    public List<StoredCheckpoint> list(String runId) throws IOException {
        Path folder = resolve(runId);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<StoredCheckpoint> stored = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Matcher name = WEIGHTS.matcher(file.getFileName().toString());
                // What another process deletes meanwhile is not regular any more.
                if (name.matches() && Files.isRegularFile(file)) {
                    long step = Long.parseLong(name.group(1));
                    stored.add(new StoredCheckpoint(
                            CheckpointRef.id(runId, step),
                            runId,
                            step,
                            runId + "/" + file.getFileName(),
                            Files.size(file)));
                }
            }
        }
        stored.sort(Comparator.comparingLong(StoredCheckpoint::step));
        return stored;
    }

    @Override
    public void pruneStates(String runId, int keep) throws IOException {
        if (keep < 1) {
            throw new IllegalArgumentException("at least 1 state has to stay, not " + keep);
        }
        List<StoredCheckpoint> stored = list(runId);
        for (StoredCheckpoint old : stored.subList(0, Math.max(0, stored.size() - keep))) {
            Files.deleteIfExists(stateOf(resolve(old.uri())));
        }
    }

    @Override
    public String setAside(String runId) throws IOException {
        Path folder = resolve(runId);
        // No run id has a dot.
        Path aside = resolve(runId + ".aside-" + System.currentTimeMillis());
        Files.move(folder, aside, StandardCopyOption.ATOMIC_MOVE);
        DurableFile.force(root);
        return aside.toString();
    }

    @Override
    public void delete(CheckpointRef ref) throws IOException {
        Path file = resolve(ref.uri());
        if (!WEIGHTS.matcher(file.getFileName().toString()).matches()) {
            throw new IllegalArgumentException("\"" + ref.uri() + "\" names no weights in the checkpoint store");
        }
        // The other way round than in writing: what can be seen has its state.
        Files.deleteIfExists(file);
        Files.deleteIfExists(stateOf(file));
    }

    private static Path stateOf(Path weights) {
        String name = weights.getFileName().toString();
        return weights.resolveSibling(name.substring(0, name.length() - SUFFIX.length()) + STATE_SUFFIX);
    }

    /** A file in the store, never one outside. */
    private Path resolve(String uri) {
        Path file = root.resolve(uri).normalize();
        if (!file.startsWith(root) || file.equals(root)) {
            throw new IllegalArgumentException("\"" + uri + "\" leads out of the checkpoint store");
        }
        return file;
    }
}
