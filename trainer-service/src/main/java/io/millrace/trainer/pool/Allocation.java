// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

import java.util.Map;
import java.util.Optional;

/**
 * Who is to hold what.
 *
 * @param holdings by the workers' ids; who is not in it holds nothing
 * @param waiting why runs are not admitted, by their ids
 */
record Allocation(Map<String, Holding> holdings, Map<String, String> waiting) {
    Optional<Holding> of(String worker) {
        return Optional.ofNullable(holdings.get(worker));
    }
}
