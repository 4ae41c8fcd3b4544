// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.network.Graph;
import io.millrace.model.network.Networks;
import io.millrace.model.network.Weight;
import io.millrace.model.torchscript.TorchScriptArchive;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Trains a network: one native call a step does normalization, forward, loss, gradients and the update of SGD as
 * <a href="https://pytorch.org/docs/stable/generated/torch.optim.SGD.html">torch.optim.SGD</a> defines it. Weights and
 * optimizer state are float32; convolutions compute in the precision of {@link #compute()}.
 *
 * <p>Not thread-safe: one thread steps, reads and closes.
 */
public final class Learner implements AutoCloseable {
    private final StepRules rules;
    private final Recipe recipe;
    private final Compute compute;
    private final Graph graph;
    private final List<Weight> trainable;

    private ScriptModule module;
    private DeviceState state;
    private long samples;

    private Learner(StepRules rules, Recipe recipe, Compute compute) {
        Malloc.keepFreedMemory();
        this.rules = rules;
        this.recipe = recipe;
        this.compute = compute;
        this.graph = Networks.trainingGraph(rules.network(), bf16());
        this.trainable = graph.weights().stream().filter(Weight::trainable).toList();
    }

    /**
     * A network with fresh weights, the same for the same seed.
     *
     * @param normalization what its batches will be normalized with; others are refused
     * @param recipe optimizer and label smoothing
     * @param compute precision and layout; its device and threads are those of {@link Torch#use}
     * @throws RefusedRequestException when network or recipe cannot be had
     */
    public static Learner create(
            Network network, Normalization normalization, Recipe recipe, Compute compute, long seed) {
        StepRules rules = StepRules.of(network, normalization, recipe);
        Learner learner = new Learner(rules, recipe, compute);
        learner.load(Networks.initialWeights(network, seed));
        return learner;
    }

    /**
     * A network that goes on where another learner stood, to the bit.
     *
     * @param compute that it had
     * @param weights that {@link #weights()} gave
     * @param optimizerState that {@link #optimizerState()} gave
     * @throws RefusedRequestException when network or recipe cannot be had
     * @throws IllegalArgumentException naming the first tensor that does not fit
     */
    public static Learner restored(
            Network network,
            Normalization normalization,
            Recipe recipe,
            Compute compute,
            List<Tensor> weights,
            List<Tensor> optimizerState) {
        Learner learner = new Learner(StepRules.of(network, normalization, recipe), recipe, compute);
        try {
            learner.restore(weights, optimizerState);
            return learner;
        } catch (RuntimeException e) {
            learner.close();
            throw e;
        }
    }

    private void load(Collection<Tensor> weights) {
        ScriptModule loaded = ScriptModule.load(archive(weights), true);
        close();
        module = loaded;
        state = new DeviceState(module, trainable, rules.normalization());
        samples = 0;
    }

    private TorchScriptArchive archive(Collection<Tensor> weights) {
        String methods = TrainingMethods.forLearning(graph, recipe, compute.channelsLast(), bf16());
        return ScriptModule.archive(graph, methods, weights, compute.channelsLast());
    }

    private boolean bf16() {
        return compute.precision() == Precision.BF16;
    }

    /**
     * Takes over what {@link #weights()} and {@link #optimizerState()} gave, to the bit.
     *
     * @throws IllegalArgumentException naming the first tensor that does not fit; nothing is changed then
     */
    public void restore(List<Tensor> weights, List<Tensor> optimizerState) {
        List<Tensor> fitting = Networks.requireFit(rules.network(), weights);
        List<Tensor> buffers = DeviceState.requireFit(trainable, optimizerState);
        load(fitting);
        state.setMomentum(buffers);
    }

    /**
     * One step on the batches of all shards together. Returns before a GPU is done; {@link #stats()} waits for it.
     *
     * @param shards at least one batch, all of one form
     * @param learningRate of this step
     * @throws IllegalArgumentException when a batch does not fit the network, or a label is none of its classes
     */
    public void step(List<ImageBatch> shards, double learningRate) {
        rules.requireFit(shards);
        try (NDManager scope = module.manager().newSubManager()) {
            NDList arguments = new NDList(ScriptModule.pixels(scope, shards));
            arguments.addAll(state.affine(shards.get(0).encoding()));
            arguments.add(scope.create(labels(shards)));
            arguments.add(scope.newSubManager(Device.cpu()).create((float) learningRate));
            arguments.addAll(state.arguments());
            module.call(scope, "train_step", arguments, true).close();
        }
        samples += shards.stream().mapToLong(ImageBatch::size).sum();
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
        double[] totals = state.takeSums();
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
        try (NDManager scope = module.manager().newSubManager()) {
            Map<String, Tensor> copies = new HashMap<>();
            state.parameters(scope).forEach(copy -> copies.put(copy.name(), copy));
            List<Weight> running = graph.weights().stream()
                    .filter(weight -> !weight.trainable())
                    .toList();
            NDList statistics = module.call(scope, "running", new NDList(), true);
            state.copies(scope, running, statistics).forEach(copy -> copies.put(copy.name(), copy));
            return graph.weights().stream()
                    .map(weight -> copies.get(weight.name()))
                    .toList();
        }
    }

    /** Copies of the momentum buffers, named {@code momentum.<parameter>}. */
    public List<Tensor> optimizerState() {
        try (NDManager scope = module.manager().newSubManager()) {
            return state.momentum(scope);
        }
    }

    /** Writes the archive that this learner trains with, with the weights of this moment. */
    public void writeArchive(Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            archive(weights()).writeTo(out);
        }
    }

    /** Native arrays that are held: the same after each step. */
    public int nativeArrays() {
        // Those of the managers below it, such as that of the state, are among them.
        return module.manager().getManagedArrays().size();
    }

    @Override
    public void close() {
        if (module != null) {
            state.close();
            module.close();
            module = null;
        }
    }
}
