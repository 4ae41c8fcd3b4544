// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.local.stack.WantedRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What to train: options of {@code up}. */
final class RunOptions {
    /** What dataset-service knows; a test holds both together. */
    static final List<String> DATASETS = List.of("mnist", "strokes");

    /** Members of a recipe that have an option of their own. */
    private static final Map<String, String> OPTIONS = Map.of(
            "recipe", "--recipe",
            "recipe.epochs", "--epochs",
            "recipe.batchSize", "--batch-size",
            "recipe.precision", "--precision");

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--dataset",
            paramLabel = "mnist|strokes",
            description =
                    "What to learn. Without it: mnist, or, where that cannot be had, strokes (digits drawn on this "
                            + "machine)")
    private String dataset;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "MNIST's four files, gzipped or not; without it they are downloaded")
    private Path dataDir;

    @Option(
            names = "--recipe",
            paramLabel = "NAME",
            defaultValue = "quick",
            description = "How to learn it: quick (1 epoch), accurate (10 epochs, augmentation), textbook (10 epochs, "
                    + "constant rate, fp32). Default: ${DEFAULT-VALUE}")
    private String recipe;

    @Option(names = "--epochs", paramLabel = "N", description = "Replaces the recipe's number of epochs")
    private Integer epochs;

    @Option(names = "--batch-size", paramLabel = "N", description = "Replaces the recipe's batch size")
    private Integer batchSize;

    @Option(names = "--seed", paramLabel = "N", description = "Of weights, shuffling and augmentation. Default: 1")
    private Long seed;

    @Option(
            names = "--precision",
            paramLabel = "auto|fp32|bf16",
            description = "Of the convolutions; auto takes the faster one of this machine")
    private String precision;

    @Mixin
    private NetworkOption network;

    @Mixin
    private SetOption set;

    /**
     * The run, everything checked that can be checked here.
     *
     * @throws ParameterException naming the option, its value and what it may be
     */
    WantedRun wanted(Clock clock) {
        checkDataset();
        checkDataDir();
        boolean anyDataset = dataset == null && dataDir == null;
        return new WantedRun(
                recipe + "-" + TIME.format(clock.instant()),
                recipe(),
                network.network(),
                network.stem(),
                dataset == null ? DATASETS.get(0) : dataset,
                anyDataset ? Optional.of(DATASETS.get(1)) : Optional.empty(),
                Optional.ofNullable(dataDir),
                Optional.ofNullable(seed),
                set.configuration());
    }

    private ObjectNode recipe() {
        ObjectNode sparse = JsonNodeFactory.instance.objectNode().put("name", recipe);
        if (epochs != null) {
            sparse.put("epochs", epochs);
        }
        if (batchSize != null) {
            sparse.put("batchSize", batchSize);
        }
        if (precision != null) {
            sparse.put("precision", precision);
        }
        set.into(sparse);
        try {
            Recipes.of(sparse);
            return sparse;
        } catch (RefusedFieldException e) {
            String option = OPTIONS.getOrDefault(e.field(), "--set " + e.field().replaceFirst("^recipe\\.", ""));
            throw refused(option, e.value(), e.remedy());
        }
    }

    private void checkDataset() {
        if (dataset != null && !DATASETS.contains(dataset)) {
            throw refused("--dataset", dataset, "one of " + String.join(", ", DATASETS));
        }
    }

    private void checkDataDir() {
        if (dataDir == null) {
            return;
        }
        if ("strokes".equals(dataset)) {
            throw refused("--data-dir", dataDir, "left out: the data set strokes has no files");
        }
        if (!Files.isDirectory(dataDir) || !Files.isReadable(dataDir)) {
            throw refused("--data-dir", dataDir, "a directory that exists and can be read");
        }
    }

    private ParameterException refused(String option, Object value, String remedy) {
        String separator = option.contains(" ") ? "=" : " ";
        return new ParameterException(
                command.commandLine(), option + separator + plain(value) + " will not do; it must be " + remedy);
    }

    /** As it was typed: text without the quotes of JSON. */
    private static Object plain(Object value) {
        return value instanceof JsonNode json && json.isTextual() ? json.textValue() : value;
    }
}
