// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * What a run may have of the pool of workers.
 *
 * @param max so many workers may share its replicas, at least 1; null: as many as it has replicas
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Workers(Integer max) {
    public Workers {
        if (max != null) {
            Fields.range("workers.max", max, 1, Fields.MAX_COUNT);
        }
    }
}
