// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.image.Fitted;
import io.millrace.inference.registry.ModelCard;
import io.millrace.model.Heat;
import io.millrace.model.Predictions;
import java.util.List;

/**
 * Which pixels of an image speak for a class.
 *
 * @param label of the class that is explained
 * @param probability of it, 0 to 1
 * @param answer the most probable class
 * @param model name of the model that answered
 * @param version id of its checkpoint
 * @param height of the image as the network takes it
 * @param width of it
 * @param heat {@code [height][width]}, 0 to 1, the largest is 1; all 0 where nothing speaks for the class
 * @param image the picture as the network takes it, a PNG in base64
 * @param warnings why it should not be trusted; left out when there is none
 */
public record Explained(
        String label,
        double probability,
        String answer,
        String model,
        String version,
        int height,
        int width,
        double[][] heat,
        byte[] image,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> warnings) {
    private static final double DIGITS = 1e4;

    static Explained of(int label, Predictions predictions, Heat heat, ModelCard model, Fitted image) {
        double[][] rows = new double[heat.height()][heat.width()];
        for (int k = 0; k < heat.values().length; k++) {
            rows[k / heat.width()][k % heat.width()] = Math.round(heat.values()[k] * DIGITS) / DIGITS;
        }
        return new Explained(
                model.classes().get(label),
                predictions.probabilities(0, model.temperature())[label],
                model.classes().get(predictions.predicted(0)),
                model.name(),
                model.version(),
                heat.height(),
                heat.width(),
                rows,
                image.picture().png(),
                Prediction.warnings(image.warnings(), predictions, 0, model));
    }
}
