// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

import io.millrace.contracts.delta.Delta;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Sync;
import io.millrace.model.Learner;
import io.millrace.model.StateVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What becomes of the replicas of a run at the end of a round. Sums go from replica 0 to the last in float32, the dead taps'
 * in float64, and Java rounds each operation: so they have the same bits on every machine. With means over the replicas,
 *
 * <pre>{@code
 * Δ = mean(θ − θk)      u' = mean(uk)      b' = mean(bk)
 * v' = β·v + Δ          θ' = θ − α·(Δ + β·v')
 * }</pre>
 *
 * for parameters θ, buffers of the optimizer u (an average of the weights is one), BatchNorm's statistics b and the outer
 * step's velocity v. After Wang et al., SlowMo, <a href="https://arxiv.org/abs/1910.00643">arXiv:1910.00643</a>, in
 * Nesterov's form as in DiLoCo, <a href="https://arxiv.org/abs/2311.08105">arXiv:2311.08105</a>. Stateless.
 */
public final class RoundRule {
    private RoundRule() {}

    /**
     * The end of any round.
     *
     * @param run whose rounds they are
     * @param learner to make the update with where gradients are shared; where it stands afterwards means nothing
     * @param before where all stood
     * @param deltas of all replicas, in their order
     * @param rate learning rate where gradients are shared
     */
    public static Shared end(RunSpec run, Learner learner, Shared before, List<Delta> deltas, double rate) {
        if (!RoundPlan.of(run).sharesGradients(deltas.get(0).from())) {
            return after(before, deltas, run.recipe().sync().outer());
        }
        learner.assign(before.vector());
        gradient(deltas).ifPresent(gradient -> learner.update(gradient, rate));
        StateVector now = learner.vector();
        return new Shared(
                new StateVector(now.parameters(), now.buffers(), statistics(deltas), now.dead(), now.updates()),
                before.velocity(),
                before.deadVelocity());
    }

    /**
     * After a round in which no gradients are shared.
     *
     * @param before where all stood
     * @param deltas of all replicas, in their order
     */
    static Shared after(Shared before, List<Delta> deltas, Sync.Outer outer) {
        StateVector vector = before.vector();
        float[] delta = mean(deltas, Delta::parameters);
        float[] velocity = before.velocity().clone();
        float rate = outer.rate().floatValue();
        float momentum = outer.momentum().floatValue();
        float[] parameters = new float[delta.length];
        for (int i = 0; i < delta.length; i++) {
            float step = delta[i];
            if (velocity.length > 0) {
                velocity[i] = momentum * velocity[i] + step;
                step = step + momentum * velocity[i];
            }
            parameters[i] = vector.parameters()[i] - rate * step;
        }
        List<float[]> buffers = new ArrayList<>();
        for (int k = 0; k < vector.buffers().size(); k++) {
            int buffer = k;
            buffers.add(mean(deltas, each -> each.buffers().get(buffer)));
        }
        double[] deadVelocity = before.deadVelocity().clone();
        double[] dead = dead(before, deltas, outer, deadVelocity);
        long updates = deltas.stream().mapToLong(Delta::updates).max().orElseThrow();
        return new Shared(
                new StateVector(parameters, buffers, mean(deltas, Delta::statistics), dead, updates),
                velocity,
                deadVelocity);
    }

    /** The mean of the gradients of a round that shares them, of those replicas that had a batch; empty when none had. */
    static Optional<float[]> gradient(List<Delta> deltas) {
        List<Delta> trained =
                deltas.stream().filter(delta -> delta.samples() > 0).toList();
        return trained.isEmpty() ? Optional.empty() : Optional.of(mean(trained, Delta::parameters));
    }

    /** The mean of BatchNorm's statistics. */
    static float[] statistics(List<Delta> deltas) {
        return mean(deltas, Delta::statistics);
    }

    private static float[] mean(List<Delta> deltas, Function<Delta, float[]> of) {
        float[] mean = of.apply(deltas.get(0)).clone();
        for (Delta delta : deltas.subList(1, deltas.size())) {
            float[] values = of.apply(delta);
            for (int i = 0; i < mean.length; i++) {
                mean[i] += values[i];
            }
        }
        for (int i = 0; i < mean.length; i++) {
            mean[i] /= deltas.size();
        }
        return mean;
    }

    /**
     * The same rule for elements that the device does without: what a replica's steps made of them is a matrix of the
     * registers for each weight, whose first row is the parameter's.
     */
    private static double[] dead(Shared before, List<Delta> deltas, Sync.Outer outer, double[] velocity) {
        double[] mean = deltas.get(0).dead().clone();
        for (Delta delta : deltas.subList(1, deltas.size())) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += delta.dead()[i];
            }
        }
        int registers = before.vector().buffers().size() + 1;
        int matrix = registers * registers;
        for (int i = 0; i < mean.length; i++) {
            mean[i] /= deltas.size();
            if (i % matrix < registers) {
                double stood = before.vector().dead()[i];
                double step = stood - mean[i];
                if (velocity.length > 0) {
                    int at = i / matrix * registers + i % matrix;
                    velocity[at] = outer.momentum() * velocity[at] + step;
                    step = step + outer.momentum() * velocity[at];
                }
                mean[i] = stood - outer.rate() * step;
            }
        }
        return mean;
    }
}
