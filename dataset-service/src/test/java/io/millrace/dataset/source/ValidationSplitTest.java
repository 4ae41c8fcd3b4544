// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.RefusedFieldException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValidationSplitTest {
    private static final List<String> CLASSES = List.of("cat", "dog", "owl");
    /** 60 cats, 30 dogs and 10 owls, one after the other. */
    private static final Samples TRAIN = samples(60, 30, 10);

    private static Samples samples(int... ofClasses) {
        byte[] labels = new byte[Arrays.stream(ofClasses).sum()];
        int sample = 0;
        for (int label = 0; label < ofClasses.length; label++) {
            Arrays.fill(labels, sample, sample + ofClasses[label], (byte) label);
            sample += ofClasses[label];
        }
        byte[] pixels = new byte[labels.length];
        IntStream.range(0, pixels.length).forEach(k -> pixels[k] = (byte) k);
        return new Samples(pixels, labels);
    }

    private static ImageSet set(Samples train) {
        return ImageSet.of(
                "test", "animals", 1, 1, 1, CLASSES, new Normalization(List.of(1f), List.of(0f)), train, TRAIN);
    }

    @Test
    void eachClassGivesTheSamePartAndEverySampleIsOnOneSide() {
        ValidationSplit split = ValidationSplit.of(set(TRAIN), 0.1, 7);

        assertThat(Arrays.stream(split.heldOut()).map(TRAIN::label)).containsExactly(0, 0, 0, 0, 0, 0, 1, 1, 1, 2);
        assertThat(IntStream.concat(Arrays.stream(split.heldOut()), Arrays.stream(split.trained()))
                        .sorted())
                .containsExactlyElementsOf(IntStream.range(0, 100).boxed().toList());
        assertThat(split.trained()).isSorted();
    }

    @Test
    void theSeedDecidesWhichSamples() {
        int[] held = ValidationSplit.of(set(TRAIN), 0.1, 7).heldOut();

        assertThat(ValidationSplit.of(set(TRAIN), 0.1, 7).heldOut()).containsExactly(held);
        assertThat(ValidationSplit.of(set(TRAIN), 0.1, 8).heldOut()).isNotEqualTo(held);
    }

    @Test
    void itsDigestNamesDataEncodingAndSamples() {
        ImageSet set = set(TRAIN);
        ValidationSplit split = ValidationSplit.of(set(TRAIN), 0.1, 7);
        String digest = split.info(set.info(), Encoding.UINT8).digest();

        assertThat(split.info(set.info(), Encoding.UINT8).samples()).isEqualTo(10);
        assertThat(split.info(set.info(), Encoding.UINT8).digest()).isEqualTo(digest);
        assertThat(split.info(set.info(), Encoding.FLOAT32).digest()).isNotEqualTo(digest);
        assertThat(split.info(set(samples(59, 31, 10)).info(), Encoding.UINT8).digest())
                .isNotEqualTo(digest);
        assertThat(ValidationSplit.of(set(TRAIN), 0.1, 8)
                        .info(set.info(), Encoding.UINT8)
                        .digest())
                .isNotEqualTo(digest);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0.04 | at least 0.05000 and less than 0.9500: class \"owl\" has 10 images, of which 0 would be set apart",
                "0.96 | at least 0.05000 and less than 0.9500: class \"owl\" has 10 images, of which 10 would be set apart"
            })
    void aClassWithoutAnImageOnOneSideIsNamedWithWhatWouldDo(double fraction, String remedy) {
        assertThatThrownBy(() -> ValidationSplit.of(set(TRAIN), fraction, 7))
                .isInstanceOf(RefusedFieldException.class)
                .hasMessageContaining("recipe.validation is " + fraction)
                .hasMessageContaining(remedy);
    }

    @Test
    void whatTheMessageNamesDoes() {
        assertThat(ValidationSplit.of(set(TRAIN), 0.05, 7).heldOut()).hasSize(3 + 2 + 1);
        assertThat(ValidationSplit.of(set(TRAIN), 0.949, 7).trained()).hasSize(3 + 2 + 1);
    }

    @Test
    void aClassOfOneImageCannotBeDividedAndOneOfNoneNeedNotBe() {
        assertThatThrownBy(() -> ValidationSplit.of(set(samples(60, 1)), 0.5, 7))
                .isInstanceOf(RefusedFieldException.class)
                .hasMessageContaining("0, for no validation split: class \"dog\" has 1 image");
        assertThat(ValidationSplit.of(set(samples(60)), 0.5, 7).heldOut()).hasSize(30);
    }
}
