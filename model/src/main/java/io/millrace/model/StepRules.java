// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Recipe;
import io.millrace.model.network.Networks;
import java.util.List;

/** What can be learnt from, and with what: everything is refused here by name and value, before native code sees it. */
record StepRules(Network network, Normalization normalization) {
    /**
     * Refuses what no step can be made of.
     *
     * @throws RefusedRequestException when the network is unknown, or the recipe or normalization cannot be had with it
     */
    static StepRules of(Network network, Normalization normalization, Recipe recipe) {
        try {
            Networks.requireKnown(network);
            requireSane(recipe);
        } catch (IllegalArgumentException e) {
            throw new RefusedRequestException(e.getMessage());
        }
        if (normalization.channels() != network.inputChannels()) {
            throw new RefusedRequestException("the normalization has " + normalization.channels()
                    + " channels, the network takes " + network.inputChannels());
        }
        return new StepRules(network, normalization);
    }

    private static void requireSane(Recipe recipe) {
        Recipe.Optimizer sgd = recipe.optimizer();
        require(sgd.momentum() >= 0 && sgd.momentum() < 1, "momentum", sgd.momentum(), "from 0 to less than 1");
        require(
                sgd.weightDecay() >= 0 && sgd.weightDecay() < 1,
                "weightDecay",
                sgd.weightDecay(),
                "from 0 to less than 1");
        require(!sgd.nesterov() || sgd.momentum() > 0, "momentum", sgd.momentum(), "above 0 with nesterov");
        double smoothing = recipe.labelSmoothing();
        require(smoothing >= 0 && smoothing < 1, "labelSmoothing", smoothing, "from 0 to less than 1");
    }

    private static void require(boolean condition, String name, double value, String range) {
        if (!condition) {
            throw new IllegalArgumentException(name + " should be " + range + ", it is " + value);
        }
    }

    /**
     * Refuses batches that no step can be made of.
     *
     * @throws IllegalArgumentException naming the batch
     */
    void requireFit(List<ImageBatch> shards) {
        if (shards.isEmpty()) {
            throw new IllegalArgumentException("a step needs at least one batch");
        }
        shards.forEach(this::requireFit);
        requireOneForm(shards);
    }

    private void requireFit(ImageBatch batch) {
        if (batch.channels() != network.inputChannels()) {
            throw new IllegalArgumentException("batch " + batch.id() + " has " + batch.channels()
                    + " channels, the network takes " + network.inputChannels());
        }
        if (!batch.normalization().equals(normalization)) {
            throw new IllegalArgumentException("batch " + batch.id() + " is normalized with " + batch.normalization()
                    + ", the run with " + normalization);
        }
        for (int label : batch.labels()) {
            if (label < 0 || label >= network.classes()) {
                throw new IllegalArgumentException("batch " + batch.id() + " has the label " + label
                        + ", the network knows 0 to " + (network.classes() - 1));
            }
        }
    }

    private static void requireOneForm(List<ImageBatch> shards) {
        ImageBatch first = shards.get(0);
        for (ImageBatch shard : shards) {
            if (shard.encoding() != first.encoding()
                    || shard.height() != first.height()
                    || shard.width() != first.width()) {
                throw new IllegalArgumentException("batch " + shard.id() + " is " + form(shard) + ", batch "
                        + first.id() + " of the same step is " + form(first));
            }
        }
        if (shards.stream().mapToInt(ImageBatch::size).sum() < 2) {
            throw new IllegalArgumentException(
                    "the step of batch " + first.id() + " has fewer than 2 images; BatchNorm has no variance over one");
        }
    }

    private static String form(ImageBatch batch) {
        return batch.encoding() + " " + batch.height() + "x" + batch.width();
    }
}
