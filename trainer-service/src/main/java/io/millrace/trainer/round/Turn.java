// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.round;

import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.delta.Delta;
import io.millrace.contracts.event.RunSpec;
import io.millrace.model.Learner;
import io.millrace.model.StateVector;
import io.millrace.model.StepStats;
import io.millrace.trainer.consume.ShardBatch;
import java.util.ArrayList;
import java.util.List;

/**
 * One replica's steps of one round, from where all stand. The learner is its own from its begin to {@link #delta}: turns of
 * one worker follow each other. Whoever drops a turn loses nothing but its work. For the training thread.
 */
public final class Turn {
    private final String incarnation;
    private final Learner learner;
    private final Shared before;
    private final String digest;
    private final int replica;
    private final long from;
    private final long to;
    private final boolean sharesGradients;
    private final List<Delta.Batch> batches = new ArrayList<>();
    /** Where they are shared, and the batch is there. */
    private float[] gradients;

    /**
     * Puts the learner where all stand.
     *
     * @param digest of the weights there
     * @param from steps that are done
     * @param to steps that are done when the round is
     */
    public Turn(RunSpec run, Learner learner, Shared before, String digest, int replica, long from, long to) {
        this.incarnation = run.incarnation();
        this.learner = learner;
        this.before = before;
        this.digest = digest;
        this.replica = replica;
        this.from = from;
        this.to = to;
        this.sharesGradients = RoundPlan.of(run).sharesGradients(from);
        learner.assign(before.vector());
        // Of a turn that was dropped.
        learner.stats();
    }

    /** Whose it is. */
    public int replica() {
        return replica;
    }

    /** The step that comes next, from 0. */
    public long step() {
        return from + batches.size();
    }

    /** Whether all steps are done. */
    public boolean isDone() {
        return step() == to;
    }

    /**
     * The next step; one whose batch is lost goes without.
     *
     * @param rate its learning rate
     */
    public void step(ShardBatch batch, double rate) {
        List<ImageBatch> images = batch.images().stream().toList();
        if (!images.isEmpty()) {
            if (sharesGradients) {
                gradients = learner.gradients(images);
            } else {
                learner.step(images, rate);
            }
        }
        batches.add(new Delta.Batch(
                batch.records(), images.stream().mapToInt(ImageBatch::size).sum()));
    }

    /** What was learnt. */
    public Delta delta() {
        StateVector now = learner.vector();
        StepStats stats = learner.stats();
        return new Delta(
                incarnation,
                from,
                to,
                replica,
                digest,
                stats.loss(),
                stats.accuracy(),
                stats.samples(),
                now.updates(),
                batches,
                sharesGradients ? gradient(now) : takenOff(now),
                sharesGradients ? List.of() : now.buffers(),
                now.statistics(),
                now.dead());
    }

    private float[] gradient(StateVector now) {
        return gradients == null ? new float[now.parameters().length] : gradients;
    }

    private float[] takenOff(StateVector now) {
        float[] delta = before.vector().parameters().clone();
        for (int k = 0; k < delta.length; k++) {
            delta[k] -= now.parameters()[k];
        }
        return delta;
    }
}
