// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.dataset.DatasetConfig;
import io.millrace.dataset.source.DatasetCatalog;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The run by configuration, on the wanted data set or on the fallback. Without a configured id, the id is a digest of the
 * run's configuration, in which both data sets count: a run that fell back is another one than a run that was meant so.
 */
final class ConfiguredRun {
    private static final String PREFIX = "millrace.dataset.run.";
    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,99}");

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
        return config.id().orElseGet(() -> dataset + "-" + config.recipe() + "-" + digest(dataset));
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
        config.id().filter(id -> !ID.matcher(id).matches()).ifPresent(id -> {
            throw refused("id", id, "lower-case letters, digits and '-', at most 100");
        });
        check("dataset", dataset(), rules);
        fallback().ifPresent(fallback -> check("fallback", fallback, rules));
    }

    private void check(String key, String dataset, Consumer<RunOrder> rules) {
        try {
            rules.accept(order(dataset));
        } catch (RunRefusedException e) {
            throw refused(e.field().equals("dataset") ? key : kebab(e.field()), e.value(), e.remedy());
        }
    }

    private static IllegalArgumentException refused(String key, String value, String remedy) {
        // The size of the drawn set is no value of the run alone.
        String prefix = key.startsWith("strokes.") ? "millrace.dataset." : PREFIX;
        return new IllegalArgumentException(
                prefix + key + "=" + value.replace("\"", "") + " will not do; it must be " + remedy);
    }

    private static String kebab(String field) {
        return field.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /** The order for a data set. */
    RunOrder order(String dataset) {
        return RunOrderReader.read(fields(dataset));
    }

    private Map<String, Object> fields(String dataset) {
        Map<String, Object> fields = new TreeMap<>(Map.of("dataset", dataset, "recipe", config.recipe()));
        if (DatasetCatalog.isDrawn(dataset)) {
            fields.put(
                    "strokes",
                    new TreeMap<>(
                            Map.of("trainSamples", strokes.trainSamples(), "testSamples", strokes.testSamples())));
        }
        config.network().ifPresent(value -> fields.put("network", value));
        config.stem().ifPresent(value -> fields.put("stem", value));
        config.model().ifPresent(value -> fields.put("model", value));
        config.seed().ifPresent(value -> fields.put("seed", value));
        config.shards().ifPresent(value -> fields.put("shards", value));
        config.epochs().ifPresent(value -> fields.put("epochs", value));
        config.batchSize().ifPresent(value -> fields.put("batchSize", value));
        optimization(fields);
        config.shift().ifPresent(value -> fields.put("shift", value));
        config.precision().ifPresent(value -> fields.put("precision", value));
        config.channelsLast().ifPresent(value -> fields.put("channelsLast", value));
        config.checkpointEverySteps().ifPresent(value -> fields.put("checkpointEverySteps", value));
        return fields;
    }

    private void optimization(Map<String, Object> fields) {
        config.momentum().ifPresent(value -> fields.put("momentum", value));
        config.nesterov().ifPresent(value -> fields.put("nesterov", value));
        config.weightDecay().ifPresent(value -> fields.put("weightDecay", value));
        config.schedule().ifPresent(value -> fields.put("schedule", value));
        config.learningRate().ifPresent(value -> fields.put("learningRate", value));
        config.warmupFraction().ifPresent(value -> fields.put("warmupFraction", value));
        config.labelSmoothing().ifPresent(value -> fields.put("labelSmoothing", value));
    }
}
