// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tensorboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.RunSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What was chosen for a run: its recipe, member by member, its network, its data. */
final class HyperParameters {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private HyperParameters() {}

    /** By names as recipes have them, {@code schedule.learningRate}. */
    static Map<String, Object> of(RunSpec run) {
        Map<String, Object> parameters = new TreeMap<>();
        try {
            flatten("", JSON.readTree(EventCodec.encode(run.recipe())), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException("what was written as JSON is JSON", e);
        }
        parameters.remove("description");
        parameters.remove("name");
        parameters.put("recipe", run.recipe().name());
        parameters.put("epochs", run.epochs());
        parameters.put("network", run.network().name());
        parameters.put("stem", run.network().stem().name().toLowerCase(Locale.ROOT));
        parameters.put("data set", run.dataset().name());
        parameters.put("image", run.dataset().shape().toString());
        parameters.put("seed", run.seed());
        parameters.put("shards", run.shards());
        return parameters;
    }

    private static void flatten(String name, JsonNode node, Map<String, Object> parameters) {
        if (node.isObject()) {
            node.properties()
                    .forEach(member -> flatten(
                            name.isEmpty() ? member.getKey() : name + "." + member.getKey(),
                            member.getValue(),
                            parameters));
        } else if (node.isNumber()) {
            parameters.put(name, node.numberValue());
        } else if (node.isBoolean()) {
            parameters.put(name, node.booleanValue());
        } else if (!node.isNull()) {
            parameters.put(name, node.isTextual() ? node.textValue() : node.toString());
        }
    }
}
