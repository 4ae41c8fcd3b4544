// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.contracts.event.Calibration;
import io.millrace.contracts.event.Calibration.Familiarity;
import io.millrace.contracts.event.EventCodec;
import io.millrace.image.Fitted;
import io.millrace.image.Picture;
import io.millrace.inference.registry.FakeModels;
import io.millrace.inference.registry.ModelCard;
import io.millrace.model.Heat;
import io.millrace.model.Predictions;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PredictionTest {
    private static final Prediction.Timing TIMING = new Prediction.Timing(1, 2, 3);
    private static final double[] PROBABILITIES = {0, 0.125, 0.5, 0, 0.25, 0, 0.125, 0, 0, 0};
    /** Of energies 4 + log(1 + 9/e^4), 4.15, and 1 + log(1 + 9/e), 2.46. */
    private static final Predictions TWO =
            new Predictions(new float[] {4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 10);

    private static ModelCard card(Optional<Calibration> calibration) {
        ModelCard plain = FakeModels.card("v1");
        return new ModelCard(
                plain.name(),
                plain.checkpoint(),
                plain.accuracy(),
                calibration,
                plain.loadedAt(),
                plain.classes(),
                plain.input());
    }

    private static String name(String label) {
        return "answer " + label;
    }

    private static Predictions predictions() {
        float[] logits = new float[PROBABILITIES.length];
        for (int k = 0; k < logits.length; k++) {
            logits[k] = (float) Math.log(PROBABILITIES[k]);
        }
        return new Predictions(logits, logits.length);
    }

    @Test
    void bestClassesComeFirstAndTheLowerOfEquals() {
        // When
        Prediction prediction =
                Prediction.of(predictions(), 0, 4, FakeModels.card("v1"), PredictionTest::name, TIMING, List.of());

        // Then
        assertThat(prediction.label()).isEqualTo("2");
        assertThat(prediction.probability()).isEqualTo(0.5);
        assertThat(prediction.top()).extracting(Prediction.Candidate::label).containsExactly("2", "4", "1", "6");
        assertThat(prediction.model()).isEqualTo("mnist");
        assertThat(prediction.version()).isEqualTo("v1");
        assertThat(prediction.requestId()).isEqualTo("answer 2");
        assertThat(prediction.timing()).isEqualTo(TIMING);
    }

    @Test
    void moreThanThereAreClassesIsAllOfThem() {
        // When
        Prediction prediction = Prediction.of(
                predictions(), 0, Integer.MAX_VALUE, FakeModels.card("v1"), PredictionTest::name, TIMING, List.of());

        // Then
        assertThat(prediction.top()).hasSize(10);
    }

    @Test
    void aCalibratedModelAnswersWithTheTemperatureAndSaysSo() {
        ModelCard card = card(Optional.of(new Calibration(2, 0.01, "split", 100, null)));

        Prediction prediction = Prediction.of(TWO, 0, 1, card, PredictionTest::name, TIMING, List.of());

        double e = Math.exp(2);
        assertThat(prediction.probability()).isCloseTo(e / (e + 9), within(1e-7));
        assertThat(prediction.top()).extracting(Prediction.Candidate::label).containsExactly("0");
        assertThat(prediction.calibrated()).isTrue();
        assertThat(prediction.warnings()).isEmpty();
    }

    @Test
    void aModelThatIsNotCalibratedAnswersAsItIs() {
        Prediction prediction =
                Prediction.of(TWO, 0, 1, card(Optional.empty()), PredictionTest::name, TIMING, List.of());

        double e = Math.exp(4);
        assertThat(prediction.probability()).isCloseTo(e / (e + 9), within(1e-7));
        assertThat(new String(EventCodec.encode(prediction), StandardCharsets.UTF_8))
                .contains("\"calibrated\":false")
                .doesNotContain("warnings");
    }

    @Test
    void anImageInWhichLittleIsFoundIsWarnedOfWhateverTheTemperature() {
        ModelCard card = card(Optional.of(new Calibration(0.1, 0.01, "split", 100, new Familiarity(3, 0.95))));

        assertThat(Prediction.of(TWO, 0, 1, card, PredictionTest::name, TIMING, List.of())
                        .warnings())
                .isEmpty();
        List<String> warnings = Prediction.of(TWO, 1, 1, card, PredictionTest::name, TIMING, List.of("it is blank"))
                .warnings();
        assertThat(warnings).hasSize(2).first().isEqualTo("it is blank");
        assertThat(warnings.get(1)).contains("none of the classes", "2.46", "95 %", "3.00");
    }

    @Test
    void anExplanationIsWarnedOfAsItsAnswerIs() {
        ModelCard card = card(Optional.of(new Calibration(1, 0.01, "split", 100, new Familiarity(5, 0.95))));
        Fitted image = new Fitted(new Picture(1, 1, 1, new byte[1], null), List.of("it is blank"));

        Explained explained = Explained.of(0, TWO, new Heat(1, 1, new float[1]), card, image);

        assertThat(explained.warnings())
                .isEqualTo(Prediction.of(TWO, 0, 1, card, PredictionTest::name, TIMING, image.warnings())
                        .warnings())
                .hasSize(2);
        assertThat(explained.warnings().get(1)).contains("none of the classes", "4.15", "95 %", "5.00");
    }
}
