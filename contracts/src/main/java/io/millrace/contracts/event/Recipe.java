// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Objects;

/**
 * How to train: every hyper-parameter of a run. The named ones lie as JSON files in {@code recipes/}. Parameters are meant
 * by patterns: a name in which {@code *} stands for anything, such as {@code layer4.*}; or {@value #HEAD}, the last linear
 * layer; or {@value #BACKBONE}, everything else.
 *
 * @param name such as {@code quick}
 * @param description one sentence for people
 * @param epochs passes over the training split, at least 1
 * @param batchSize samples per shard and step, at least 2; the last partial batch of an epoch is dropped
 * @param accumulate in how many equal slices a step's batch goes through the network before its one update, which is made
 *     from the mean over the batch; BatchNorm has the statistics of each slice. 1 when absent
 * @param optimizer how gradients change parameters
 * @param clipNorm the largest norm of all gradients together, above 0; null: any
 * @param groups of parameters that are trained in a way of their own, the first that matches counts; none when absent
 * @param averaging an average of the weights that is kept beside them; null: none
 * @param schedule learning rate over the steps of the run
 * @param labelSmoothing as in torch's {@code cross_entropy}, 0 to less than 1
 * @param augmentation what is done to training images before they are published
 * @param sampling which images an epoch consists of; null: each once
 * @param classWeights how much the images of each class count in the loss; null: each the same
 * @param validation the part of the training split that is kept for validation, 0 to less than 1; when absent,
 *     {@value #USUAL_VALIDATION} where something is decided by it, otherwise 0
 * @param earlyStopping when the run ends before its time; null: never
 * @param freeze what is not trained at first, or at all; null: nothing
 * @param precision of the convolutions
 * @param channelsLast whether activations lie as NHWC in memory
 * @param checkpointEverySteps steps between checkpoints; 0: only at the end of each epoch
 * @param sync how the replicas of a run with several shards keep in step, each of which a worker of its own may have; null:
 *     one worker trains all shards together, step by step
 * @param scaleLearningRate whether the learning rate is taken times the number of shards, as the batch of all of them is;
 *     null: it is not
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Recipe(
        String name,
        String description,
        int epochs,
        int batchSize,
        Integer accumulate,
        Optimizer optimizer,
        Double clipNorm,
        List<Group> groups,
        Averaging averaging,
        Schedule schedule,
        double labelSmoothing,
        Augmentation augmentation,
        Sampling sampling,
        ClassWeights classWeights,
        Double validation,
        EarlyStopping earlyStopping,
        Freeze freeze,
        Precision precision,
        boolean channelsLast,
        int checkpointEverySteps,
        Sync sync,
        Boolean scaleLearningRate)
        implements ReadStrictly {
    /** The last linear layer. */
    public static final String HEAD = "head";

    /** All parameters but the last linear layer's. */
    public static final String BACKBONE = "backbone";

    private static final double USUAL_VALIDATION = 0.1;

    public Recipe {
        Fields.present(name, "recipe.name");
        Fields.range("recipe.epochs", epochs, 1, Fields.MAX_COUNT);
        // BatchNorm has no variance over one image.
        Fields.range("recipe.batchSize", batchSize, 2, Fields.MAX_COUNT);
        accumulate = Fields.or(accumulate, 1);
        Fields.require(
                "recipe.accumulate",
                accumulate,
                accumulate >= 1 && batchSize % accumulate == 0 && batchSize / accumulate >= 2,
                "a whole number from 1 on by which recipe.batchSize, " + batchSize
                        + ", can be divided into slices of at least 2");
        Fields.present(optimizer, "recipe.optimizer");
        if (clipNorm != null) {
            Fields.positive("recipe.clipNorm", clipNorm);
        }
        groups = Fields.or(groups, List.of());
        Fields.require("recipe.groups", groups, groups.stream().allMatch(Objects::nonNull), "a list of objects");
        groups = List.copyOf(groups);
        Fields.present(schedule, "recipe.schedule");
        Fields.fraction("recipe.labelSmoothing", labelSmoothing);
        Fields.present(augmentation, "recipe.augmentation");
        Fields.require(
                "recipe.classWeights",
                "balanced",
                classWeights == null || sampling == null,
                "left out beside sampling balanced, which makes up for the sizes of classes already");
        boolean validated = earlyStopping != null || schedule instanceof Schedule.Plateau;
        validation = Fields.or(validation, validated ? USUAL_VALIDATION : 0.0);
        Fields.fraction("recipe.validation", validation);
        Fields.require(
                "recipe.validation",
                validation,
                validation > 0 || !validated,
                "above 0 with earlyStopping or a plateau schedule, which decide by it");
        if (freeze != null && freeze.untilEpoch() != null) {
            Fields.require(
                    "recipe.freeze.untilEpoch",
                    freeze.untilEpoch(),
                    freeze.untilEpoch() < epochs,
                    "less than the " + epochs + " of recipe.epochs, or left out: never trained");
        }
        Fields.present(precision, "recipe.precision");
        Fields.range("recipe.checkpointEverySteps", checkpointEverySteps, 0, Fields.MAX_COUNT);
        Fields.require(
                "recipe.checkpointEverySteps",
                checkpointEverySteps,
                sync == null || checkpointEverySteps % sync.everySteps() == 0,
                "a multiple of recipe.sync.everySteps" + (sync == null ? "" : ", " + sync.everySteps())
                        + ": a checkpoint is where a round ends. 0 makes one with each epoch");
    }

    /** One that has nothing of what may be absent. */
    public Recipe(
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
            int checkpointEverySteps) {
        this(
                name,
                description,
                epochs,
                batchSize,
                null,
                optimizer,
                null,
                null,
                null,
                schedule,
                labelSmoothing,
                augmentation,
                null,
                null,
                null,
                null,
                null,
                precision,
                channelsLast,
                checkpointEverySteps,
                null,
                null);
    }

    /** The same with another distance between checkpoints. */
    public Recipe withCheckpointEverySteps(int steps) {
        return new Recipe(
                name,
                description,
                epochs,
                batchSize,
                accumulate,
                optimizer,
                clipNorm,
                groups,
                averaging,
                schedule,
                labelSmoothing,
                augmentation,
                sampling,
                classWeights,
                validation,
                earlyStopping,
                freeze,
                precision,
                channelsLast,
                steps,
                sync,
                scaleLearningRate);
    }

    /** By how much the learning rate is taken where a step's batch is that of so many shards. */
    public int rateFactor(int shards) {
        return Boolean.TRUE.equals(scaleLearningRate) ? shards : 1;
    }

    private static void requirePattern(String pattern, String field) {
        Fields.require(
                field,
                Fields.present(pattern, field),
                pattern.matches("[A-Za-z0-9_.*]+"),
                "\"" + BACKBONE + "\", \"" + HEAD + "\", or a parameter's name, in which * stands for anything");
    }

    /**
     * Parameters that are trained in a way of their own.
     *
     * @param pattern which
     * @param rateFactor times the learning rate of the step, from 0 on; 1 when absent
     * @param weightDecay 0 to less than 1; null: as for the others
     * @param frozen whether they stay as they are; false when absent
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Group(String pattern, Double rateFactor, Double weightDecay, Boolean frozen) implements ReadStrictly {
        public Group {
            requirePattern(pattern, "recipe.groups.pattern");
            rateFactor = Fields.or(rateFactor, 1.0);
            Fields.notNegative("recipe.groups.rateFactor", rateFactor);
            if (weightDecay != null) {
                Fields.fraction("recipe.groups.weightDecay", weightDecay);
            }
            frozen = Fields.or(frozen, false);
        }
    }

    /**
     * An exponential moving average of the weights.
     *
     * @param decay part of the average that a step leaves, above 0 and less than 1; 0.999 when absent, as in torch's
     *     {@code get_ema_multi_avg_fn}
     */
    public record Averaging(Double decay) implements ReadStrictly {
        public Averaging {
            decay = Fields.or(decay, 0.999);
            Fields.require("recipe.averaging.decay", decay, decay > 0 && decay < 1, "a number above 0 and less than 1");
        }
    }

    /** Which images an epoch consists of, where it is not each one once. */
    public enum Sampling {
        /** As many as there are, of each class the same number: of small classes images come again, of large ones some not. */
        @JsonProperty("balanced")
        BALANCED
    }

    /** How much the images of each class count in the loss, where not each counts the same. */
    public enum ClassWeights {
        /** Each class the same: N / (K n) for N images in all, K classes, and n images of the class. */
        @JsonProperty("balanced")
        BALANCED
    }

    /**
     * Ends a run that no longer gets better on the validation split.
     *
     * @param metric what should get better; {@code loss} when absent
     * @param patience epochs without an improvement after which it ends, at least 1; 3 when absent
     * @param minDelta by how much the metric has to be better to be an improvement, from 0 on; 0 when absent
     */
    public record EarlyStopping(Metric metric, Integer patience, Double minDelta) implements ReadStrictly {
        public EarlyStopping {
            metric = Fields.or(metric, Metric.LOSS);
            patience = Fields.or(patience, 3);
            minDelta = Fields.or(minDelta, 0.0);
            Fields.range("recipe.earlyStopping.patience", patience, 1, Fields.MAX_COUNT);
            Fields.notNegative("recipe.earlyStopping.minDelta", minDelta);
        }

        /** What is measured on the validation split. */
        public enum Metric {
            /** Cross-entropy; lower is better. */
            @JsonProperty("loss")
            LOSS,
            /** Part of right answers; higher is better. */
            @JsonProperty("accuracy")
            ACCURACY
        }
    }

    /**
     * Parameters that are not trained at first, or at all.
     *
     * @param what patterns, at least one
     * @param untilEpoch in how many epochs from the first on, at least 1; null: in all of them
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Freeze(List<String> what, Integer untilEpoch) implements ReadStrictly {
        public Freeze {
            Fields.require(
                    "recipe.freeze.what",
                    Fields.present(what, "recipe.freeze.what"),
                    !what.isEmpty(),
                    "a list of at least one pattern");
            what.forEach(pattern -> requirePattern(pattern, "recipe.freeze.what"));
            what = List.copyOf(what);
            if (untilEpoch != null) {
                Fields.range("recipe.freeze.untilEpoch", untilEpoch, 1, Fields.MAX_COUNT);
            }
        }
    }
}
