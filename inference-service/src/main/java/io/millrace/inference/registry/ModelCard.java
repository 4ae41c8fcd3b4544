// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import io.millrace.inference.image.ImageFitter;
import java.time.Instant;
import java.util.List;

/**
 * What is known of a served model.
 *
 * @param name under which it was promoted
 * @param version id of its checkpoint
 * @param runId the run that trained it
 * @param accuracy on the test split, as the evaluator published it, 0 to 1
 * @param loadedAt when it began to serve
 * @param classes labels, in the order of the network's outputs
 * @param input what the network takes
 */
public record ModelCard(
        String name,
        String version,
        String runId,
        double accuracy,
        Instant loadedAt,
        List<String> classes,
        ImageFitter input) {
    public ModelCard {
        classes = List.copyOf(classes);
    }
}
