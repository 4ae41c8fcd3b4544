// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How to train: every hyper-parameter of a run. The named ones lie as JSON files in {@code recipes/}.
 *
 * @param name such as {@code quick}
 * @param description one sentence for people
 * @param epochs passes over the training split, at least 1
 * @param batchSize samples per shard and step, at least 2; the last partial batch of an epoch is dropped
 * @param optimizer SGD with torch's semantics
 * @param schedule learning rate over the steps of the run
 * @param labelSmoothing as in torch's {@code cross_entropy}, 0 to less than 1
 * @param augmentation what is done to training images before they are published
 * @param precision of the convolutions
 * @param channelsLast whether activations lie as NHWC in memory
 * @param checkpointEverySteps steps between checkpoints; 0: only at the end of each epoch
 */
public record Recipe(
        String name,
        String description,
        int epochs,
        int batchSize,
        Optimizer optimizer,
        Schedule schedule,
        double labelSmoothing,
        Augmentation augmentation,
        Precision precision,
        boolean channelsLast,
        int checkpointEverySteps)
        implements ReadStrictly {
    public Recipe {
        Fields.present(name, "recipe.name");
        Fields.range("recipe.epochs", epochs, 1, Fields.MAX_COUNT);
        // BatchNorm has no variance over one image.
        Fields.range("recipe.batchSize", batchSize, 2, Fields.MAX_COUNT);
        Fields.present(optimizer, "recipe.optimizer");
        Fields.present(schedule, "recipe.schedule");
        Fields.fraction("recipe.labelSmoothing", labelSmoothing);
        Fields.present(augmentation, "recipe.augmentation");
        Fields.present(precision, "recipe.precision");
        Fields.range("recipe.checkpointEverySteps", checkpointEverySteps, 0, Fields.MAX_COUNT);
    }

    /** The same with another distance between checkpoints. */
    public Recipe withCheckpointEverySteps(int steps) {
        return new Recipe(
                name,
                description,
                epochs,
                batchSize,
                optimizer,
                schedule,
                labelSmoothing,
                augmentation,
                precision,
                channelsLast,
                steps);
    }

    /**
     * Stochastic gradient descent as <a href="https://pytorch.org/docs/stable/generated/torch.optim.SGD.html">torch.optim.SGD</a>
     * defines it (dampening 0).
     *
     * @param momentum 0 to less than 1
     * @param nesterov whether the look-ahead form is used; needs momentum &gt; 0
     * @param weightDecay added to the gradient as {@code weightDecay * parameter}, for every parameter
     */
    public record Optimizer(double momentum, boolean nesterov, double weightDecay) implements ReadStrictly {
        public Optimizer {
            Fields.fraction("recipe.optimizer.momentum", momentum);
            Fields.require("recipe.optimizer.nesterov", nesterov, !nesterov || momentum > 0, "false without momentum");
            Fields.fraction("recipe.optimizer.weightDecay", weightDecay);
        }
    }

    /**
     * Learning rate over the run.
     *
     * @param kind its shape
     * @param learningRate the constant, or the peak
     * @param warmupFraction part of all steps in which the rate rises linearly from 0 to the peak, 0 to less than 1
     */
    public record Schedule(Kind kind, double learningRate, double warmupFraction) implements ReadStrictly {
        public Schedule {
            Fields.present(kind, "recipe.schedule.kind");
            Fields.require(
                    "recipe.schedule.learningRate",
                    learningRate,
                    learningRate > 0 && Double.isFinite(learningRate),
                    "a number above 0");
            Fields.fraction("recipe.schedule.warmupFraction", warmupFraction);
        }

        /** The shape after the warm-up. */
        public enum Kind {
            @JsonProperty("constant")
            CONSTANT,
            /** Half a cosine down to 0. */
            @JsonProperty("cosine")
            COSINE,
            /** A straight line down to 0. */
            @JsonProperty("one-cycle")
            ONE_CYCLE
        }
    }

    /**
     * Augmentation of training images.
     *
     * @param shift largest random shift in pixels in each direction, by zero padding and cropping; 0: none
     */
    public record Augmentation(int shift) implements ReadStrictly {
        public Augmentation {
            Fields.range("recipe.augmentation.shift", shift, 0, Fields.MAX_COUNT);
        }
    }
}
