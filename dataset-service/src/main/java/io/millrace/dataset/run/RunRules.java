// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipe.Augmentation;
import io.millrace.contracts.event.Recipe.Optimizer;
import io.millrace.contracts.event.Recipe.Schedule;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.source.DatasetCatalog;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;

/** From an order to a run: fills in what is missing and refuses what will not do. Stateless. */
final class RunRules {
    /** The networks that there are. */
    static final List<String> NETWORKS = List.of("resnet18");

    private static final String DEFAULT_DATASET = "mnist";
    private static final int MAX_SHARDS = 64;
    private static final int MAX_SAMPLES = 2_000_000;
    /** Ids hold epoch and index in nine digits. */
    private static final int MAX_COUNT = 999_999_999;
    /** Room in a record for key, headers, labels and the header of the safetensors. */
    private static final int RECORD_OVERHEAD = 64 * 1024;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    private RunRules() {}

    /** The data set that an order asks for. */
    static String dataset(RunOrder order) {
        return or(order.dataset(), DEFAULT_DATASET);
    }

    /**
     * Checks everything that does not depend on the data.
     *
     * @return the recipe with all overrides
     * @throws RunRefusedException naming field, value and remedy
     */
    static Recipe check(RunOrder order) {
        require(
                "dataset",
                dataset(order),
                DatasetCatalog.NAMES.contains(dataset(order)),
                "one of " + list(DatasetCatalog.NAMES));
        require(
                "network",
                order.network(),
                NETWORKS.contains(or(order.network(), "resnet18")),
                "one of " + list(NETWORKS));
        require(
                "model",
                order.model(),
                NAME.matcher(or(order.model(), DEFAULT_DATASET)).matches(),
                "letters, digits, '.', '_' and '-', at most 64");
        range("shards", or(order.shards(), 1), 1, MAX_SHARDS);
        strokes(order);
        Recipe recipe = recipe(order);
        numbers(recipe);
        return recipe;
    }

    private static void strokes(RunOrder order) {
        if (order.strokes() == null) {
            return;
        }
        require(
                "strokes",
                "given",
                DatasetCatalog.isDrawn(dataset(order)),
                "left out for the data set " + dataset(order));
        range("strokes.trainSamples", or(order.strokes().trainSamples(), 1), 1, MAX_SAMPLES);
        range("strokes.testSamples", or(order.strokes().testSamples(), 1), 1, MAX_SAMPLES);
    }

    /**
     * Checks that a drawn set has room in memory.
     *
     * @param size of the set, nothing missing
     * @param most samples of both splits together
     * @throws RunRefusedException naming field, value and what fits
     */
    static void fits(RunOrder.StrokesSize size, int most) {
        String why = " samples of both splits together have room in the service's memory";
        require(
                "strokes.testSamples",
                size.testSamples(),
                size.testSamples() < most,
                "less than " + most + ": " + most + why);
        int train = most - size.testSamples();
        require(
                "strokes.trainSamples",
                size.trainSamples(),
                size.trainSamples() <= train,
                "at most " + train + " beside " + size.testSamples() + " test samples: " + most + why);
    }

    private static Recipe recipe(RunOrder order) {
        String name = or(order.recipe(), Recipes.NAMES.get(0));
        require("recipe", name, Recipes.NAMES.contains(name), "one of " + list(Recipes.NAMES));
        Recipe base = Recipes.named(name);
        range("epochs", or(order.epochs(), base.epochs()), 1, MAX_COUNT);
        // BatchNorm has no variance over one image.
        range("batchSize", or(order.batchSize(), base.batchSize()), 2, MAX_COUNT);
        range("shift", or(order.shift(), base.augmentation().shift()), 0, MAX_COUNT);
        range("checkpointEverySteps", or(order.checkpointEverySteps(), base.checkpointEverySteps()), 0, MAX_COUNT);
        return merged(order, base);
    }

