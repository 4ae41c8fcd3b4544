// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Network;
import io.millrace.model.graph.Graph;
import io.millrace.model.network.Networks;
import java.util.List;

/** What can be learnt from, and with what: everything is refused here by name and value, before native code sees it. */
record StepRules(Network network, Normalization normalization, int height, int width) {
    /**
     * Refuses what no step can be made of.
     *
     * @throws RefusedRequestException when the network is unknown, or the images or the normalization cannot be had with it
     */
    static StepRules of(Network network, Normalization normalization, int height, int width) {
        try {
            Graph.of(Networks.describe(network), height, width);
        } catch (IllegalArgumentException e) {
            throw new RefusedRequestException(e.getMessage());
        }
        if (normalization.channels() != network.inputChannels()) {
            throw new RefusedRequestException("the normalization has " + normalization.channels()
                    + " channels, the network takes " + network.inputChannels());
        }
        return new StepRules(network, normalization, height, width);
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
        if (batch.height() != height || batch.width() != width) {
            throw new IllegalArgumentException("batch " + batch.id() + " has images of " + batch.height() + "x"
                    + batch.width() + ", the network was made for " + height + "x" + width);
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
