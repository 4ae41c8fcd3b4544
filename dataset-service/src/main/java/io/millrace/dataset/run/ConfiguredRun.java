// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.contracts.event.StrictJson;
import io.millrace.dataset.DatasetConfig;
import io.millrace.dataset.source.DatasetCatalog;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The run by configuration, on the wanted data set or on the fallback. Without a configured id, the id is a digest of the
 * run's configuration, in which both data sets count: a run that fell back is another one than a run that was meant so.
 */
final class ConfiguredRun {
    private static final String PREFIX = "millrace.dataset.run.";

    private final DatasetConfig.Run config;
    private final DatasetConfig.Strokes strokes;

    ConfiguredRun(DatasetConfig config) {
        this.config = config.run();
        this.strokes = config.strokes();
    }

    /** The data set that is wanted. */
    String dataset() {
        return config.dataset();
    }

    /** What is trained on when that cannot be had. */
    Optional<String> fallback() {
        return config.fallback();
    }

    /** The run's id on a data set. */
    String id(String dataset) {
        return config.id()
                .orElseGet(() -> dataset + "-"
                        + Recipes.of(json("recipe", config.recipe())).name() + "-" + digest(dataset));
    }

    /** The ids that mean that it was started before. */
    List<String> ids() {
        return Stream.concat(Stream.of(dataset()), fallback().stream())
                .map(this::id)
                .toList();
    }

    private String digest(String dataset) {
        Map<String, Object> values = fields(dataset);
        values.put("wanted", dataset());
        fallback().ifPresent(fallback -> values.put("fallback", fallback));
        if (DatasetCatalog.isDrawn(dataset)) {
            values.put("strokesSeed", strokes.seed());
        }
        return UUID.nameUUIDFromBytes(values.toString().getBytes(UTF_8))
                .toString()
                .substring(0, 8);
    }

    /**
     * Checks what can be checked before there is data.
     *
     * @param rules refuse an order that will not do
     * @throws IllegalArgumentException naming key, value and remedy
     */
    void check(Consumer<RunOrder> rules) {
        check("dataset", dataset(), rules);
        fallback().ifPresent(fallback -> check("fallback", fallback, rules));
    }

    private void check(String key, String dataset, Consumer<RunOrder> rules) {
        try {
            rules.accept(order(dataset));
        } catch (RefusedFieldException e) {
            String own =
                    switch (e.field()) {
                        case "dataset" -> key;
                        case "runId" -> "id";
                        default ->
                            e.field().matches("(recipe|network)\\..*")
                                    ? e.field().replaceFirst("\\..*", "") + ": " + e.field()
                                    : kebab(e.field());
                    };
            String value = e.value() instanceof JsonNode json && json.isTextual()
                    ? json.textValue()
                    : String.valueOf(e.value());
            throw refused(own, value, e.remedy());
        }
    }

    private static IllegalArgumentException refused(String key, String value, String remedy) {
        // The size of the drawn set is no value of the run alone.
        String prefix = key.startsWith("strokes.") ? "millrace.dataset." : PREFIX;
        return new IllegalArgumentException(prefix + key + "=" + value + " will not do; it must be " + remedy);
    }

    private static String kebab(String field) {
        return field.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /** The order for a data set. */
    RunOrder order(String dataset) {
        return RunOrder.read(fields(dataset));
    }

    private Map<String, Object> fields(String dataset) {
        Map<String, Object> fields =
                new TreeMap<>(Map.of("dataset", dataset, "recipe", json("recipe", config.recipe())));
        if (DatasetCatalog.isDrawn(dataset)) {
            fields.put(
                    "strokes",
                    new TreeMap<>(
                            Map.of("trainSamples", strokes.trainSamples(), "testSamples", strokes.testSamples())));
        }
        config.id().ifPresent(value -> fields.put("runId", value));
        config.network()
                .map(value -> json("network", value))
                .ifPresent(value ->
                        // Without quotes, as names were written into ids before there was anything else.
                        fields.put("network", value.isTextual() ? value.textValue() : value));
        config.stem().ifPresent(value -> fields.put("stem", value));
        config.weights().ifPresent(value -> fields.put("weights", value));
        config.sha256().ifPresent(value -> fields.put("sha256", value));
        config.model().ifPresent(value -> fields.put("model", value));
        config.seed().ifPresent(value -> fields.put("seed", value));
        config.shards().ifPresent(value -> fields.put("shards", value));
        config.priority().ifPresent(value -> fields.put("priority", value));
        config.team().ifPresent(value -> fields.put("team", value));
        config.workers().max().ifPresent(value -> fields.put("workers", Map.of("max", value)));
        return fields;
    }

    /** What may be a name or JSON. */
    private static JsonNode json(String key, String value) {
        String text = value.strip();
        if (!text.startsWith("{")) {
            return TextNode.valueOf(text);
        }
        try {
            return StrictJson.tree(text);
        } catch (JsonProcessingException e) {
            throw refused(key, text, "a name or a JSON object: " + e.getOriginalMessage());
        }
    }
}