    private static Recipe merged(RunOrder order, Recipe base) {
        return new Recipe(
                base.name(),
                base.description(),
                or(order.epochs(), base.epochs()),
                or(order.batchSize(), base.batchSize()),
                new Optimizer(
                        or(order.momentum(), base.optimizer().momentum()),
                        or(order.nesterov(), base.optimizer().nesterov()),
                        or(order.weightDecay(), base.optimizer().weightDecay())),
                new Schedule(
                        or(order.schedule(), base.schedule().kind()),
                        or(order.learningRate(), base.schedule().learningRate()),
                        or(order.warmupFraction(), base.schedule().warmupFraction())),
                or(order.labelSmoothing(), base.labelSmoothing()),
                new Augmentation(or(order.shift(), base.augmentation().shift())),
                or(order.precision(), base.precision()),
                or(order.channelsLast(), base.channelsLast()),
                or(order.checkpointEverySteps(), base.checkpointEverySteps()));
    }

    private static void numbers(Recipe recipe) {
        Optimizer optimizer = recipe.optimizer();
        double rate = recipe.schedule().learningRate();
        require("learningRate", rate, rate > 0 && Double.isFinite(rate), "a number above 0");
        fraction("warmupFraction", recipe.schedule().warmupFraction());
        fraction("labelSmoothing", recipe.labelSmoothing());
        fraction("momentum", optimizer.momentum());
        require(
                "nesterov",
                optimizer.nesterov(),
                !optimizer.nesterov() || optimizer.momentum() > 0,
                "false without momentum");
        require(
                "weightDecay",
                optimizer.weightDecay(),
                optimizer.weightDecay() >= 0 && Double.isFinite(optimizer.weightDecay()),
                "a number from 0");
    }

    /**
     * The run itself.
     *
     * @param runId its id
     * @param order what was asked for
     * @param recipe as {@link #check} gave it
     * @param data the data set
     * @param encoding how batches will be written
     * @throws RunRefusedException when order and data do not fit each other
     */
    static RunSpec spec(String runId, RunOrder order, Recipe recipe, Dataset data, Encoding encoding) {
        int shards = or(order.shards(), 1);
        range("shards", shards, 1, Math.min(MAX_SHARDS, data.trainSamples()));
        int most = data.trainSamples() / shards;
        require(
                "batchSize",
                recipe.batchSize(),
                recipe.batchSize() <= most,
                "at most " + most + ": " + data.name() + " has " + data.trainSamples() + " training samples for "
                        + shards + (shards == 1 ? " shard" : " shards"));
        long imageBytes = (long) data.channels() * data.height() * data.width() * encoding.bytes();
        long fits = (Topic.MAX_RECORD_BYTES - RECORD_OVERHEAD) / (imageBytes + Long.BYTES);
        require(
                "batchSize",
                recipe.batchSize(),
                recipe.batchSize() <= fits,
                "at most " + fits + ": a batch has to fit into one record of " + Topic.MAX_RECORD_BYTES + " bytes");
        range("shift", recipe.augmentation().shift(), 0, Math.min(data.height(), data.width()) - 1);
        // The imagenet stem reaches 99.2 % on 28x28 grey digits in one epoch; finer ones cost more and were not needed.
        Network network = new Network(
                or(order.network(), "resnet18"),
                or(order.stem(), Network.Stem.IMAGENET),
                data.channels(),
                data.classes().size());
        return new RunSpec(
                runId,
                Instant.ofEpochMilli(System.currentTimeMillis()),
                or(order.model(), data.name()),
                data,
                network,
                recipe,
                shards,
                or(order.seed(), 1L),
                data.trainSamples() / (recipe.batchSize() * shards),
                encoding);
    }

    private static void fraction(String field, double value) {
        require(field, value, value >= 0 && value < 1, "a number from 0 to less than 1");
    }

    private static void range(String field, int value, int low, int high) {
        require(field, value, value >= low && value <= high, "a whole number from " + low + " to " + high);
    }

    private static void require(String field, Object value, boolean holds, String remedy) {
        if (!holds) {
            throw RunRefusedException.field(field, value instanceof String ? "\"" + value + "\"" : value, remedy);
        }
    }

    private static String list(List<String> names) {
        return String.join(", ", names);
    }

    private static <T> T or(T given, T otherwise) {
        return given == null ? otherwise : given;
    }
}
