// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.checkpoint.RunObjects.Kind;
import io.millrace.model.checkpoint.RunObjects.Named;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** A checkpoint store over named objects, wherever those lie. */
public class ObjectCheckpointStore implements CheckpointStore {
    private static final Pattern WEIGHTS = Pattern.compile("[^/]+/step-\\d+(-[0-9a-f]+)?(\\.average)?\\.safetensors");

    private final ObjectStorage storage;
    private final WholeObjects whole;
    private final RunAttempts attempts;
    private final Notes notes;

    public ObjectCheckpointStore(ObjectStorage storage) {
        this.storage = storage;
        this.whole = new WholeObjects(storage);
        this.attempts = new RunAttempts(storage);
        this.notes = new Notes(storage, whole);
    }

    @Override
    public void requireWritable() throws IOException {
        storage.requireWritable();
    }

    @Override
    public Optional<Space> space() throws IOException {
        return storage.space();
    }

    @Override
    public Opening open(String incarnation) throws IOException {
        StoredRuns.requireNotRetired(storage, incarnation);
        RunObjects objects = RunObjects.list(storage, incarnation);
        List<String> passedOver = new ArrayList<>();
        Optional<IOException> mayPass = Optional.empty();
        for (Named state : objects.resumable()) {
            try {
                ResumePoint point = resumePoint(state);
                retire(incarnation, objects, Optional.of(state));
                return new Opening(Optional.of(point), passedOver);
            } catch (CorruptCheckpointException e) {
                passedOver.add(e.getMessage());
            } catch (IOException e) {
                passedOver.add("checkpoint of " + state.key() + " cannot be read: " + e);
                mayPass = Optional.of(e);
            }
        }
        if (mayPass.isPresent()) {
            throw new IOException(
                    "no checkpoint of " + incarnation
                            + " can be read, so it cannot go on; to begin it anew, remove them: " + passedOver,
                    mayPass.get());
        }
        retire(incarnation, objects, Optional.empty());
        return new Opening(Optional.empty(), passedOver);
    }

    private ResumePoint resumePoint(Named of) throws IOException {
        TrainingState state = CheckpointFormat.state(of.key(), whole.get(of.key()));
        String uri = of.as(Kind.WEIGHTS).key();
        ByteBuffer weights = whole.get(uri);
        String sha256 = Sha256.of(weights);
        if (!sha256.equals(state.weightsSha256())) {
            throw new CorruptCheckpointException(uri, "SHA-256 " + state.weightsSha256(), sha256);
        }
        Checkpoint checkpoint = CheckpointFormat.checkpoint(uri, weights);
        return new ResumePoint(ref(checkpoint.metadata(), uri, sha256, weights.remaining()), checkpoint, state);
    }

    private static CheckpointRef ref(CheckpointMetadata of, String uri, String sha256, long size) {
        return new CheckpointRef(CheckpointRef.id(of.incarnation(), of.step()), of.runId(), uri, sha256, size);
    }

    /** Removes what is not at or below the checkpoint that a run goes on from. */
    private void retire(String incarnation, RunObjects objects, Optional<Named> from) throws IOException {
        for (Named object : objects.all()) {
            boolean below = from.filter(at -> object.step() < at.step() || object.sameCheckpoint(at))
                    .isPresent();
            if (!below && !object.kind().announced()) {
                storage.delete(object.key());
            }
        }
        storage.sweep(incarnation, Instant.MAX);
    }

    @Override
    public CheckpointRef write(CheckpointMetadata metadata, List<Tensor> weights, TrainingState state, String batches)
            throws IOException {
        Safetensors content = CheckpointFormat.weights(metadata, weights);
        String sha256 = Sha256.of(content.buffers());
        Named named = Named.of(metadata.incarnation(), Kind.WEIGHTS, metadata.step(), sha256);
        ByteBuffer lines = ByteBuffer.wrap(batches.getBytes(US_ASCII)).asReadOnlyBuffer();
        Safetensors states = CheckpointFormat.state(state.of(sha256));
        // The weights are what makes a checkpoint visible, so they come last.
        whole.put(named.as(Kind.BATCHES).key(), List.of(lines), lines::equals);
        String stateKey = named.as(Kind.STATE).key();
        whole.put(stateKey, states.buffers(), found -> CheckpointFormat.state(stateKey, found)
                .weightsSha256()
                .equals(sha256));
        whole.put(named.key(), content.buffers(), found -> Sha256.of(found).equals(sha256));
        return ref(metadata, named.key(), sha256, content.size());
    }

    @Override
    public CheckpointRef writeAverage(
            CheckpointRef raw, CheckpointMetadata metadata, double decay, List<Tensor> weights) throws IOException {
        Safetensors content = CheckpointFormat.weights(metadata.averaged(decay, raw), weights);
        String sha256 = Sha256.of(content.buffers());
        String key = Named.of(metadata.incarnation(), Kind.AVERAGE, metadata.step(), sha256)
                .key();
        whole.put(key, content.buffers(), found -> Sha256.of(found).equals(sha256));
        String id = CheckpointRef.averageId(metadata.incarnation(), metadata.step());
        return new CheckpointRef(id, metadata.runId(), key, sha256, content.size(), true);
    }

