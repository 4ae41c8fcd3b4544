// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.ScriptModule.Call;
import io.millrace.model.network.Held;
import io.millrace.model.network.Networks;
import io.millrace.model.network.Weight;
import io.millrace.model.optimizer.Frozen;
import io.millrace.model.optimizer.UpdateRule;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Trains a network: one native call a step does normalization, forward, loss, gradients and the update of the
 * recipe's optimizer, with torch's semantics. Weights and optimizer state are float32; convolutions compute in the
 * precision of {@link #compute()}.
 *
 * <p>Not thread-safe: one thread steps, reads and closes.
 */
public final class Learner implements AutoCloseable {
    private final StepRules rules;
    private final UpdateRule update;
    private final Recipe recipe;
    private final BatchLoss loss;
    private final Compute compute;

    private Plan plan;
    private boolean thawed;
    private LearnerState state;
    private long samples;

    private Learner(StepRules rules, UpdateRule update, Recipe recipe, int epochsDone, Compute compute) {
        Malloc.keepFreedMemory();
        this.rules = rules;
        this.update = update;
        this.recipe = recipe;
        this.loss = BatchLoss.of(recipe);
        this.compute = compute;
        this.thawed = Frozen.isOver(recipe, epochsDone);
        this.plan = new Plan(rules, update, recipe, compute, thawed);
    }

    /**
     * A network with fresh weights, the same for the same seed.
     *
     * @param normalization what its batches will be normalized with; others are refused
     * @param height of an image in pixels
     * @param width of an image in pixels
     * @param recipe optimizer, accumulation and label smoothing
     * @param compute precision and layout; its device and threads are those of {@link Torch#use}
     * @throws RefusedRequestException when network or recipe cannot be had
     */
    public static Learner create(
            Network network,
            Normalization normalization,
            int height,
            int width,
            Recipe recipe,
            Compute compute,
            long seed) {
        StepRules rules = StepRules.of(network, normalization, height, width);
        return created(rules, UpdateRule.of(recipe), recipe, compute, seed);
    }

    /**
     * A network with given weights.
     *
     * @param weights all of them, float32, under torchvision's names
     * @throws RefusedRequestException when network or recipe cannot be had
     * @throws IllegalArgumentException naming the first tensor that does not fit
     */
    public static Learner create(
            Network network,
            Normalization normalization,
            int height,
            int width,
            Recipe recipe,
            Compute compute,
            List<Tensor> weights) {
        StepRules rules = StepRules.of(network, normalization, height, width);
        Learner learner = new Learner(rules, UpdateRule.of(recipe), recipe, 0, compute);
        learner.load(Networks.requireFit(network, weights), Map.of());
        return learner;
    }

    static Learner created(StepRules rules, UpdateRule update, Recipe recipe, Compute compute, long seed) {
        Learner learner = new Learner(rules, update, recipe, 0, compute);
        learner.load(Networks.initialWeights(rules.network(), seed), Map.of());
        return learner;
    }

    /**
     * A network that goes on where another learner stood, to the bit.
     *
     * @param epochsDone by then
     * @param compute that it had
     * @param weights that {@link #weights()} gave
     * @param optimizerState that {@link #optimizerState()} gave
     * @throws RefusedRequestException when network or recipe cannot be had
     * @throws IllegalArgumentException naming the first tensor that does not fit
     */
    public static Learner restored(
            Network network,
            Normalization normalization,
            int height,
            int width,
            Recipe recipe,
            int epochsDone,
            Compute compute,
            List<Tensor> weights,
            List<Tensor> optimizerState) {
        StepRules rules = StepRules.of(network, normalization, height, width);
        return restored(rules, UpdateRule.of(recipe), recipe, epochsDone, compute, weights, optimizerState);
    }

    static Learner restored(
            StepRules rules,
            UpdateRule update,
            Recipe recipe,
            int epochsDone,
            Compute compute,
            List<Tensor> weights,
            List<Tensor> optimizerState) {
        Learner learner = new Learner(rules, update, recipe, epochsDone, compute);
        learner.restore(weights, optimizerState);
        return learner;
    }

    /**
     * Takes over what {@link #weights()} and {@link #optimizerState()} gave, to the bit.
     *
     * @throws IllegalArgumentException naming the first tensor that does not fit; nothing is changed then
     */
    public void restore(List<Tensor> weights, List<Tensor> optimizerState) {
        List<Tensor> fitting = Networks.requireFit(rules.network(), weights);
        List<Weight> parameters = plan.trainable().stream().map(Held::weight).toList();
        load(fitting, OptimizerState.requireFit(parameters, plan.newlyTrained(), plan.optimizer(), optimizerState));
    }

    private void load(List<Tensor> weights, Map<String, Tensor> optimizerState) {
        LearnerState loaded = new LearnerState(plan, rules.normalization(), weights, optimizerState);
        close();
        state = loaded;
        samples = 0;
    }

    /**
     * Says how many epochs are done before the next step. Where the recipe freezes parameters until then, they are trained
     * from now on: the network is made anew, with its weights and its optimizer's buffers as they are. An optimizer that
     * counts its updates (Adam, or one with an average) begins anew.
     *
     * @return whether that is now
     */
    public boolean beginEpoch(int epochsDone) {
        if (thawed || !Frozen.isOver(recipe, epochsDone)) {
            return false;
        }
        List<Tensor> weights = weights();
        List<Tensor> optimizerState = optimizerState();
        thawed = true;
        plan = new Plan(rules, update, recipe, compute, true);
        restore(weights, optimizerState);
        return true;
    }

    /**
     * One step on the batches of all shards together, in as many equal slices as the recipe says: the update is made from
     * the mean over all of them, BatchNorm has the statistics of each slice. Returns before a GPU is done; {@link #stats()}
     * waits for it.
     *
     * @param shards at least one batch, all of one form
     * @param learningRate of this step
     * @throws IllegalArgumentException when a batch does not fit the network, a label is none of its classes, soft labels or
     *     weights are not what the recipe asks for, or there are no equal slices
     */
    public void step(List<ImageBatch> shards, double learningRate) {
        int slices = plan.slices();
        if (slices > 1) {
            Slices.of(shards, slices).forEach(slice -> accumulate(slice, 1.0 / slices));
            update(learningRate);
            return;
        }
        requireFit(shards);
        double[] scalars = state.scalars(learningRate);
        try (Call call = state.module().call("train_step", true)) {
            state.device().add(batch(call, shards).scalars(scalars)).run();
        }
        state.updated(scalars);
        samples += size(shards);
    }

    /**
     * Adds the gradient of a batch to what the next {@link #update} is made from, and changes nothing else but BatchNorm's
     * statistics.
     *
     * @param shards as in {@link #step}
     * @param share of this batch in the mean: one by the number of batches of an update, where they are equally large
     * @throws IllegalArgumentException as {@link #step}
     */
    public void accumulate(List<ImageBatch> shards, double share) {
        requireFit(shards);
        try (Call call = state.module().call("accumulate", true)) {
            state.device()
                    .addForAccumulating(batch(call, shards).scalars(share))
                    .run();
        }
        samples += size(shards);
    }

    /**
     * The update of a step, from what was accumulated since the last one.
     *
     * @param learningRate of this step
     */
    public void update(double learningRate) {
        double[] scalars = state.scalars(learningRate);
        try (Call call = state.module().call("update", true)) {
            state.device()
                    .add(call.scalars(scalars).list(state.device().added()))
                    .run();
        }
        state.updated(scalars);
    }

    private void requireFit(List<ImageBatch> shards) {
        rules.requireFit(shards);
        loss.requireFit(shards, rules.network().classes());
    }

    /**
     * The gradients of a step and nothing else but BatchNorm's statistics: what {@link #step} makes its update from, in
     * the order of {@link StateVector#parameters()}. Waits for the device.
     *
     * @param shards as in {@link #step}
     * @throws IllegalArgumentException as {@link #step}
     */
    public float[] gradients(List<ImageBatch> shards) {
        int slices = plan.slices();
        if (slices > 1) {
            Slices.of(shards, slices).forEach(slice -> accumulate(slice, 1.0 / slices));
        } else {
            accumulate(shards, 1);
        }
        return state.device().takeAdded();
    }

    /**
     * The update of a step from given gradients.
     *
     * @param gradients in the order of {@link StateVector#parameters()}
     * @param learningRate of this step
     * @throws IllegalArgumentException when they are of another network
     */
    public void update(float[] gradients, double learningRate) {
        state.device().putAdded(gradients);
        update(learningRate);
    }

    /** Where it stands. Waits for the device. */
    public StateVector vector() {
        return state.vector();
    }

    /**
     * Goes on from where a learner of the same network and recipe stood, which came from the same weights.
     *
     * @throws IllegalArgumentException when it is one of another network or recipe
     */
    public void assign(StateVector vector) {
        state.assign(vector);
    }

    private Call batch(Call call, List<ImageBatch> shards) {
        Call labelled = Pixels.add(call, shards)
                .each(state.device().affine(shards.get(0).encoding()))
                .longs(labels(shards));
        return loss.add(labelled, shards);
    }

    private static long size(List<ImageBatch> shards) {
        return shards.stream().mapToLong(ImageBatch::size).sum();
    }

    private static long[] labels(List<ImageBatch> shards) {
        return shards.stream()
                .flatMapToInt(batch -> java.util.Arrays.stream(batch.labels()))
                .asLongStream()
                .toArray();
    }

    /** What the steps since the last call came to. Waits for the device. */
    public StepStats stats() {
        if (samples == 0) {
            return new StepStats(Double.NaN, Double.NaN, 0);
        }
        double[] totals = state.device().takeSums();
        StepStats stats = new StepStats(totals[0] / samples, totals[1] / samples, samples);
        samples = 0;
        return stats;
    }

    /** What decides the bits of its weights. */
    public Compute compute() {
        return compute;
    }

    /** Copies of all weights and BatchNorm statistics on the heap, float32 and row-major, under torchvision's names. */
    public List<Tensor> weights() {
        return state.weights();
    }

    /**
     * Copies of the optimizer's buffers, named {@code <buffer>.<parameter>} such as {@code momentum.fc.bias}, and what
     * there is to know about elements that the device does without.
     */
    public List<Tensor> optimizerState() {
        return state.optimizerState();
    }

    /** Writes the archive that this learner trains with, with the weights of this moment. */
    public void writeArchive(Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            plan.archive(weights()).writeTo(out);
        }
    }

    /** Native arrays that are held: the same after each step. */
    public int nativeArrays() {
        // Those of the managers below it are among them.
        return state.module().nativeArrays();
    }

    @Override
    public void close() {
        if (state != null) {
            state.close();
            state = null;
        }
    }
}
