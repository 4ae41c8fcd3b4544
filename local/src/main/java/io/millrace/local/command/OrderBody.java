// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.StrictJson;
import io.millrace.local.stack.WantedRun;
import java.util.Map;
import java.util.Optional;

/** Bodies of {@code POST /runs}, as far as they follow from a run that there is. Stateless. */
final class OrderBody {
    private OrderBody() {}

    /** The data set of a run, in its size. */
    static void sameData(ObjectNode order, RunSpec spec) {
        order.put("dataset", spec.dataset().name());
        if (spec.dataset().name().equals("strokes")) {
            order.putObject("strokes")
                    .put("trainSamples", spec.dataset().trainSamples())
                    .put("testSamples", spec.dataset().testSamples());
        }
    }

    /** The network of a run. */
    static ObjectNode sameNetwork(ObjectNode order, Network origin) {
        ObjectNode network = (ObjectNode) StrictJson.tree(origin.layout() == null ? Map.of() : origin.layout());
        order.set("network", network.put("name", origin.name()));
        network.set("stem", StrictJson.tree(origin.stem()));
        return network;
    }

    /** The network that is wanted, or else that of the run whose checkpoint is started from. */
    static void network(ObjectNode order, WantedRun wanted, Optional<Network> origin) {
        if (wanted.network().isEmpty() && origin.isPresent()) {
            ObjectNode network = sameNetwork(order, origin.get());
            wanted.stem().ifPresent(stem -> network.put("stem", stem));
        } else {
            wanted.network().ifPresent(network -> order.set("network", json(network)));
            wanted.stem().ifPresent(stem -> order.put("stem", stem));
        }
    }

    /** A name, or what a network is made of. */
    private static JsonNode json(String network) {
        try {
            return network.startsWith("{") ? StrictJson.tree(network) : JsonNodeFactory.instance.textNode(network);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("it was read before", e);
        }
    }
}
