// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Normalization;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StrokesTest {
    @Test
    void theSameSeedDrawsTheSameDigitsOnEveryMachine() {
        assertThat(Strokes.draw(1, 200, 50).info().digest())
                .isEqualTo("686569a19702c06bfa0c7c1ada7e4a7bcd7903ea7cfbe4ef2e35cfb22a44e68d");
    }

    @Test
    void anotherSeedDrawsOthers() {
        assertThat(Strokes.draw(2, 200, 50).train().pixels())
                .isNotEqualTo(Strokes.draw(1, 200, 50).train().pixels());
    }

    @Test
    void aSmallSetIsTheBeginningOfALargeOneAndTheSplitsDiffer() {
        ImageSet small = Strokes.draw(1, 100, 100);
        ImageSet large = Strokes.draw(1, 300, 200);

        assertThat(Arrays.copyOf(large.train().pixels(), small.train().pixels().length))
                .isEqualTo(small.train().pixels());
        assertThat(Arrays.copyOf(large.test().pixels(), small.test().pixels().length))
                .isEqualTo(small.test().pixels());
        assertThat(small.train().pixels()).isNotEqualTo(small.test().pixels());
    }

    @Test
    void classesAreBalancedAndEveryImageHasInkOnBlack() {
        ImageSet set = Strokes.draw(1, 1000, 10);

        for (int sample = 0; sample < 1000; sample++) {
            assertThat(set.train().label(sample)).isEqualTo(sample % 10);
            byte[] image = Arrays.copyOfRange(set.train().pixels(), sample * 784, sample * 784 + 784);
            int ink = (int)
                    IntStream.range(0, 784).filter(k -> (image[k] & 0xff) > 127).count();
            assertThat(ink).as("ink of sample %d", sample).isBetween(12, 330);
        }
    }

    @Test
    void theNormalizationIsThatOfTheDrawings() {
        // Given
        ImageSet set = Strokes.draw(1, 5000, 10);
        Normalization normalization = set.info().normalization();

        // When
        double sum = 0;
        double squares = 0;
        for (byte pixel : set.train().pixels()) {
            double value = normalization.apply(0, pixel & 0xff);
            sum += value;
            squares += value * value;
        }

        // Then
        assertThat(sum / set.train().pixels().length).isBetween(-0.02, 0.02);
        assertThat(squares / set.train().pixels().length).isBetween(0.97, 1.03);
    }
}
