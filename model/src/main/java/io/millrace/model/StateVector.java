// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.List;

/**
 * Where a learner stands, as flat vectors on the heap: what lives on its device, in its order, and what the host knows of
 * elements that the device does without. Two learners of one network and recipe that stand at equal vectors, and came from
 * the same weights, go on to the same bits. The arrays are not copied.
 *
 * @param parameters that are trained
 * @param buffers of the optimizer, each as long as the parameters
 * @param statistics of BatchNorm
 * @param dead what the steps since the run's first weights made of elements that never have a gradient, as {@code partial
 *     weights × registers × registers} matrices, registers being the parameter and its buffers; empty where there are none
 * @param updates of the weights
 */
public record StateVector(float[] parameters, List<float[]> buffers, float[] statistics, double[] dead, long updates) {
    public StateVector {
        buffers = List.copyOf(buffers);
    }
}
