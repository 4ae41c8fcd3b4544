// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MisclassifiedSamplesTest {
    private final List<Misclassified> some = List.of(new Misclassified(7, "cat", "dog", 0.9, 2.5));

    @Test
    void theOldestEvaluationMakesRoomForTheNewest() {
        MisclassifiedSamples samples = new MisclassifiedSamples(2);
        samples.put("a", some);
        samples.put("b", List.of());
        samples.put("a", some);
        samples.put("c", some);

        assertThat(samples.find("a")).contains(some);
        assertThat(samples.find("b")).isEmpty();
        assertThat(samples.find("c")).contains(some);
    }

    @Test
    void theWorstComeFirst() {
        Misclassified bad = new Misclassified(1, "cat", "dog", 0.5, 0.8);
        Misclassified worse = new Misclassified(2, "cat", "dog", 0.9, 2.5);
        Misclassified asBad = new Misclassified(9, "dog", "cat", 0.9, 2.5);
        MisclassifiedSamples samples = new MisclassifiedSamples(1);

        samples.put("a", List.of(asBad, bad, worse));

        assertThat(samples.find("a")).contains(List.of(worse, asBad, bad));
        assertThat(bad.labelProbability()).isEqualTo(Math.exp(-0.8));
    }

    @Test
    void withoutRoomNothingIsKept() {
        MisclassifiedSamples samples = new MisclassifiedSamples(0);
        samples.put("a", some);

        assertThat(samples.find("a")).isEmpty();
    }
}
