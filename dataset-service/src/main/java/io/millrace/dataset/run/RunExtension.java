// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.contracts.event.StrictJson;

/**
 * More epochs for a run: the body of {@code POST /runs/{id}/extend}.
 *
 * @param epochs how many, at least 1
 * @param beyond how many it has before; said twice, such an order adds them once. Null: however many it has
 */
record RunExtension(Integer epochs, Integer beyond) {
    RunExtension {
        if (epochs == null || epochs < 1) {
            throw new RefusedFieldException("epochs", epochs, "a whole number from 1 on: so many epochs are added");
        }
    }

    /**
     * From a request's body.
     *
     * @throws RunRefusedException when it is no JSON object
     * @throws RefusedFieldException naming the first field that will not do
     */
    static RunExtension read(String body) {
        return StrictJson.read(RunOrder.object(body, "{\"epochs\": 1} adds one epoch"), RunExtension.class, "");
    }
}
