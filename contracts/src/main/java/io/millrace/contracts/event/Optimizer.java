// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;

/**
 * How gradients change parameters, with torch's semantics and defaults. In JSON, {@code kind} says which one it is; an
 * optimizer without it is of before there were kinds, and {@code sgd}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = ByKind.KIND)
@JsonSubTypes({
    @JsonSubTypes.Type(Optimizer.Sgd.class),
    @JsonSubTypes.Type(Optimizer.Adam.class),
    @JsonSubTypes.Type(Optimizer.AdamW.class)
})
public sealed interface Optimizer extends ReadStrictly {
    /** Of parameters whose group says nothing else, 0 to less than 1. */
    Double weightDecay();

    /** Whether the decay holds for BatchNorm's parameters and for biases, too. */
    Boolean decayNormAndBias();

    private static void checkMoments(double beta1, double beta2, double epsilon) {
        Fields.fraction("recipe.optimizer.beta1", beta1);
        Fields.fraction("recipe.optimizer.beta2", beta2);
        Fields.positive("recipe.optimizer.epsilon", epsilon);
    }

    /**
     * Stochastic gradient descent as <a href="https://pytorch.org/docs/stable/generated/torch.optim.SGD.html">torch.optim.SGD</a>
     * defines it (dampening 0).
     *
     * @param momentum 0 to less than 1
     * @param nesterov whether the look-ahead form is used; needs momentum &gt; 0
     * @param weightDecay added to the gradient as {@code weightDecay * parameter}; 0 when absent
     * @param decayNormAndBias true when absent, as in torch
     */
    @JsonTypeName("sgd")
    record Sgd(double momentum, boolean nesterov, Double weightDecay, Boolean decayNormAndBias) implements Optimizer {
        public Sgd {
            weightDecay = Fields.or(weightDecay, 0.0);
            decayNormAndBias = Fields.or(decayNormAndBias, true);
            Fields.fraction("recipe.optimizer.momentum", momentum);
            Fields.require("recipe.optimizer.nesterov", nesterov, !nesterov || momentum > 0, "false without momentum");
            Fields.fraction("recipe.optimizer.weightDecay", weightDecay);
        }

        /** With the decay of every parameter. */
        public Sgd(double momentum, boolean nesterov, double weightDecay) {
            this(momentum, nesterov, weightDecay, true);
        }
    }

    /**
     * Adam as <a href="https://pytorch.org/docs/stable/generated/torch.optim.Adam.html">torch.optim.Adam</a> defines it.
     *
     * @param beta1 of the mean of gradients, 0 to less than 1; 0.9 when absent
     * @param beta2 of the mean of their squares, 0 to less than 1; 0.999 when absent
     * @param epsilon above 0; 1e-8 when absent
     * @param weightDecay added to the gradient as {@code weightDecay * parameter}; 0 when absent
     * @param decayNormAndBias true when absent, as in torch
     */
    @JsonTypeName("adam")
    record Adam(Double beta1, Double beta2, Double epsilon, Double weightDecay, Boolean decayNormAndBias)
            implements Optimizer {
        public Adam {
            beta1 = Fields.or(beta1, 0.9);
            beta2 = Fields.or(beta2, 0.999);
            epsilon = Fields.or(epsilon, 1e-8);
            weightDecay = Fields.or(weightDecay, 0.0);
            decayNormAndBias = Fields.or(decayNormAndBias, true);
            checkMoments(beta1, beta2, epsilon);
            Fields.fraction("recipe.optimizer.weightDecay", weightDecay);
        }
    }

    /**
     * Adam whose decay is taken off the parameters, as <a
     * href="https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html">torch.optim.AdamW</a> defines it.
     *
     * @param beta1 as {@link Adam}'s
     * @param beta2 as {@link Adam}'s
     * @param epsilon as {@link Adam}'s
     * @param weightDecay times the learning rate taken off the parameter; 0.01 when absent
     * @param decayNormAndBias true when absent, as in torch
     */
    @JsonTypeName("adamw")
    record AdamW(Double beta1, Double beta2, Double epsilon, Double weightDecay, Boolean decayNormAndBias)
            implements Optimizer {
        public AdamW {
            beta1 = Fields.or(beta1, 0.9);
            beta2 = Fields.or(beta2, 0.999);
            epsilon = Fields.or(epsilon, 1e-8);
            weightDecay = Fields.or(weightDecay, 0.01);
            decayNormAndBias = Fields.or(decayNormAndBias, true);
            checkMoments(beta1, beta2, epsilon);
            Fields.fraction("recipe.optimizer.weightDecay", weightDecay);
        }
    }
}
