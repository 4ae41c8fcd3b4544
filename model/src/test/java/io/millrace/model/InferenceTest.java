// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.graph.Folding;
import io.millrace.model.graph.Graph;
import io.millrace.model.network.Networks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InferenceTest {
    private static final int PIXELS = Given.SIDE * Given.SIDE;

    private static Scorer scorer;
    private static Classifier classifier;
    private static List<Tensor> weights;

    @BeforeAll
    static void train() {
        try (Learner learner = Given.learner(Given.recipe())) {
            for (int step = 0; step < 4; step++) {
                learner.step(List.of(Given.batch(step, 16)), 0.01);
            }
            weights = learner.weights();
        }
        scorer = Scorer.of(Given.NETWORK, Given.NORMALIZATION, Given.SIDE, Given.SIDE, weights);
        classifier = Classifier.of(Given.NETWORK, Given.NORMALIZATION, Given.SIDE, Given.SIDE, weights);
    }

    @AfterAll
    static void close() {
        scorer.close();
        classifier.close();
    }

    private static List<byte[]> images(ImageBatch batch) {
        List<byte[]> images = new ArrayList<>();
        for (int n = 0; n < batch.size(); n++) {
            byte[] image = new byte[PIXELS];
            batch.images().slice(n * PIXELS, PIXELS).get(image);
            images.add(image);
        }
        return images;
    }

    @Test
    void theServedNetworkAnswersAsTheScoredOne() {
        ImageBatch batch = Given.batch(50, 32);

        Predictions scored = scorer.score(batch);
        float[][] served = classifier.probabilities(images(batch));

        for (int n = 0; n < batch.size(); n++) {
            assertThat(served[n]).containsExactly(scored.probabilities(n), within(1e-5f));
        }
    }

    /** From one image to more than the few that have a form of their own. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 5, 32, 33})
    void bothEnginesGiveTheSameAnswers(int images) {
        ImageBatch batch = Given.batch(52, images);
        for (ScoringEngine engine : ScoringEngine.values()) {
            try (Scorer other = Scorer.of(engine, Given.NETWORK, Given.NORMALIZATION, Given.SIDE, Given.SIDE, weights);
                    Classifier one = Classifier.of(
                            engine, Given.NETWORK, Given.NORMALIZATION, Given.SIDE, Given.SIDE, weights, 1)) {
                Predictions scored = other.score(batch);
                Predictions ofFloats = other.score(Given.asFloats(batch));
                float[][] served = one.probabilities(images(batch));
                for (int n = 0; n < images; n++) {
                    float[] expected = scorer.score(batch).logits(n);
                    assertThat(scored.logits(n)).as("%s", engine).containsExactly(expected, within(1e-4f));
                    assertThat(ofFloats.logits(n)).as("%s", engine).containsExactly(expected, within(1e-4f));
                    for (int k = 0; k < expected.length; k++) {
                        assertThat(served[n][k])
                                .as("%s", engine)
                                .isCloseTo(scorer.score(batch).probabilities(n)[k], within(1e-4f));
                    }
                }
            }
        }
    }

    @Test
    void rowsAreProbabilities() {
        for (float[] row : classifier.probabilities(images(Given.batch(51, 3)))) {
            float sum = 0;
            for (float p : row) {
                assertThat(p).isBetween(0f, 1f);
                sum += p;
            }
            assertThat(sum).isCloseTo(1, within(1e-5f));
        }
    }

    @Test
    void anAnswerDoesNotDependOnTheCompany() {
        List<byte[]> images = images(Given.batch(52, 9));

        float[][] together = classifier.probabilities(images);

        for (int n = 0; n < images.size(); n++) {
            assertThat(classifier.probabilities(images.subList(n, n + 1))[0])
                    .containsExactly(together[n], within(1e-5f));
        }
        assertThat(classifier.probabilities(List.of())).isEmpty();
    }

    @Test
    void bytesAndFloatsScoreAlike() {
        ImageBatch batch = Given.batch(53, 4);

        assertThat(scorer.score(Given.asFloats(batch)).logits())
                .containsExactly(scorer.score(batch).logits());
    }

    @Test
    void severalThreadsMayClassifyAtOnce() throws Exception {
        classifier.warmUp(1, 4);
        List<byte[]> images = images(Given.batch(54, 4));
        float[][] alone = classifier.probabilities(images);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Callable<float[][]> ask = () -> classifier.probabilities(images);
            for (Future<float[][]> answer : threads.invokeAll(List.of(ask, ask, ask, ask, ask, ask, ask, ask))) {
                for (int n = 0; n < images.size(); n++) {
                    assertThat(answer.get()[n]).containsExactly(alone[n], within(1e-5f));
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void imagesOfAnotherSizeAreRefused() {
        assertThatThrownBy(() -> classifier.probabilities(List.of(new byte[PIXELS], new byte[PIXELS - 1])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("783", "1x28x28");
    }

    @Test
    void batchesOfAnotherKindAreRefused() {
        Normalization other = Normalization.ofMeanStd(List.of(0.5), List.of(0.5));
        ImageBatch batch = Given.batch(1, 1, other, new byte[PIXELS], new int[1]);

        assertThatThrownBy(() -> scorer.score(batch))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("test/train/0/1/0");
    }

    @Test
    void weightsThatDoNotFitAreRefused() {
        List<Tensor> headless = weights.subList(0, weights.size() - 1);

        assertThatThrownBy(() -> Scorer.of(Given.NETWORK, Given.NORMALIZATION, Given.SIDE, Given.SIDE, headless))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fc.bias");
        assertThatThrownBy(() -> Classifier.of(Given.NETWORK, Given.NORMALIZATION, Given.SIDE, Given.SIDE, headless))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fc.bias");
    }

    @Test
    void foldingPutsBatchNormIntoTheConvolution() {
        // Given: output channel 1 of the first convolution
        List<Tensor> folded = Folding.of(Graph.of(Networks.describe(Given.NETWORK), Given.SIDE, Given.SIDE))
                .weights(weights);
        double gamma = Given.floats(Given.named(weights, "bn1.weight"))[1];
        double beta = Given.floats(Given.named(weights, "bn1.bias"))[1];
        double mean = Given.floats(Given.named(weights, "bn1.running_mean"))[1];
        double variance = Given.floats(Given.named(weights, "bn1.running_var"))[1];
        double factor = gamma / Math.sqrt(variance + 1e-5);

        // When
        float[] before = Given.floats(Given.named(weights, "conv1.weight"));
        float[] after = Given.floats(Given.named(folded, "conv1.weight"));
        float[] bias = Given.floats(Given.named(folded, "conv1.bias"));

        // Then
        for (int k = 49; k < 98; k++) {
            assertThat((double) after[k]).isCloseTo(before[k] * factor, within(1e-7));
        }
        assertThat((double) bias[1]).isCloseTo(beta - mean * factor, within(1e-6));
        assertThat(folded).extracting(Tensor::name).noneMatch(name -> name.contains("bn"));
    }
}
