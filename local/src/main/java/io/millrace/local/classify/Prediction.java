// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.classify;

import java.util.List;

/**
 * What inference-service's {@code POST /classify} answers.
 *
 * @param label of the most probable class
 * @param probability of that class, 0 to 1
 * @param model name of the model that answered
 * @param version id of its checkpoint
 * @param calibrated whether the probability is; null where the server does not say
 * @param warnings why it should not be trusted
 */
public record Prediction(
        String label, double probability, String model, String version, Boolean calibrated, List<String> warnings) {
    public Prediction {
        // Left out of an answer where there are none.
        warnings = warnings == null ? List.of() : List.copyOf(warnings);
    }
}
