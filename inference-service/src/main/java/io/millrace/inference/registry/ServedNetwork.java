// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.inference.problem.Refusal;
import io.millrace.inference.problem.UnavailableException;
import io.millrace.model.Classifier;
import io.millrace.model.Explainer;
import io.millrace.model.Heat;
import io.millrace.model.Predictions;
import io.millrace.model.ScoringEngine;
import io.millrace.model.checkpoint.Checkpoint;
import io.millrace.model.checkpoint.CheckpointMetadata;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The network of a checkpoint. What explains it holds the weights once more, so it is made when somebody first asks, from
 * the checkpoint as it was announced. Explanations take turns, so that they never take more than one core from the answers.
 */
final class ServedNetwork implements BatchClassifier {
    private static final Duration AGAIN = Duration.ofSeconds(60);

    private final CheckpointSource source;
    private final CheckpointRef ref;
    private final Classifier classifier;
    private Explainer explainer;

    private ServedNetwork(CheckpointSource source, CheckpointRef ref, Classifier classifier) {
        this.source = source;
        this.ref = ref;
        this.classifier = classifier;
    }

    /**
     * One that has classified already.
     *
     * @param workers how many threads classify at once
     * @param maxBatch images in a call, at the most
     */
    static ServedNetwork warm(
            CheckpointSource source, CheckpointRef ref, Checkpoint checkpoint, int workers, int maxBatch) {
        CheckpointMetadata about = checkpoint.metadata();
        Classifier classifier = Classifier.of(
                ScoringEngine.here(),
                about.network(),
                about.normalization(),
                about.height(),
                about.width(),
                checkpoint.weights(),
                workers);
        try {
            classifier.warmUp(sizes(maxBatch));
        } catch (RuntimeException e) {
            classifier.close();
            throw e;
        }
        return new ServedNetwork(source, ref, classifier);
    }

    /** Powers of two up to the largest: an engine makes ready for each size of a batch what it keeps for the next. */
    static int[] sizes(int maxBatch) {
        return IntStream.concat(IntStream.iterate(1, size -> size < maxBatch, size -> 2 * size), IntStream.of(maxBatch))
                .toArray();
    }

    @Override
    public Predictions predict(List<byte[]> images) {
        return classifier.predict(images);
    }

    @Override
    public synchronized Heat explain(byte[] image, int label) {
        if (explainer == null) {
            explainer = explainer();
        }
        return explainer.explain(image, label);
    }

    private Explainer explainer() {
        try {
            Checkpoint checkpoint = source.read(ref);
            CheckpointMetadata about = checkpoint.metadata();
            return Explainer.of(
                    about.network(), about.normalization(), about.height(), about.width(), checkpoint.weights(), 1);
        } catch (IOException e) {
            throw new UnavailableException(
                    Refusal.NO_MODEL,
                    "the weights of " + ref.checkpointId() + " cannot be read again: " + e.getMessage(),
                    AGAIN);
        } catch (IllegalStateException e) {
            throw new UnavailableException(Refusal.NO_MODEL, "nothing is explained here: " + e.getMessage(), AGAIN);
        }
    }

    @Override
    public synchronized void close() {
        if (explainer != null) {
            explainer.close();
        }
        classifier.close();
    }
}
