// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.List;
import java.util.Objects;

/**
 * Learning rate over the steps of a run; in JSON, {@code kind} says which shape it has. Where there is a
 * {@code warmupFraction}, the rate first rises on a straight line from 0 for that part of all steps, 0 to less than 1.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = ByKind.KIND)
@JsonSubTypes({
    @JsonSubTypes.Type(Schedule.Constant.class),
    @JsonSubTypes.Type(Schedule.Step.class),
    @JsonSubTypes.Type(Schedule.MultiStep.class),
    @JsonSubTypes.Type(Schedule.Exponential.class),
    @JsonSubTypes.Type(Schedule.Cosine.class),
    @JsonSubTypes.Type(Schedule.OneCycle.class),
    @JsonSubTypes.Type(Schedule.Triangle.class),
    @JsonSubTypes.Type(Schedule.Linear.class),
    @JsonSubTypes.Type(Schedule.Plateau.class)
})
public sealed interface Schedule extends ReadStrictly {
    /** The rate before anything is taken off it, or the peak; above 0. */
    double learningRate();

    /** The part of all steps in which the rate rises to the peak. */
    default double warmupFraction() {
        return 0;
    }

    /** In how many of a run's steps the rate rises to the peak; at least one step has the peak. */
    default long warmupSteps(long steps) {
        return Math.min(steps - 1, Math.round(warmupFraction() * steps));
    }

    /**
     * Whether it spans the steps that were asked for at a time, so that it begins again with epochs that are added later, as in
     * <a href="https://arxiv.org/abs/1608.03983">SGDR</a>; those that count steps or epochs go on.
     */
    default boolean restarts() {
        return false;
    }

    private static void check(double learningRate, double warmupFraction) {
        Fields.positive("recipe.schedule.learningRate", learningRate);
        Fields.fraction("recipe.schedule.warmupFraction", warmupFraction);
    }

    /** Always the same. */
    @JsonTypeName("constant")
    record Constant(double learningRate, double warmupFraction) implements Schedule {
        public Constant {
            check(learningRate, warmupFraction);
        }
    }

    /**
     * Times a factor every so often, as <a
     * href="https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html">StepLR</a>. Of the two distances
     * one is given.
     *
     * @param everySteps at least 1
     * @param everyEpochs at least 1
     * @param factor above 0; 0.1 when absent
     */
    @JsonTypeName("step")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Step(double learningRate, double warmupFraction, Integer everySteps, Integer everyEpochs, Double factor)
            implements Schedule {
        public Step {
            check(learningRate, warmupFraction);
            factor = Fields.or(factor, 0.1);
            Fields.positive("recipe.schedule.factor", factor);
            Fields.require(
                    "recipe.schedule.everyEpochs",
                    everyEpochs,
                    everyEpochs == null != (everySteps == null),
                    everySteps == null ? "given, or everySteps" : "left out beside everySteps");
            Fields.range("recipe.schedule.everySteps", Fields.or(everySteps, 1), 1, Fields.MAX_COUNT);
            Fields.range("recipe.schedule.everyEpochs", Fields.or(everyEpochs, 1), 1, Fields.MAX_COUNT);
        }
    }

    /**
     * Times a factor after certain epochs, as <a
     * href="https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html">MultiStepLR</a>.
     *
     * @param atEpochs after how many epochs, each at least 1 and above the one before it
     * @param factor above 0; 0.1 when absent
     */
    @JsonTypeName("multi-step")
    record MultiStep(double learningRate, double warmupFraction, List<Integer> atEpochs, Double factor)
            implements Schedule {
        public MultiStep {
            check(learningRate, warmupFraction);
            factor = Fields.or(factor, 0.1);
            Fields.positive("recipe.schedule.factor", factor);
            Fields.require(
                    "recipe.schedule.atEpochs",
                    Fields.present(atEpochs, "recipe.schedule.atEpochs"),
                    !atEpochs.isEmpty() && rise(atEpochs),
                    "a list of whole numbers from 1 on, each above the one before it");
            atEpochs = List.copyOf(atEpochs);
        }

        private static boolean rise(List<Integer> epochs) {
            int last = 0;
            for (Integer epoch : epochs) {
                if (Objects.isNull(epoch) || epoch <= last) {
                    return false;
                }
                last = epoch;
            }
            return true;
        }
    }

    /**
     * Times a factor after each epoch, as <a
     * href="https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html">ExponentialLR</a>.
     *
     * @param factor above 0
     */
    @JsonTypeName("exponential")
    record Exponential(double learningRate, double warmupFraction, Double factor) implements Schedule {
        public Exponential {
            check(learningRate, warmupFraction);
            Fields.positive("recipe.schedule.factor", Fields.present(factor, "recipe.schedule.factor"));
        }
    }

    /**
     * After the warm-up half a cosine, as <a
     * href="https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html">CosineAnnealingLR</a>
     * over the steps that are left.
     *
     * @param minimum where it would arrive at the end of the run, from 0 to the learning rate; 0 when absent
     */
    @JsonTypeName("cosine")
    record Cosine(double learningRate, double warmupFraction, Double minimum) implements Schedule {
        public Cosine {
            check(learningRate, warmupFraction);
            minimum = Fields.or(minimum, 0.0);
            Fields.require(
                    "recipe.schedule.minimum",
                    minimum,
                    minimum >= 0 && minimum <= learningRate,
                    "a number from 0 to the learning rate, " + learningRate);
        }

        @Override
        public boolean restarts() {
            return true;
        }
    }

    /**
     * <a href="https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html">OneCycleLR</a> over all
     * steps, with {@code cycle_momentum=False}: momentum stays what the optimizer says.
     *
     * @param learningRate torch's {@code max_lr}
     * @param pctStart the part of all steps in which the rate rises, above 0 and less than 1; 0.3 when absent
     * @param anneal {@code cos} when absent
     * @param divFactor the first rate is the peak divided by it; above 0; 25 when absent
     * @param finalDivFactor the last rate is the first divided by it; above 0; 1e4 when absent
     * @param threePhase whether the rate falls to the first one in as many steps as it rose, and then to the last one;
     *     false when absent
     */
    @JsonTypeName("one-cycle")
    record OneCycle(
            double learningRate,
            Double pctStart,
            Anneal anneal,
            Double divFactor,
            Double finalDivFactor,
            Boolean threePhase)
            implements Schedule {
        public OneCycle {
            check(learningRate, 0);
            pctStart = Fields.or(pctStart, 0.3);
            anneal = Fields.or(anneal, Anneal.COS);
            divFactor = Fields.or(divFactor, 25.0);
            finalDivFactor = Fields.or(finalDivFactor, 1e4);
            threePhase = Fields.or(threePhase, false);
            double most = threePhase ? 0.5 : 1;
            Fields.require(
                    "recipe.schedule.pctStart",
                    pctStart,
                    pctStart > 0 && pctStart < most,
                    "a number above 0 and less than " + (threePhase ? "0.5 with three phases" : "1"));
            Fields.positive("recipe.schedule.divFactor", divFactor);
            Fields.positive("recipe.schedule.finalDivFactor", finalDivFactor);
        }

        @Override
        public boolean restarts() {
            return true;
        }

        @Override
        public double warmupFraction() {
            return pctStart;
        }
    }

    /** How a rate goes from one value to another. */
    enum Anneal {
        @JsonProperty("cos")
        COS,
        @JsonProperty("linear")
        LINEAR
    }

    /** After the warm-up a straight line down to what would be 0 at the end of the run. */
    @JsonTypeName("triangle")
    record Triangle(double learningRate, double warmupFraction) implements Schedule {
        public Triangle {
            check(learningRate, warmupFraction);
        }

        @Override
        public boolean restarts() {
            return true;
        }
    }

    /**
     * From one part of the rate to another on a straight line, and then that, as <a
     * href="https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html">LinearLR</a>.
     *
     * @param startFactor of the first step, above 0 and at most 1; 1/3 when absent
     * @param endFactor from step {@code steps} on, 0 to 1; 1 when absent
     * @param steps torch's {@code total_iters}, at least 1; 5 when absent
     */
    @JsonTypeName("linear")
    record Linear(double learningRate, Double startFactor, Double endFactor, Integer steps) implements Schedule {
        public Linear {
            check(learningRate, 0);
            startFactor = Fields.or(startFactor, 1.0 / 3);
            endFactor = Fields.or(endFactor, 1.0);
            steps = Fields.or(steps, 5);
            Fields.require(
                    "recipe.schedule.startFactor",
                    startFactor,
                    startFactor > 0 && startFactor <= 1,
                    "a number above 0, at most 1");
            Fields.require(
                    "recipe.schedule.endFactor", endFactor, endFactor >= 0 && endFactor <= 1, "a number from 0 to 1");
            Fields.range("recipe.schedule.steps", steps, 1, Fields.MAX_COUNT);
        }

        @Override
        public boolean restarts() {
            return true;
        }

        @Override
        public long warmupSteps(long all) {
            return endFactor > startFactor ? Math.min(all - 1, steps) : 0;
        }
    }

    /**
     * Times a factor when the loss over the validation split no longer falls, as <a
     * href="https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html">ReduceLROnPlateau</a>
     * with {@code mode="min"}.
     *
     * @param factor above 0 and less than 1; 0.1 when absent
     * @param patience validations without an improvement that are let pass, from 0 on; 10 when absent
     * @param threshold by how much the loss has to be lower to be an improvement, from 0 on; 1e-4 when absent
     * @param thresholdMode whether that is a part of the best loss or a difference; {@code rel} when absent
     * @param cooldown validations after a reduction that do not count, from 0 on; 0 when absent
     * @param minimum the rate does not fall below it, from 0 to the learning rate; 0 when absent
     * @param epsilon a smaller reduction is not made, from 0 on; 1e-8 when absent
     */
    @JsonTypeName("plateau")
    record Plateau(
            double learningRate,
            double warmupFraction,
            Double factor,
            Integer patience,
            Double threshold,
            ThresholdMode thresholdMode,
            Integer cooldown,
            Double minimum,
            Double epsilon)
            implements Schedule {
        public Plateau {
            check(learningRate, warmupFraction);
            factor = Fields.or(factor, 0.1);
            patience = Fields.or(patience, 10);
            threshold = Fields.or(threshold, 1e-4);
            thresholdMode = Fields.or(thresholdMode, ThresholdMode.REL);
            cooldown = Fields.or(cooldown, 0);
            minimum = Fields.or(minimum, 0.0);
            epsilon = Fields.or(epsilon, 1e-8);
            Fields.require(
                    "recipe.schedule.factor", factor, factor > 0 && factor < 1, "a number above 0 and less than 1");
            Fields.range("recipe.schedule.patience", patience, 0, Fields.MAX_COUNT);
            Fields.notNegative("recipe.schedule.threshold", threshold);
            Fields.range("recipe.schedule.cooldown", cooldown, 0, Fields.MAX_COUNT);
            Fields.require(
                    "recipe.schedule.minimum",
                    minimum,
                    minimum >= 0 && minimum <= learningRate,
                    "a number from 0 to the learning rate, " + learningRate);
            Fields.notNegative("recipe.schedule.epsilon", epsilon);
        }
    }

    /** What a threshold is compared with. */
    enum ThresholdMode {
        @JsonProperty("rel")
        REL,
        @JsonProperty("abs")
        ABS
    }
}
