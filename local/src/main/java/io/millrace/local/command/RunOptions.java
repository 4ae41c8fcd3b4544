// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.contracts.event.Recipes;
import io.millrace.local.stack.RunOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What to train: options of {@code up}. */
final class RunOptions {
    /** What dataset-service knows; a test holds both together. */
    static final List<String> DATASETS = List.of("mnist", "strokes");

    private static final List<String> PRECISIONS = List.of("auto", "fp32", "bf16");
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
            description = "Of the convolutions; auto takes bf16 where the processor has it")
    private String precision;

    /**
     * The run, everything checked that can be checked here.
     *
     * @throws ParameterException naming the option, its value and what it may be
     */
    RunOrder order(Clock clock) {
        oneOf("--dataset", dataset, DATASETS);
        oneOf("--recipe", recipe, Recipes.NAMES);
        oneOf("--precision", precision, PRECISIONS);
        positive("--epochs", epochs);
        positive("--batch-size", batchSize);
        checkDataDir();
        boolean anyDataset = dataset == null && dataDir == null;
        return new RunOrder(
                recipe + "-" + TIME.format(clock.instant()),
                recipe,
                dataset == null ? DATASETS.get(0) : dataset,
                anyDataset ? Optional.of(DATASETS.get(1)) : Optional.empty(),
                Optional.ofNullable(dataDir),
                Optional.ofNullable(epochs),
                Optional.ofNullable(batchSize),
                Optional.ofNullable(seed),
                Optional.ofNullable(precision));
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

    private void oneOf(String option, String value, List<String> known) {
        if (value != null && !known.contains(value)) {
            throw refused(option, value, "one of " + String.join(", ", known));
        }
    }

    private void positive(String option, Integer value) {
        if (value != null && value < 1) {
            throw refused(option, value, "a whole number from 1");
        }
    }

    private ParameterException refused(String option, Object value, String remedy) {
        return new ParameterException(
                command.commandLine(), option + " " + value + " will not do; it must be " + remedy);
    }
}
