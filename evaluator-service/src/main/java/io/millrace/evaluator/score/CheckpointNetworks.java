// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.model.Predictions;
import io.millrace.model.Scorer;
import io.millrace.model.checkpoint.Checkpoint;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.CorruptCheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** The networks in the checkpoint store. */
public final class CheckpointNetworks implements ScorableNetwork.Source {
    private final CheckpointStore store;

    public CheckpointNetworks(CheckpointStore store) {
        this.store = store;
    }

    @Override
    public ScorableNetwork open(CheckpointPublished announced)
            throws UnusableNetworkException, IncompleteNetworkException {
        try {
            Checkpoint checkpoint = read(announced.checkpoint());
            requireAnnounced(announced, checkpoint.metadata());
            return opened(checkpoint);
        } catch (IllegalArgumentException e) {
            throw new UnusableNetworkException(e.getMessage(), e);
        }
    }

    /**
     * The network of a checkpoint that was read.
     *
     * @throws IllegalArgumentException when its weights do not fit it
     */
    public static ScorableNetwork opened(Checkpoint checkpoint) {
        CheckpointMetadata metadata = checkpoint.metadata();
        Scorer scorer = Scorer.of(
                metadata.network(),
                metadata.normalization(),
                metadata.height(),
                metadata.width(),
                checkpoint.weights());
        return new Opened(metadata, scorer);
    }

    private Checkpoint read(CheckpointRef ref) throws UnusableNetworkException, IncompleteNetworkException {
        try {
            try {
                return store.read(ref);
            } catch (CorruptCheckpointException e) {
                if (isWhole(ref)) {
                    throw new UnusableNetworkException(e.getMessage(), e);
                }
                throw new IncompleteNetworkException(e.getMessage(), e);
            }
        } catch (IOException | UncheckedIOException e) {
            throw new PassingFaultException(ref.uri() + ": " + e, e);
        }
    }

    /** Whether there is a file of the announced size. */
    private boolean isWhole(CheckpointRef ref) throws IOException {
        return store.list(ref.incarnation()).stream()
                .anyMatch(stored -> stored.uri().equals(ref.uri()) && stored.size() == ref.size());
    }

    private static void requireAnnounced(CheckpointPublished announced, CheckpointMetadata found)
            throws UnusableNetworkException {
        requireSame("run", announced.checkpoint().runId(), found.runId());
        requireSame("step", announced.position().step(), found.step());
        requireSame("average", announced.checkpoint().averaged(), found.average() != null);
        requireSame("model", announced.model(), found.model());
        requireSame("dataset digest", announced.datasetDigest(), found.datasetDigest());
        requireSame(
                "number of classes", found.network().classes(), found.classes().size());
    }

    private static void requireSame(String what, Object expected, Object found) throws UnusableNetworkException {
        if (!expected.equals(found)) {
            throw new UnusableNetworkException(
                    "the metadata of the checkpoint does not fit: " + what + " " + found + ", expected " + expected);
        }
    }

    private record Opened(CheckpointMetadata metadata, Scorer scorer) implements ScorableNetwork {
        @Override
        public List<String> classes() {
            return metadata.classes();
        }

        @Override
        public List<Integer> imageShape() {
            return List.of(metadata.network().inputChannels(), metadata.height(), metadata.width());
        }

        @Override
        public Normalization normalization() {
            return metadata.normalization();
        }

        @Override
        public String engine() {
            return scorer.engine();
        }

        @Override
        public float[][] logits(ImageBatch batch) {
            Predictions predictions = scorer.score(batch);
            float[][] logits = new float[predictions.size()][];
            for (int n = 0; n < logits.length; n++) {
                logits[n] = predictions.logits(n);
            }
            return logits;
        }

        @Override
        public void close() {
            scorer.close();
        }
    }
}
