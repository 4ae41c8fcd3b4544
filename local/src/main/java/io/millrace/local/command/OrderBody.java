// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.NetworkFile;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Start;
import io.millrace.contracts.event.StrictJson;
import io.millrace.local.stack.WantedRun;
import io.millrace.local.watch.Endpoints;
import io.millrace.local.watch.OrderedRun;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Bodies of {@code POST /runs}, of what is wanted, and of a run that there is. Stateless. */
final class OrderBody {
    private OrderBody() {}

    /** @throws ParameterException when something is asked for that only whoever starts the stack decides */
    static void refuseWhatBelongsToTheStack(WantedRun wanted, CommandSpec command) {
        Map<String, String> settings = wanted.settings();
        if (!settings.isEmpty() || wanted.dataDir().isPresent()) {
            String option = settings.isEmpty()
                    ? "--data-dir " + wanted.dataDir().get()
                    : "--set " + settings.keySet().iterator().next();
            throw new ParameterException(
                    command.commandLine(),
                    option
                            + " will not do; it must be left out: it belongs to the stack, which runs already. Give it to"
                            + " ./millrace up");
        }
    }

    /** The run whose checkpoint a wanted one starts from. */
    static Optional<RunSpec> origin(WantedRun wanted, Endpoints endpoints) {
        return wanted.start()
                .filter(start -> start.kind() == Start.Kind.CHECKPOINT)
                .flatMap(start -> endpoints.runs().stream()
                        .map(OrderedRun::spec)
                        .filter(Objects::nonNull)
                        .filter(spec -> spec.incarnation().equals(start.incarnation()))
                        .findFirst());
    }

    /** A run that is wanted; from a checkpoint, of its run's data set, network and model where nothing else is said. */
    static ObjectNode of(WantedRun wanted, Optional<RunSpec> origin) {
        ObjectNode order = JsonNodeFactory.instance.objectNode().put("runId", wanted.runId());
        order.set("recipe", wanted.recipe());
        wanted.start().ifPresent(start -> order.put("weights", start.weights()));
        wanted.start().map(Start::sha256).ifPresent(digest -> order.put("sha256", digest));
        wanted.seed().ifPresent(seed -> order.put("seed", seed));
        wanted.shards().ifPresent(shards -> order.put("shards", shards));
        order.put("dataset", wanted.dataset());
        ofTheSameData(wanted, origin).ifPresent(spec -> {
            sameData(order, spec);
            order.put("model", spec.model());
        });
        network(order, wanted, origin.map(RunSpec::network));
        return order;
    }

    /** The run whose data set is meant: without --dataset there is another one to fall back to. */
    private static Optional<RunSpec> ofTheSameData(WantedRun wanted, Optional<RunSpec> origin) {
        return origin.filter(any -> wanted.fallback().isPresent());
    }

    /** The name of the data set that such an order has. */
    static String dataset(WantedRun wanted, Optional<RunSpec> origin) {
        return ofTheSameData(wanted, origin).map(spec -> spec.dataset().name()).orElse(wanted.dataset());
    }

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

    /** The network that such an order has. */
    static NetworkFile network(WantedRun wanted, Optional<RunSpec> origin) {
        ObjectNode order = of(wanted, origin);
        Network.Stem stem = Optional.ofNullable(order.get("stem"))
                .map(text -> Network.Stem.valueOf(text.textValue().toUpperCase(Locale.ROOT)))
                .orElse(null);
        return NetworkFile.of(order.get("network"), stem);
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
