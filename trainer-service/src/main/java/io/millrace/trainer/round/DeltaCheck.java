// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

import io.millrace.contracts.delta.Delta;
import io.millrace.contracts.delta.DeltaId;
import io.millrace.contracts.delta.MalformedDeltaException;
import io.millrace.model.StateVector;

/** Which deltas can be averaged: those of a round of the run, with as many elements as its network has. How many that is
 * may change from one round to another, where parameters are frozen at first. Immutable. */
final class DeltaCheck {
    private final String incarnation;
    private final RoundPlan plan;

    DeltaCheck(String incarnation, RoundPlan plan) {
        this.incarnation = incarnation;
        this.plan = plan;
    }

    /**
     * Refuses records that are of no round.
     *
     * @param partition that they lie in
     */
    void require(DeltaId id, int partition) throws MalformedDeltaException {
        if (!id.run().equals(incarnation)) {
            throw new MalformedDeltaException("it is of the run " + id.run() + ", this log is that of " + incarnation);
        }
        if (id.replica() != partition) {
            throw new MalformedDeltaException("it is of replica " + id.replica() + ", in partition " + partition);
        }
    }

    /** Refuses what its name does not announce, and what does not fit. */
    void require(Delta delta, DeltaId id) throws MalformedDeltaException {
        if (!delta.run().equals(id.run()) || delta.to() != id.step() || delta.replica() != id.replica()) {
            throw new MalformedDeltaException("it is named " + id + ", and holds the steps to " + delta.to()
                    + " of replica " + delta.replica() + " of " + delta.run());
        }
        if (!plan.isRound(delta.from(), delta.to())) {
            throw new MalformedDeltaException("the run has no round from step " + delta.from() + " to " + delta.to()
                    + "; the one from " + delta.from() + " goes to " + plan.end(Math.max(0, delta.from())));
        }
        requireLength("batches", delta.batches().size(), (int) (delta.to() - delta.from()));
    }

    /**
     * Refuses what is not of the network.
     *
     * @param vector where the round begins
     */
    void requireFit(Delta delta, StateVector vector) throws MalformedDeltaException {
        boolean gradients = plan.sharesGradients(delta.from());
        int parameters = vector.parameters().length;
        requireLength("parameters", delta.parameters().length, parameters);
        requireLength(
                "lists of optimizer buffers",
                delta.buffers().size(),
                gradients ? 0 : vector.buffers().size());
        for (float[] buffer : delta.buffers()) {
            requireLength("elements of an optimizer buffer", buffer.length, parameters);
        }
        requireLength("BatchNorm statistics", delta.statistics().length, vector.statistics().length);
        requireLength("elements of dead taps", delta.dead().length, vector.dead().length);
    }

    /**
     * Refuses what was learnt from other weights.
     *
     * @param digest of those that the round begins with
     */
    static void requireWeights(Delta delta, String digest) throws MalformedDeltaException {
        if (!delta.weights().equals(digest)) {
            throw new MalformedDeltaException("the weights that it began with at step " + delta.from() + " have digest "
                    + delta.weights() + ", the run's have " + digest);
        }
    }

    private static void requireLength(String what, int found, int expected) throws MalformedDeltaException {
        if (found != expected) {
            throw new MalformedDeltaException("it has " + found + " " + what + ", the run's have " + expected);
        }
    }
}
