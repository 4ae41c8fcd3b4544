// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.local.stack.WantedRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
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

    @Mixin
    private RecipeOption recipe;

    @Option(names = "--seed", paramLabel = "N", description = "Of weights, shuffling and augmentation. Default: 1")
    private Long seed;

    @Mixin
    private NetworkOption network;

    @Mixin
    private WeightsOption weights;

    /**
     * The run, everything checked that can be checked here.
     *
     * @throws ParameterException naming the option, its value and what it may be
     */
    WantedRun wanted(Clock clock) {
        checkDataset();
        checkDataDir();
        boolean anyDataset = dataset == null && dataDir == null;
        ObjectNode wanted = recipe.recipe();
        return new WantedRun(
                wanted.get("name").textValue() + "-" + TIME.format(clock.instant()),
                wanted,
                network.network(),
                network.stem(),
                weights.start(network.file()),
                dataset == null ? DATASETS.get(0) : dataset,
                anyDataset ? Optional.of(DATASETS.get(1)) : Optional.empty(),
                Optional.ofNullable(dataDir),
                Optional.ofNullable(seed),
                recipe.configuration());
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
        return new ParameterException(
                command.commandLine(), option + " " + value + " will not do; it must be " + remedy);
    }
}
