// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.graph;

import io.millrace.model.network.MaxPool;
import io.millrace.model.network.Relu;
import java.util.List;

/**
 * Pools before it rectifies where a network has it the other way round: the largest of rectified numbers is the rectified
 * largest, to the bit, gradients too, and there are fewer of them.
 */
public final class PoolBeforeRelu {
    private PoolBeforeRelu() {}

    public static Graph of(Graph graph) {
        return graph.withPairs(Relu.class, MaxPool.class, (relu, pool) -> List.of(pool, relu));
    }
}
