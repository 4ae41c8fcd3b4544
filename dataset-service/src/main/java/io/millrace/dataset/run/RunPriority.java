// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.contracts.event.StrictJson;

/**
 * Which place a run has among others: the body of {@code POST /runs/{id}/priority}.
 *
 * @param priority runs of a higher one come first
 */
record RunPriority(Integer priority) {
    RunPriority {
        if (priority == null) {
            throw new RefusedFieldException("priority", null, "a whole number: runs of a higher one come first");
        }
    }

    /**
     * From a request's body.
     *
     * @throws RunRefusedException when it is no JSON object
     * @throws RefusedFieldException naming the first field that will not do
     */
    static RunPriority read(String body) {
        return StrictJson.read(
                RunOrder.object(body, "{\"priority\": 1} lets it come before those of 0"), RunPriority.class, "");
    }
}
