// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.start;

import io.millrace.contracts.event.ImageNetWeights;
import io.millrace.contracts.event.Lineage;
import io.millrace.contracts.event.NetworkFile;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Start;
import io.millrace.contracts.safetensors.MalformedSafetensorsException;
import io.millrace.contracts.safetensors.PickledWeights;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.RefusedRequestException;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.CheckpointStore.Found;
import io.millrace.model.checkpoint.CorruptCheckpointException;
import io.millrace.model.checkpoint.StoredCheckpoint;
import io.millrace.model.transfer.Adaptation;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;

/**
 * The weights that a run starts from, made to fit its network.
 *
 * @param weights all of the network's, float32
 * @param lineage where they come from, and what was changed
 */
public record StartingWeights(List<Tensor> weights, Lineage lineage) {
    /** Of a digest, in the name of a checkpoint. */
    private static final int DIGITS = 12;

    /** Read from somewhere. */
    private record Source(Collection<Tensor> tensors, String sha256) {}

    /**
     * Finds or fetches them.
     *
     * @param run that says where they are
     * @throws RefusedRequestException when they are not there, not what was ordered, or do not fit
     * @throws IOException when they cannot be had now
     */
    public static StartingWeights of(RunSpec run, CheckpointStore store, WeightsCache cache) throws IOException {
        Start start = run.start();
        Source source =
                switch (start.kind()) {
                    case FILE -> file(Path.of(Start.path(start.weights())), start.sha256());
                    case CHECKPOINT -> checkpoint(start, store);
                    case DOWNLOAD -> download(start, cache);
                    case IMAGENET ->
                        download(
                                ImageNetWeights.of(new NetworkFile(
                                        run.network().name(),
                                        run.network().stem(),
                                        run.network().layout())),
                                cache);
                };
        Adaptation adapted = Adaptation.of(run.network(), run.seed(), source.tensors());
        return new StartingWeights(adapted.weights(), new Lineage(start.weights(), source.sha256(), adapted.said()));
    }

    private static Source download(Start start, WeightsCache cache) throws IOException {
        return file(cache.fetch(URI.create(start.weights()), start.sha256()), start.sha256());
    }

    private static Source file(Path file, String expected) throws IOException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new RefusedRequestException("the weights " + file
                    + " are no file that the trainer can read; give the path as the trainer's machine has it");
        }
        if (Files.size(file) > Integer.MAX_VALUE) {
            throw new RefusedRequestException("the weights " + file + " have " + Files.size(file)
                    + " bytes; files up to " + Integer.MAX_VALUE + " can be read");
        }
        ByteBuffer bytes = Safetensors.readFully(file);
        if (PickledWeights.is(bytes)) {
            throw new RefusedRequestException(
                    "the weights " + file + " are a pickle or a zip archive; they must be " + PickledWeights.REMEDY);
        }
        String sha256 = sha256(bytes);
        require(file.toString(), sha256, expected);
        try {
            return new Source(Safetensors.parse(bytes).tensors(), sha256);
        } catch (MalformedSafetensorsException e) {
            throw new RefusedRequestException("the weights " + file + " cannot be read: " + e.getMessage());
        }
    }

    private static Source checkpoint(Start start, CheckpointStore store) throws IOException {
        List<StoredCheckpoint> all = store.list(start.incarnation());
        List<StoredCheckpoint> meant = all.stream()
                .filter(stored -> stored.checkpointId().equals(start.weights()) && begins(stored, start.sha256()))
                .toList();
        if (meant.isEmpty()) {
            throw new RefusedRequestException("there is no checkpoint " + start.weights()
                    + (start.sha256() == null ? "" : " of SHA-256 " + start.sha256()) + " in the store; "
                    + (all.isEmpty()
                            ? "there is none of that run"
                            : "of that run there are "
                                    + all.stream().map(StoredCheckpoint::uri).toList()));
        }
        if (meant.size() > 1) {
            // A writer that was replaced had written this step, too.
            throw new RefusedRequestException("there are several checkpoints " + start.weights() + ": "
                    + meant.stream().map(StoredCheckpoint::uri).toList()
                    + "; order the run with the SHA-256 of the one that is meant, whose first digits these are");
        }
        try {
            Found found = store.read(meant.get(0));
            require(start.weights(), found.ref().sha256(), start.sha256());
            return new Source(found.checkpoint().weights(), found.ref().sha256());
        } catch (CorruptCheckpointException e) {
            throw new RefusedRequestException(e.getMessage());
        }
    }

    /** Whether a digest is that of the checkpoint, as far as its name tells. */
    private static boolean begins(StoredCheckpoint stored, String sha256) {
        return sha256 == null || stored.uri().contains('-' + sha256.substring(0, DIGITS) + '.');
    }

    private static void require(String what, String found, String expected) {
        if (expected != null && !found.equals(expected)) {
            throw new RefusedRequestException("the weights " + what + " have SHA-256 " + found + ", expected "
                    + expected + "; order the run with the right digest, or with other weights");
        }
    }

    private static String sha256(ByteBuffer bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes.duplicate());
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
