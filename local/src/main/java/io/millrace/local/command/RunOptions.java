// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.event.Sync;
import io.millrace.local.stack.WantedRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What to train: options of {@code up} and {@code start}. */
final class RunOptions {
    /** What dataset-service knows; a test holds both together. */
    static final List<String> DATASETS =
            List.of("mnist", "fashion-mnist", "kmnist", "cifar10", "cifar100", "strokes", "folder");

    /** As many as dataset-service takes. */
    private static final int MOST_SHARDS = 64;

    /** Whatever lies in the data directory. */
    private static final String FOLDER = "folder";

    private static final String STROKES = "strokes";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--dataset",
            paramLabel = "NAME",
            description =
                    "What to learn: mnist, fashion-mnist, kmnist, cifar10, cifar100, strokes, or folder: what lies in "
                            + "--data-dir. Without it and --data-dir: mnist, or, where that cannot be had, strokes (digits drawn on "
                            + "this machine)")
    private String dataset;

    @Option(
            names = "--data-dir",
            paramLabel = "PLACE",
            description =
                    "Your own pictures: a directory, zip or tar with a folder for each class; or the files of the data "
                            + "set, which are downloaded otherwise. It is found out what it is")
    private Path dataDir;

    @Option(
            names = "--size",
            paramLabel = "HxW",
            description =
                    "What your own pictures are made, such as 64x64. Without it: their own size where all have one of at "
                            + "most 64x64, else 224x224")
    private String size;

    @Mixin
    private RecipeOption recipe;

    @Option(
            names = "--shards",
            paramLabel = "W",
            description = "Parts of each step, at most " + MOST_SHARDS
                    + ", each with a batch of its own: as many workers as there "
                    + "are shards can train the run together, in rounds. How many do decides no weight. Default: 1")
    private Integer shards;

    @Option(
            names = "--sync-every",
            paramLabel = "H",
            description =
                    "Steps that each of several shards is trained by itself before all share what they learnt; 1: the "
                            + "gradient of each step. Default: that of the recipe, or " + Sync.USUAL_STEPS)
    private Integer syncEvery;

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
        checkShards();
        boolean anyDataset = dataset == null && dataDir == null;
        ObjectNode wanted = recipe.recipe(shards != null && shards > 1, syncEvery);
        return new WantedRun(
                wanted.get("name").textValue() + "-" + TIME.format(clock.instant()),
                wanted,
                network.network(),
                network.stem(),
                weights.start(network.file()),
                dataset == null ? anyDataset ? DATASETS.get(0) : FOLDER : dataset,
                anyDataset ? Optional.of(STROKES) : Optional.empty(),
                Optional.ofNullable(dataDir),
                Optional.ofNullable(seed),
                Optional.ofNullable(shards),
                settings());
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        if (size != null) {
            settings.put("millrace.dataset.image-size", size);
        }
        settings.putAll(recipe.configuration());
        return settings;
    }

    private void checkDataset() {
        if (dataset != null && !DATASETS.contains(dataset)) {
            throw refused("--dataset", dataset, "one of " + String.join(", ", DATASETS));
        }
    }

    private void checkShards() {
        if (shards != null && (shards < 1 || shards > MOST_SHARDS)) {
            throw refused("--shards", shards, "a whole number from 1 to " + MOST_SHARDS);
        }
        if (syncEvery != null && (shards == null || shards == 1)) {
            throw refused(
                    "--sync-every", syncEvery, "given with --shards W, above 1: only several shards are trained apart");
        }
    }

    private void checkDataDir() {
        if (size != null && !size.matches("[1-9][0-9]{0,2}x[1-9][0-9]{0,2}")) {
            throw refused("--size", size, "height and width in pixels, such as 64x64");
        }
        if (FOLDER.equals(dataset) && dataDir == null) {
            throw refused("--dataset", dataset, "given with --data-dir, a directory, zip or tar of pictures");
        }
        if (dataDir == null) {
            return;
        }
        if (STROKES.equals(dataset)) {
            throw refused("--data-dir", dataDir, "left out: the data set strokes has no files");
        }
        if (!Files.isReadable(dataDir) || !Files.isDirectory(dataDir) && !Files.isRegularFile(dataDir)) {
            throw refused("--data-dir", dataDir, "a directory that exists and can be read, or a zip or tar");
        }
    }

    private ParameterException refused(String option, Object value, String remedy) {
        return new ParameterException(
                command.commandLine(), option + " " + value + " will not do; it must be " + remedy);
    }
}
