// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.insight;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.evaluator.score.CheckpointNetworks;
import io.millrace.evaluator.score.CheckpointScoring;
import io.millrace.evaluator.score.CheckpointScoring.TestSplitSource;
import io.millrace.evaluator.score.Misclassified;
import io.millrace.evaluator.score.ScorableNetwork;
import io.millrace.evaluator.score.UnusableNetworkException;
import io.millrace.image.Overlay;
import io.millrace.image.Picture;
import io.millrace.kafka.split.HeldOutSplit;
import io.millrace.model.Explainer;
import io.millrace.model.checkpoint.Checkpoint;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.CheckpointStore;
import java.io.IOException;
import java.util.List;

/**
 * Where a checkpoint is asked once more. The network that explains is kept for the next question until another checkpoint is
 * asked about. For one thread.
 */
final class Desk implements AutoCloseable {
    /** Explanations must not take the cores from a training beside them. */
    private static final int THREADS = 1;

    /** Between pictures beside each other, in pixels. */
    private static final int GAP = 8;

    private final CheckpointStore store;
    private final TestSplitSource splits;
    private CheckpointRef explained;
    private Explainer explainer;

    Desk(CheckpointStore store, TestSplitSource splits) {
        this.store = store;
        this.splits = splits;
    }

    /** All of them, in the order of the split. */
    List<Misclassified> mistakes(EvaluationCompleted evaluation)
            throws IOException, UnusableNetworkException, InterruptedException {
        Checkpoint checkpoint = store.read(evaluation.checkpoint());
        HeldOutSplit split = splits.get(evaluation.datasetDigest());
        try (ScorableNetwork network = CheckpointNetworks.opened(checkpoint)) {
            return CheckpointScoring.misclassified(network, split);
        }
    }

    /** The sample's image. */
    byte[] picture(EvaluationCompleted evaluation, Misclassified mistake)
            throws UnusableNetworkException, InterruptedException {
        return Overlay.enlarged(sample(evaluation, mistake)).png();
    }

    /** The sample's image, and with what speaks for the predicted class, and with what speaks for the true one. */
    byte[] explained(EvaluationCompleted evaluation, Misclassified mistake)
            throws IOException, UnusableNetworkException, InterruptedException {
        Picture sample = sample(evaluation, mistake);
        return Overlay.beside(
                        List.of(
                                Overlay.enlarged(sample),
                                heat(evaluation, sample, mistake.predicted()),
                                heat(evaluation, sample, mistake.label())),
                        GAP)
                .png();
    }

    private Picture heat(EvaluationCompleted evaluation, Picture sample, String label) throws IOException {
        int index = evaluation.labels().indexOf(label);
        return Overlay.of(
                sample,
                explainer(evaluation.checkpoint())
                        .explain(sample.samples(), index)
                        .values());
    }

    private Explainer explainer(CheckpointRef ref) throws IOException {
        if (!ref.equals(explained)) {
            close();
            Checkpoint checkpoint = store.read(ref);
            CheckpointMetadata about = checkpoint.metadata();
            explainer = Explainer.of(
                    about.network(),
                    about.normalization(),
                    about.height(),
                    about.width(),
                    checkpoint.weights(),
                    THREADS);
            explained = ref;
        }
        return explainer;
    }

    private Picture sample(EvaluationCompleted evaluation, Misclassified mistake)
            throws UnusableNetworkException, InterruptedException {
        int before = 0;
        for (ImageBatch batch : splits.get(evaluation.datasetDigest()).batches()) {
            if (mistake.index() < before + batch.size()) {
                return SamplePicture.of(batch, mistake.index() - before);
            }
            before += batch.size();
        }
        throw new UnusableNetworkException(
                "its test split has " + before + " samples, and the mistake is sample " + mistake.index());
    }

    @Override
    public void close() {
        if (explainer != null) {
            explainer.close();
            explainer = null;
            explained = null;
        }
    }
}
