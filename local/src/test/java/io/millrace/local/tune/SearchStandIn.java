// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tune;

import java.util.List;

/** A search of four trials, {@code s-1} to {@code s-4}, over runs that learn when they are told to. */
public final class SearchStandIn {
    private final PoolStandIn pool = new PoolStandIn();
    private final Search search = SearchTest.search(pool);

    /** A run that may not be ordered, stopped or resumed. */
    public void refuse(String runId) {
        pool.refused = runId;
    }

    public Search search() {
        return search;
    }

    public List<String> stopped() {
        return pool.stopped();
    }
}
