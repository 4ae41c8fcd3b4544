// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.Recipe;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateVectorTest {
    private static final String EVERYTHING =
            "{\"batchSize\": 8, \"optimizer\": {\"kind\": \"adamw\"}, \"clipNorm\": 0.5, \"accumulate\": 2,"
                    + " \"schedule\": {\"learningRate\": 0.01}, \"averaging\": {\"decay\": 0.9}}";
    private static final String USUAL = "{\"batchSize\": 8}";

    private static void steps(Learner learner, int from, int to) {
        for (int step = from; step < to; step++) {
            learner.step(List.of(Given.batch(step, 8)), 0.01);
        }
    }

    /** As a replica that has its turn after another one on the same learner. */
    @ParameterizedTest
    @ValueSource(strings = {USUAL, EVERYTHING})
    void aLearnerGoesOnToTheBitFromWhereItOrAnotherOneStood(String options) {
        Recipe recipe = Given.recipe(options);
        try (Learner learner = Given.learner(recipe);
                Learner other = Given.learner(recipe)) {
            steps(learner, 0, 2);
            StateVector stood = learner.vector();
            steps(learner, 2, 4);
            StateVector expected = learner.vector();
            int arrays = learner.nativeArrays();

            learner.assign(stood);
            steps(learner, 2, 4);
            other.assign(stood);
            steps(other, 2, 4);

            assertSame(learner.vector(), expected);
            assertSame(other.vector(), expected);
            assertThat(other.weights()).isEqualTo(learner.weights());
            assertThat(other.optimizerState()).isEqualTo(learner.optimizerState());
            assertThat(expected.parameters()).isNotEqualTo(stood.parameters());
            assertThat(expected.statistics()).isNotEqualTo(stood.statistics());
            assertThat(learner.nativeArrays()).isEqualTo(arrays);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {USUAL, EVERYTHING})
    void anUpdateFromTheGradientsOfAStepIsThatStep(String options) {
        Recipe recipe = Given.recipe(options);
        try (Learner learner = Given.learner(recipe);
                Learner other = Given.learner(recipe)) {
            for (int step = 0; step < 3; step++) {
                float[] before = other.vector().parameters();
                learner.gradients(List.of(Given.batch(100, 8))); // leaves nothing behind but statistics
                other.gradients(List.of(Given.batch(100, 8)));
                Slices.of(List.of(Given.batch(step, 8)), recipe.accumulate())
                        .forEach(slice -> learner.accumulate(slice, 1.0 / recipe.accumulate()));
                learner.update(0.01);
                float[] gradients = other.gradients(List.of(Given.batch(step, 8)));

                assertThat(other.vector().parameters()).isEqualTo(before);
                other.update(gradients, 0.01);
            }

            assertSame(other.vector(), learner.vector());
            assertThat(other.vector().updates()).isEqualTo(3);
        }
    }

    /** Array by array: millions of elements. */
    private static void assertSame(StateVector found, StateVector expected) {
        assertThat(found.parameters()).isEqualTo(expected.parameters());
        for (int k = 0; k < expected.buffers().size(); k++) {
            assertThat(found.buffers().get(k)).isEqualTo(expected.buffers().get(k));
        }
        assertThat(found.statistics()).isEqualTo(expected.statistics());
        assertThat(found.dead()).isEqualTo(expected.dead());
        assertThat(found.updates()).isEqualTo(expected.updates());
    }

    @Test
    void aVectorOfAnotherNetworkOrOptimizerIsRefused() {
        try (Learner learner = Given.learner(Given.recipe(USUAL))) {
            StateVector vector = learner.vector();

            assertRefused(learner, vector.parameters(), List.of(), vector.dead(), "has 1 buffers, got 0");
            assertRefused(
                    learner, new float[3], vector.buffers(), vector.dead(), "a vector of 3 elements does not fit");
            assertRefused(learner, vector.parameters(), vector.buffers(), new double[1], "got 1 elements");
        }
    }

    private static void assertRefused(
            Learner learner, float[] parameters, List<float[]> buffers, double[] dead, String reason) {
        assertThatThrownBy(() -> learner.assign(
                        new StateVector(parameters, buffers, learner.vector().statistics(), dead, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }
}
