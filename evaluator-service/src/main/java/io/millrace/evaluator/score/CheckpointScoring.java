// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Calibration;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.ImageShape;
import io.millrace.kafka.split.HeldOutSplit;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.kafka.common.KafkaException;

/** Scores a checkpoint on its whole test split. For one thread at a time. */
public final class CheckpointScoring {
    private final ScorableNetwork.Source networks;
    private final TestSplitSource splits;
    private final ValidationSplitSource validation;
    private final InstantSource clock;

    /** Where validation splits come from. */
    @FunctionalInterface
    public interface ValidationSplitSource {
        /**
         * What the run of a checkpoint has set apart.
         *
         * @throws UncalibratedException when there is none, saying why
         * @throws InterruptedException when the service stops meanwhile
         */
        HeldOutSplit of(CheckpointPublished checkpoint) throws UncalibratedException, InterruptedException;
    }

    /** Where test splits come from. */
    @FunctionalInterface
    public interface TestSplitSource {
        /** The whole split of a data set, see {@link TestSplits#get}. */
        HeldOutSplit get(String digest) throws UnusableNetworkException, InterruptedException;
    }

    /**
     * A score and what lies behind it.
     *
     * @param evaluation to be published
     * @param misclassified every sample that it got wrong, in the order of the split
     */
    public record Scored(EvaluationCompleted evaluation, List<Misclassified> misclassified) {
        public Scored {
            misclassified = List.copyOf(misclassified);
        }
    }

    public CheckpointScoring(
            ScorableNetwork.Source networks,
            TestSplitSource splits,
            ValidationSplitSource validation,
            InstantSource clock) {
        this.validation = validation;
        this.networks = networks;
        this.splits = splits;
        this.clock = clock;
    }

    /**
     * Opens the checkpoint and asks it about every sample.
     *
     * @throws UnusableNetworkException when the checkpoint is damaged, does not fit the test split, or answers with
     *     something that is no number; or when there is no whole test split
     * @throws IncompleteNetworkException when its file is missing or not whole
     * @throws PassingFaultException when the store, or this machine, is not fit for it now
     * @throws InterruptedException when the service stops meanwhile
     */
    public Scored score(CheckpointPublished checkpoint)
            throws UnusableNetworkException, IncompleteNetworkException, InterruptedException {
        try {
            return scored(checkpoint);
        } catch (KafkaException | PassingFaultException e) {
            throw e;
        } catch (RuntimeException e) {
            throw PassingFaultException.of(e);
        } catch (OutOfMemoryError e) {
            throw new PassingFaultException(e.toString(), e);
        }
    }

