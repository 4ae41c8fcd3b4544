// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How the replicas of a run keep in step, one of them for each shard: they train apart for a round of steps, then share what
 * they learnt. Where a round is to have one step, by everySteps or fromStep, gradients are shared, else what became of the
 * weights. Where a run has one shard, nothing is shared and none of this matters.
 *
 * @param everySteps steps of a round, at least 1; {@value #USUAL_STEPS} when absent. An epoch's last round may be shorter
 * @param fromStep steps from the run's first on that are rounds of their own, from 0; 0 when absent
 * @param outer what is made of the mean of a longer round; it alone when absent
 * @param encoding of what became of the weights while it travels; bf16 when absent
 */
public record Sync(Integer everySteps, Integer fromStep, Outer outer, Encoding encoding) implements ReadStrictly {
    /** Steps of a round where nobody says otherwise. */
    public static final int USUAL_STEPS = 16;

    public Sync {
        everySteps = Fields.or(everySteps, USUAL_STEPS);
        Fields.range("recipe.sync.everySteps", everySteps, 1, Fields.MAX_COUNT);
        fromStep = Fields.or(fromStep, 0);
        Fields.range("recipe.sync.fromStep", fromStep, 0, Fields.MAX_COUNT);
        outer = Fields.or(outer, new Outer(null, null));
        encoding = Fields.or(encoding, Encoding.BF16);
    }

    /** Rounds of so many steps, everything else as usual. */
    public static Sync every(int steps) {
        return new Sync(steps, null, null, null);
    }

    /**
     * The outer step, SlowMo's: {@code v ← momentum·v + Δ}, {@code θ ← θ − rate·(Δ + momentum·v)} for the mean Δ of what the
     * replicas took off the parameters θ.
     *
     * @param rate above 0; 1 when absent
     * @param momentum from 0 to less than 1; 0 when absent
     */
    public record Outer(Double rate, Double momentum) implements ReadStrictly {
        public Outer {
            rate = Fields.or(rate, 1.0);
            Fields.positive("recipe.sync.outer.rate", rate);
            momentum = Fields.or(momentum, 0.0);
            Fields.fraction("recipe.sync.outer.momentum", momentum);
        }
    }

    /** Number formats of what travels. */
    public enum Encoding {
        @JsonProperty("fp32")
        FP32,
        @JsonProperty("bf16")
        BF16
    }
}
