// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import io.millrace.inference.classify.Inference;
import io.millrace.inference.classify.Prediction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What is answered, whatever carries it.
 *
 * @param warnings why it should not be trusted, one line each; they name their image where there are several
 */
record InferAnswer(String model, String version, InferRequest request, List<OutputTensor> outputs, String warnings) {
    /** The parameter with the warnings. */
    static final String WARNINGS = "warnings";

    static InferAnswer of(InferRequest request, Inference.Seen seen) {
        return new InferAnswer(
                seen.model().name(),
                seen.model().version(),
                request,
                request.outputs().stream()
                        .map(output -> OutputTensor.of(output, seen))
                        .toList(),
                warnings(seen));
    }

    private static String warnings(Inference.Seen seen) {
        List<String> lines = new ArrayList<>();
        int count = seen.decoded().images().size();
        for (int image = 0; image < count; image++) {
            String place = count == 1 ? "" : "image " + (image + 1) + ": ";
            Prediction.warnings(seen, image).forEach(warning -> lines.add(place + warning));
        }
        return String.join("\n", lines);
    }

    /** Parameters of the answer. */
    Map<String, String> parameters() {
        return warnings.isEmpty() ? Map.of() : Map.of(WARNINGS, warnings);
    }
}
