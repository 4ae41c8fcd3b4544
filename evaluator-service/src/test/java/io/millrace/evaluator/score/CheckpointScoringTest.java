// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import static io.millrace.evaluator.Fixtures.COMPUTE;
import static io.millrace.evaluator.Fixtures.DIGEST;
import static io.millrace.evaluator.Fixtures.MODEL;
import static io.millrace.evaluator.Fixtures.NOON;
import static io.millrace.evaluator.Fixtures.NORMALIZATION;
import static io.millrace.evaluator.Fixtures.checkpoint;
import static io.millrace.evaluator.Fixtures.position;
import static io.millrace.evaluator.Fixtures.testBatch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Calibration;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.kafka.split.HeldOutSplit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;

class CheckpointScoringTest {
    private static final CheckpointPublished CHECKPOINT =
            new CheckpointPublished(checkpoint("run-1", 5), MODEL, DIGEST, position(5), COMPUTE, true, null);

    /** Always says "dog". */
    private static final class Dogmatic implements ScorableNetwork {
        private List<String> classes = List.of("cat", "dog");
        private List<Integer> imageShape = List.of(1, 2, 2);
        private Normalization normalization = NORMALIZATION;
        private boolean closed;
        private Throwable failure;

        @Override
        public List<String> classes() {
            return classes;
        }

        @Override
        public List<Integer> imageShape() {
            return imageShape;
        }

        @Override
        public Normalization normalization() {
            return normalization;
        }

        @Override
        public String engine() {
            return "Dogma 1.0";
        }

