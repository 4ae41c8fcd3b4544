// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import java.util.List;

/**
 * What a run really started from.
 *
 * @param weights as in {@link Start}
 * @param sha256 of the file that was read, hex
 * @param adaptations what is otherwise in the run's first weights than in that file, a sentence each
 */
public record Lineage(String weights, String sha256, List<String> adaptations) {
    public Lineage {
        Fields.present(weights, "start.weights");
        Fields.present(sha256, "start.sha256");
        adaptations = List.copyOf(Fields.present(adaptations, "start.adaptations"));
    }
}
