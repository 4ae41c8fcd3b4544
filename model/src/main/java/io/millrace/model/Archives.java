// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.event.Network;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.graph.Folding;
import io.millrace.model.graph.Graph;
import io.millrace.model.graph.LiveTaps;
import io.millrace.model.graph.PoolBeforeRelu;
import io.millrace.model.network.Held;
import io.millrace.model.network.Networks;
import io.millrace.model.network.Weight;
import io.millrace.model.script.ModuleTensor;
import io.millrace.model.script.TorchScriptArchive;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/** A graph with its methods and the values of its weights, as an archive. */
final class Archives {
    private Archives() {}

    /**
     * An archive.
     *
     * @param held what the device is to hold
     * @param trained those that need a gradient
     * @param values whole, in the order of {@code held}
     */
    static TorchScriptArchive of(
            List<Held> held, Predicate<Weight> trained, String methods, List<Tensor> values, boolean channelsLast) {
        List<ModuleTensor> tensors = new ArrayList<>();
        for (int k = 0; k < held.size(); k++) {
            Held part = held.get(k);
            tensors.add(new ModuleTensor(
                    part.weight().attribute(),
                    part.shape(),
                    trained.test(part.weight()),
                    channelsLast,
                    part.taken(values.get(k).data())));
        }
        return new TorchScriptArchive(methods, tensors);
    }

    /**
     * A folded network that scores and serves, on the device.
     *
     * @throws IllegalArgumentException when the weights do not fit it
     */
    static ScriptModule forScoring(Network network, int height, int width, Collection<Tensor> weights) {
        Folding folding = Folding.of(Graph.of(Networks.describe(network), height, width));
        List<Tensor> folded = folding.weights(Networks.requireFit(network, weights));
        Graph live = LiveTaps.forInference(PoolBeforeRelu.of(folding.graph()));
        return ScriptModule.load(
                of(live.held(), weight -> false, TrainingMethods.forScoring(live), folded, true), false);
    }
}