        @Override
        public float[][] logits(ImageBatch batch) {
            if (failure instanceof RuntimeException e) {
                throw e;
            }
            if (failure instanceof Error e) {
                throw e;
            }
            float[][] logits = new float[batch.size()][];
            for (int n = 0; n < logits.length; n++) {
                logits[n] = new float[] {0, (float) Math.log(3)};
            }
            return logits;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private final Dogmatic network = new Dogmatic();
    private final HeldOutSplit split =
            HeldOutSplit.of(DIGEST, List.of(testBatch(DIGEST, 0, 2, 1, 0, 1), testBatch(DIGEST, 1, 2, 0)));
    private HeldOutSplit validation;
    private final CheckpointScoring scoring = new CheckpointScoring(
            checkpoint -> network,
            digest -> split,
            checkpoint -> {
                if (validation == null) {
                    throw new UncalibratedException("no split");
                }
                return validation;
            },
            () -> NOON);

    @Test
    void theWholeSplitIsScoredAndTheWrongOnesAreNamed() throws Exception {
        // When
        CheckpointScoring.Scored scored = scoring.score(CHECKPOINT);

        // Then
        EvaluationCompleted evaluation = scored.evaluation();
        assertThat(evaluation.checkpoint()).isEqualTo(CHECKPOINT.checkpoint());
        assertThat(evaluation.model()).isEqualTo(MODEL);
        assertThat(evaluation.datasetDigest()).isEqualTo(DIGEST);
        assertThat(evaluation.step()).isEqualTo(5);
        assertThat(evaluation.epoch()).isEqualTo(2);
        assertThat(evaluation.isFinal()).isTrue();
        assertThat(evaluation.samples()).isEqualTo(4);
        assertThat(evaluation.accuracy()).isEqualTo(0.5);
        assertThat(evaluation.confusionMatrix()).isEqualTo(List.of(List.of(0, 2), List.of(0, 2)));
        assertThat(evaluation.evaluatedAt()).isEqualTo(NOON);
        assertThat(evaluation.engine()).isEqualTo("Dogma 1.0");
        assertThat(scored.misclassified()).extracting(Misclassified::index).containsExactly(1, 3);
        assertThat(scored.misclassified().get(0).label()).isEqualTo("cat");
        assertThat(scored.misclassified().get(0).predicted()).isEqualTo("dog");
        assertThat(network.closed).isTrue();
    }

    @Test
    void itsConfidenceIsFittedOnTheValidationSplitAndMeasuredOnTheTestSplit() throws Exception {
        // Given four dogs of five, of which the network is sure to 3/4; on the test split there are two of four
        validation = HeldOutSplit.of("held-out", List.of(testBatch("held-out", 0, 1, 1, 1, 0, 1, 1)));

        EvaluationCompleted evaluation = scoring.score(CHECKPOINT).evaluation();

        Calibration calibration = evaluation.calibration();
        assertThat(calibration.temperature()).isCloseTo(Math.log(3) / Math.log(4), within(1e-6));
        assertThat(evaluation.calibrationError()).isCloseTo(0.75 - 0.5, within(1e-6));
        assertThat(calibration.calibrationError()).isCloseTo(0.8 - 0.5, within(1e-6));
        assertThat(calibration.split()).isEqualTo("held-out");
        assertThat(calibration.samples()).isEqualTo(5);
        assertThat(calibration.familiarity().threshold()).isCloseTo(Math.log(4), within(1e-6));
        assertThat(evaluation.uncalibrated()).isNull();
        assertThat(evaluation.asFinal().calibration()).isEqualTo(calibration);
    }

    @Test
    void whyItIsNotCalibratedStandsInTheEvaluation() throws Exception {
        assertThat(scoring.score(CHECKPOINT).evaluation().uncalibrated()).isEqualTo("no split");

        validation = HeldOutSplit.of("held-out", List.of(testBatch("held-out", 0, 1, 1, 1)));
        assertThat(scoring.score(CHECKPOINT).evaluation().uncalibrated()).contains("of one class");
        assertThat(scoring.score(CHECKPOINT).evaluation().calibration()).isNull();
    }

    @Test
    void aNetworkForOtherImagesIsRefusedAndClosed() {
        network.imageShape = List.of(3, 2, 2);

        refused("its images are [3, 2, 2], those of batch digest-1/test/0/0/0 [1, 2, 2]");
        assertThat(network.closed).isTrue();
    }

    @Test
    void aNetworkWithAnotherNormalizationIsRefused() {
        network.normalization = Normalization.ofMeanStd(List.of(0.1), List.of(0.25));

        refused("is not that of batch");
    }

    @Test
    void aNetworkThatKnowsTooFewClassesIsRefused() {
        network.classes = List.of("cat");

        refused("it knows 1 classes, batch digest-1/test/0/0/0 has the label 1");
    }

    @Test
    void aDamagedCheckpointDoesNotWaitForItsTestSplit() {
        List<String> asked = new ArrayList<>();
        CheckpointScoring damaged = new CheckpointScoring(
                checkpoint -> {
                    throw new UnusableNetworkException("damaged");
                },
                digest -> {
                    asked.add(digest);
                    return split;
                },
                checkpoint -> split,
                () -> NOON);

        assertThatThrownBy(() -> damaged.score(CHECKPOINT)).hasMessage("damaged");
        assertThat(asked).isEmpty();
    }

    /** PyTorch has no type for it, and a full temporary folder comes wrapped. */
    @Test
    void whatIsNoFaultOfTheCheckpointIsToldApart() {
        for (Throwable passing : List.of(
                new UncheckedIOException("cannot hand the network over", new IOException("No space left on device")),
                new OutOfMemoryError("Cannot reserve 4096 bytes of direct buffer memory"),
                new IllegalStateException(
                        "[enforce fail at alloc_cpu.cpp:83] DefaultCPUAllocator: can't allocate memory"),
                new IllegalStateException("CUDA out of memory. Tried to allocate 20.00 MiB"),
                new IllegalStateException("std::bad_alloc"))) {
            network.failure = passing;

            assertThatThrownBy(() -> scoring.score(CHECKPOINT))
                    .isInstanceOf(PassingFaultException.class)
                    .hasMessageContaining(passing.getMessage().split(":")[0])
                    .hasCause(passing);
        }
        network.failure = new IllegalStateException("shape mismatch");
        assertThatThrownBy(() -> scoring.score(CHECKPOINT)).isSameAs(network.failure);
        network.failure = new KafkaException("away", new IOException("connection reset"));
        assertThatThrownBy(() -> scoring.score(CHECKPOINT)).isSameAs(network.failure);
    }

    private void refused(String why) {
        assertThatThrownBy(() -> scoring.score(CHECKPOINT))
                .isInstanceOf(UnusableNetworkException.class)
                .hasMessageContaining(why);
    }
}