    private Scored scored(CheckpointPublished checkpoint)
            throws UnusableNetworkException, IncompleteNetworkException, InterruptedException {
        // First the checkpoint: a damaged one need not wait for a test split.
        try (ScorableNetwork network = networks.open(checkpoint)) {
            HeldOutSplit split = splits.get(checkpoint.datasetDigest());
            long start = System.nanoTime();
            Tally tally = new Tally(network.classes());
            List<float[]> logits = new ArrayList<>();
            List<Misclassified> misclassified = new ArrayList<>();
            for (ImageBatch batch : split.batches()) {
                requireFit(network, batch);
                logits.addAll(score(network, batch, tally, misclassified));
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            EvaluationCompleted evaluation = evaluation(checkpoint, network, split, tally, seconds);
            return new Scored(calibrated(evaluation, checkpoint, network, split, logits), misclassified);
        }
    }

    /**
     * The samples of a split that a network gets wrong, without anything else that {@link #score} finds out.
     *
     * @throws UnusableNetworkException when the network does not fit the split, or answers with something that is no number
     */
    public static List<Misclassified> misclassified(ScorableNetwork network, HeldOutSplit split)
            throws UnusableNetworkException {
        Tally tally = new Tally(network.classes());
        List<Misclassified> misclassified = new ArrayList<>();
        for (ImageBatch batch : split.batches()) {
            requireFit(network, batch);
            score(network, batch, tally, misclassified);
        }
        return misclassified;
    }

    /** Of what the run has set apart: nothing is fitted on what the score is of. */
    private EvaluationCompleted calibrated(
            EvaluationCompleted evaluation,
            CheckpointPublished checkpoint,
            ScorableNetwork network,
            HeldOutSplit test,
            List<float[]> logits)
            throws UnusableNetworkException, InterruptedException {
        try {
            HeldOutSplit split = validation.of(checkpoint);
            for (ImageBatch batch : split.batches()) {
                requireFit(network, batch);
            }
            HeldOutAnswers answers = HeldOutAnswers.of(network, split);
            double temperature = Temperature.fit(answers.logits(), answers.labels());
            return evaluation.with(new Calibration(
                    temperature,
                    calibrationError(network, test, logits, temperature),
                    split.digest(),
                    answers.labels().length,
                    answers.familiarity()));
        } catch (UncalibratedException e) {
            return evaluation.uncalibrated(e.getMessage());
        }
    }

    private static double calibrationError(
            ScorableNetwork network, HeldOutSplit test, List<float[]> logits, double temperature)
            throws UnusableNetworkException {
        Tally tally = new Tally(network.classes());
        Iterator<float[]> rows = logits.iterator();
        for (ImageBatch batch : test.batches()) {
            for (int label : batch.labels()) {
                tally.add(Prediction.of(label, rows.next(), temperature));
            }
        }
        return tally.calibrationError();
    }

    private static List<float[]> score(
            ScorableNetwork network, ImageBatch batch, Tally tally, List<Misclassified> misclassified)
            throws UnusableNetworkException {
        float[][] logits = network.logits(batch);
        for (int n = 0; n < batch.size(); n++) {
            Prediction prediction = Prediction.of(batch.labels()[n], logits[n]);
            if (!prediction.correct()) {
                misclassified.add(new Misclassified(
                        tally.samples(),
                        network.classes().get(prediction.label()),
                        network.classes().get(prediction.predicted()),
                        prediction.confidence(),
                        prediction.loss()));
            }
            tally.add(prediction);
        }
        return Arrays.asList(logits);
    }

    private static void requireFit(ScorableNetwork network, ImageBatch batch) throws UnusableNetworkException {
        List<Integer> shape = List.of(batch.channels(), batch.height(), batch.width());
        if (!shape.equals(network.imageShape())) {
            throw new UnusableNetworkException(
                    "its images are " + network.imageShape() + ", those of batch " + batch.id() + " " + shape);
        }
        if (!batch.normalization().equals(network.normalization())) {
            throw new UnusableNetworkException("its normalization " + network.normalization() + " is not that of batch "
                    + batch.id() + ", " + batch.normalization());
        }
        for (int label : batch.labels()) {
            if (label < 0 || label >= network.classes().size()) {
                throw new UnusableNetworkException("it knows "
                        + network.classes().size() + " classes, batch " + batch.id() + " has the label " + label);
            }
        }
    }

    private EvaluationCompleted evaluation(
            CheckpointPublished checkpoint, ScorableNetwork network, HeldOutSplit split, Tally tally, double seconds) {
        List<Integer> input = network.imageShape();
        return new EvaluationCompleted(
                checkpoint.checkpoint(),
                checkpoint.model(),
                checkpoint.datasetDigest(),
                split.contentDigest(),
                new ImageShape(input.get(0), input.get(1), input.get(2)),
                checkpoint.position().step(),
                checkpoint.position().epoch(),
                checkpoint.isFinal(),
                tally.samples(),
                tally.accuracy(),
                tally.loss(),
                tally.calibrationError(),
                tally.classes(),
                tally.confusionMatrix(),
                seconds,
                checkpoint.validation(),
                clock.instant(),
                network.engine(),
                null,
                null,
                tally.confidence());
    }
}