    @Override
    public Checkpoint read(CheckpointRef ref) throws IOException {
        ByteBuffer bytes = whole.get(ref.uri());
        if (bytes.remaining() != ref.size()) {
            throw new CorruptCheckpointException(ref.uri(), ref.size() + " bytes", bytes.remaining() + " bytes");
        }
        String sha256 = Sha256.of(bytes);
        if (!sha256.equals(ref.sha256())) {
            throw new CorruptCheckpointException(ref.uri(), "SHA-256 " + ref.sha256(), sha256);
        }
        return CheckpointFormat.checkpoint(ref.uri(), bytes);
    }

    @Override
    public Found read(StoredCheckpoint stored) throws IOException {
        ByteBuffer bytes = whole.get(stored.uri());
        String sha256 = Sha256.of(bytes);
        if (!stored.uri().contains('-' + sha256.substring(0, RunObjects.DIGITS) + '.')) {
            throw new CorruptCheckpointException(stored.uri(), "the SHA-256 in its name", sha256);
        }
        Checkpoint checkpoint = CheckpointFormat.checkpoint(stored.uri(), bytes);
        CheckpointMetadata metadata = checkpoint.metadata();
        CheckpointRef ref = new CheckpointRef(
                stored.checkpointId(),
                metadata.runId(),
                stored.uri(),
                sha256,
                bytes.remaining(),
                metadata.average() != null);
        return new Found(ref, checkpoint);
    }

    @Override
    public Optional<TrainingState> state(Found weights) throws IOException {
        String key = stateKey(weights.ref().uri());
        try {
            TrainingState state = CheckpointFormat.state(key, storage.get(key));
            if (!state.weightsSha256().equals(weights.ref().sha256())) {
                throw new CorruptCheckpointException(
                        key, "of weights of SHA-256 " + weights.ref().sha256(), state.weightsSha256());
            }
            return Optional.of(state);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static String stateKey(String weights) {
        return weights.replaceFirst("\\.safetensors$", Kind.STATE.suffix());
    }

    @Override
    public List<StoredCheckpoint> list(String incarnation) throws IOException {
        return RunObjects.list(storage, incarnation).all().stream()
                .filter(found -> found.kind().announced())
                .map(found -> stored(incarnation, found))
                .toList();
    }

    private static StoredCheckpoint stored(String incarnation, Named found) {
        String id = found.kind() == Kind.AVERAGE
                ? CheckpointRef.averageId(incarnation, found.step())
                : CheckpointRef.id(incarnation, found.step());
        return new StoredCheckpoint(id, found.step(), found.key(), found.size());
    }

    @Override
    public List<String> batches(String incarnation) throws IOException {
        List<String> lines = new ArrayList<>();
        long last = 0;
        for (Named object : RunObjects.list(storage, incarnation).of(Kind.BATCHES)) {
            for (String line : ISO_8859_1
                    .decode(storage.get(object.key()))
                    .toString()
                    .lines()
                    .toList()) {
                long step = Long.parseLong(line.substring(0, line.indexOf(' ')));
                // A writer that was replaced has told of steps that its successor tells of, too.
                if (step > last) {
                    lines.add(line);
                    last = step;
                }
            }
        }
        return lines;
    }

    @Override
    public void pruneStates(String incarnation, int keep) throws IOException {
        if (keep < 1) {
            throw new IllegalArgumentException("at least 1 state has to stay, not " + keep);
        }
        RunObjects objects = RunObjects.list(storage, incarnation);
        List<Named> kept = objects.resumable().stream().limit(keep).toList();
        for (Named state : objects.of(Kind.STATE)) {
            if (!kept.contains(state)) {
                storage.delete(state.key());
            }
        }
    }

    @Override
    public void delete(CheckpointRef ref) throws IOException {
        if (!WEIGHTS.matcher(ref.uri()).matches()) {
            throw new IllegalArgumentException("\"" + ref.uri() + "\" names no weights in the checkpoint store");
        }
        // The other way round than in writing: what can be seen has its state. An average has none.
        storage.delete(ref.uri());
        storage.delete(stateKey(ref.uri()));
    }

    @Override
    public void note(String about, ByteBuffer json) throws IOException {
        notes.add(about, json);
    }

    @Override
    public List<ByteBuffer> notes(String about) throws IOException {
        return notes.all(about);
    }

    @Override
    public Attempts noteAttempt(String incarnation, int replica, long step) throws IOException {
        return attempts.note(incarnation, replica, step);
    }

    @Override
    public void noteDeath(String incarnation, int replica, String reason) throws IOException {
        attempts.noteDeath(incarnation, replica, reason);
    }

    @Override
    public void clearAttempts(String incarnation, int replica) throws IOException {
        attempts.clear(incarnation, replica);
    }
}
