// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MisclassifiedSamplesTest {
    private final List<Misclassified> some = List.of(new Misclassified(7, "cat", "dog", 0.9));

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
    void withoutRoomNothingIsKept() {
        MisclassifiedSamples samples = new MisclassifiedSamples(0);
        samples.put("a", some);

        assertThat(samples.find("a")).isEmpty();
    }
}
