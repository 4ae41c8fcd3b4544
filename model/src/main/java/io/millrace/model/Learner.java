// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.safetensors.DType;
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
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Trains a network: one native call a step does normalization, forward, loss, gradients and the update of SGD as
 * <a href="https://pytorch.org/docs/stable/generated/torch.optim.SGD.html">torch.optim.SGD</a> defines it. Weights and
 * optimizer state are float32; convolutions compute in {@link #precision()}.
 *
 * <p>Not thread-safe: one thread steps, reads and closes.
 */
public final class Learner implements AutoCloseable {
    private static final String PARAMETERS = "parameters[]";
    private static final String MOMENTUM = "momentum[]";
    /** Names of optimizer tensors begin with it; the rest is the parameter's name. */
    private static final String STATE_PREFIX = "momentum.";

    private final Network network;
    private final Normalization normalization;
    private final Recipe recipe;
    private final Precision precision;
    private final Graph graph;
    private final List<Weight> trainable;

    private ScriptModule module;
    private NDManager state;
    private NDList parameters;
    private NDList momentum;
    private NDArray sums;
    /** Scale and zero point, on the device once for all steps. */
    private final Map<Encoding, NDList> affine = new EnumMap<>(Encoding.class);

    private long samples;

    private Learner(Network network, Normalization normalization, Recipe recipe, Precision precision) {
        Malloc.keepFreedMemory();
        this.network = network;
        this.normalization = normalization;
        this.recipe = recipe;
        this.precision = precision;
        this.graph = Networks.trainingGraph(network, precision == Precision.BF16);
        this.trainable = graph.weights().stream().filter(Weight::trainable).toList();
    }

    /**
     * A network with fresh weights, the same for the same seed.
     *
     * @param normalization what its batches will be normalized with; others are refused
     * @param recipe optimizer, label smoothing, precision and layout
     * @throws IllegalArgumentException when network or recipe cannot be had
     */
    public static Learner create(Network network, Normalization normalization, Recipe recipe, long seed) {
        requireSane(network, normalization, recipe);
        Learner learner = new Learner(network, normalization, recipe, Torch.resolve(recipe.precision()));
        learner.load(Networks.initialWeights(network, seed));
        return learner;
    }

    /**
     * A network that goes on where another learner stood, to the bit.
     *
     * @param precision that it had; {@code auto} may mean another one on this machine
     * @param weights that {@link #weights()} gave
     * @param optimizerState that {@link #optimizerState()} gave
     * @throws IllegalArgumentException when network or recipe cannot be had, or naming the first tensor that does not fit
     */
    public static Learner restored(
            Network network,
            Normalization normalization,
            Recipe recipe,
            Precision precision,
            List<Tensor> weights,
            List<Tensor> optimizerState) {
        requireSane(network, normalization, recipe);
        Learner learner = new Learner(network, normalization, recipe, precision);
        try {
            learner.restore(weights, optimizerState);
            return learner;
        } catch (RuntimeException e) {
            learner.close();
            throw e;
        }
    }

    private static void requireSane(Network network, Normalization normalization, Recipe recipe) {
        Networks.requireKnown(network);
        requireSane(recipe);
        if (normalization.channels() != network.inputChannels()) {
            throw new IllegalArgumentException("the normalization has " + normalization.channels()
                    + " channels, the network takes " + network.inputChannels());
        }
    }

    private static void requireSane(Recipe recipe) {
        Recipe.Optimizer sgd = recipe.optimizer();
        require(sgd.momentum() >= 0 && sgd.momentum() < 1, "momentum", sgd.momentum(), "from 0 to less than 1");
        require(
                sgd.weightDecay() >= 0 && sgd.weightDecay() < 1,
                "weightDecay",
                sgd.weightDecay(),
                "from 0 to less than 1");
        require(!sgd.nesterov() || sgd.momentum() > 0, "momentum", sgd.momentum(), "above 0 with nesterov");
        double smoothing = recipe.labelSmoothing();
        require(smoothing >= 0 && smoothing < 1, "labelSmoothing", smoothing, "from 0 to less than 1");
    }

    private static void require(boolean condition, String name, double value, String range) {
        if (!condition) {
            throw new IllegalArgumentException(name + " should be " + range + ", it is " + value);
        }
    }

    private void load(Collection<Tensor> weights) {
        ScriptModule loaded = ScriptModule.load(archive(weights), true);
        close();
        module = loaded;
        state = module.manager().newSubManager();
        parameters = new NDList();
        for (Weight weight : trainable) {
            NDArray parameter = module.parameter(weight);
            parameter.setName(PARAMETERS);
            parameters.add(parameter);
        }
        NDList zeros = new NDList();
        for (Weight weight : trainable) {
            zeros.add(state.zeros(shape(weight)));
        }
        momentum = laidOut(zeros);
        sums = state.zeros(new Shape(2), DataType.FLOAT64);
        samples = 0;
        for (Encoding encoding : Encoding.values()) {
            affine.put(encoding, ScriptModule.affine(state, normalization, encoding));
        }
    }

    private TorchScriptArchive archive(Collection<Tensor> weights) {
        String methods = TrainingMethods.forLearning(graph, recipe, precision == Precision.BF16);
        return ScriptModule.archive(graph, methods, weights, recipe.channelsLast());
    }

    private static Shape shape(Weight weight) {
        return new Shape(weight.shape().stream().mapToLong(Long::longValue).toArray());
    }

    /** Optimizer buffers in the memory layout of their parameters, so that the update runs through both in one go. */
    private NDList laidOut(NDList values) {
        try (NDManager scope = module.manager().newSubManager()) {
            NDList arguments = new NDList();
            parameters.forEach(parameter -> arguments.add(named(parameter, "like[]")));
            values.forEach(value -> arguments.add(named(value, "values[]")));
            NDList buffers = module.call(scope, "laid_out", arguments, true);
            buffers.attach(state);
            parameters.forEach(parameter -> parameter.setName(PARAMETERS));
            buffers.forEach(buffer -> buffer.setName(MOMENTUM));
            values.close();
            return buffers;
        }
    }

    private static NDArray named(NDArray array, String name) {
        array.setName(name);
        return array;
    }

    /**
     * Takes over what {@link #weights()} and {@link #optimizerState()} gave, to the bit.
     *
     * @throws IllegalArgumentException naming the first tensor that does not fit; nothing is changed then
     */
    public void restore(List<Tensor> weights, List<Tensor> optimizerState) {
        List<Tensor> fitting = Networks.requireFit(network, weights);
        List<Tensor> buffers = requireFit(optimizerState);
        load(fitting);
        NDList values = new NDList();
        for (Tensor buffer : buffers) {
            long[] shape = buffer.shape().stream().mapToLong(Long::longValue).toArray();
            values.add(state.create(
                    ScriptModule.direct(buffer.data().remaining())
                            .put(buffer.data())
                            .flip(),
                    new Shape(shape),
                    DataType.FLOAT32));
        }
        NDList zeros = momentum;
        momentum = laidOut(values);
        zeros.close();
    }

    private List<Tensor> requireFit(List<Tensor> optimizerState) {
        Map<String, Tensor> byName = new HashMap<>();
        optimizerState.forEach(tensor -> byName.put(tensor.name(), tensor));
        List<Tensor> buffers = new ArrayList<>();
        for (Weight weight : trainable) {
            Tensor buffer = byName.remove(STATE_PREFIX + weight.name());
            if (buffer == null) {
                throw new IllegalArgumentException("the optimizer state lacks \"" + STATE_PREFIX + weight.name() + '"');
            }
            if (buffer.dtype() != DType.F32 || !buffer.shape().equals(weight.shape())) {
                throw new IllegalArgumentException("optimizer state \"" + buffer.name() + "\" should be F32 "
                        + weight.shape() + ", it is " + buffer.dtype() + " " + buffer.shape());
            }
            buffers.add(buffer);
        }
        if (!byName.isEmpty()) {
            throw new IllegalArgumentException("the optimizer has no state named " + byName.keySet());
        }
        return buffers;
    }

    /**
     * One step on the batches of all shards together. Returns before a GPU is done; {@link #stats()} waits for it.
     *
     * @param shards at least one batch, all of one form
     * @param learningRate of this step
     * @throws IllegalArgumentException when a batch does not fit the network, or a label is none of its classes
     */
    public void step(List<ImageBatch> shards, double learningRate) {
        if (shards.isEmpty()) {
            throw new IllegalArgumentException("a step needs at least one batch");
        }
        shards.forEach(this::requireFit);
        requireOneForm(shards);
        try (NDManager scope = module.manager().newSubManager()) {
            NDList arguments = new NDList(ScriptModule.pixels(scope, shards));
            arguments.addAll(affine.get(shards.get(0).encoding()));
            arguments.add(scope.create(labels(shards)));
            arguments.add(scope.newSubManager(Device.cpu()).create((float) learningRate));
            arguments.add(sums);
            arguments.addAll(parameters);
            arguments.addAll(momentum);
            module.call(scope, "train_step", arguments, true).close();
        }
        samples += shards.stream().mapToLong(ImageBatch::size).sum();
    }

    private void requireFit(ImageBatch batch) {
        if (batch.channels() != network.inputChannels()) {
            throw new IllegalArgumentException("batch " + batch.id() + " has " + batch.channels()
                    + " channels, the network takes " + network.inputChannels());
        }
        if (!batch.normalization().equals(normalization)) {
            throw new IllegalArgumentException("batch " + batch.id() + " is normalized with " + batch.normalization()
                    + ", the run with " + normalization);
        }
        for (int label : batch.labels()) {
            if (label < 0 || label >= network.classes()) {
                throw new IllegalArgumentException("batch " + batch.id() + " has the label " + label
                        + ", the network knows 0 to " + (network.classes() - 1));
            }
        }
    }

    private static void requireOneForm(List<ImageBatch> shards) {
        ImageBatch first = shards.get(0);
        for (ImageBatch shard : shards) {
            if (shard.encoding() != first.encoding()
                    || shard.height() != first.height()
                    || shard.width() != first.width()) {
                throw new IllegalArgumentException("batch " + shard.id() + " is " + form(shard) + ", batch "
                        + first.id() + " of the same step is " + form(first));
            }
        }
        if (shards.stream().mapToInt(ImageBatch::size).sum() < 2) {
            throw new IllegalArgumentException(
                    "the step of batch " + first.id() + " has fewer than 2 images; BatchNorm has no variance over one");
        }
    }

    private static String form(ImageBatch batch) {
        return batch.encoding() + " " + batch.height() + "x" + batch.width();
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
        double[] totals = totals();
        StepStats stats = new StepStats(totals[0] / samples, totals[1] / samples, samples);
        sums.close();
        sums = state.zeros(new Shape(2), DataType.FLOAT64);
        samples = 0;
        return stats;
    }

    /** By way of a copy on the host: DJL's own way from a GPU leaves something native behind each time. */
    private double[] totals() {
        try (NDManager scope = module.manager().newSubManager()) {
            NDList host = module.call(scope, "snapshot", new NDList(named(sums, "tensors[]")), true);
            double[] totals = host.singletonOrThrow().toDoubleArray();
            host.close();
            return totals;
        }
    }

    /** What the convolutions compute in: fp32 or bf16, never auto. */
    public Precision precision() {
        return precision;
    }

    /** Copies of all weights and BatchNorm statistics on the heap, float32 and row-major, under torchvision's names. */
    public List<Tensor> weights() {
        try (NDManager scope = module.manager().newSubManager()) {
            Map<String, Tensor> copies = new HashMap<>();
            copies(scope, trainable, parameters, PARAMETERS, "").forEach(copy -> copies.put(copy.name(), copy));
            List<Weight> running = graph.weights().stream()
                    .filter(weight -> !weight.trainable())
                    .toList();
            NDList statistics = module.call(scope, "running", new NDList(), true);
            copies(scope, running, statistics, "", "").forEach(copy -> copies.put(copy.name(), copy));
            return graph.weights().stream()
                    .map(weight -> copies.get(weight.name()))
                    .toList();
        }
    }

    /** Copies of the momentum buffers, named {@code momentum.<parameter>}. */
    public List<Tensor> optimizerState() {
        try (NDManager scope = module.manager().newSubManager()) {
            return copies(scope, trainable, momentum, MOMENTUM, STATE_PREFIX);
        }
    }

    private List<Tensor> copies(NDManager scope, List<Weight> weights, NDList arrays, String nameAfter, String prefix) {
        arrays.forEach(array -> array.setName("tensors[]"));
        NDList host = module.call(scope, "snapshot", arrays, true);
        arrays.forEach(array -> array.setName(nameAfter));
        List<Tensor> copies = new ArrayList<>();
        for (int k = 0; k < weights.size(); k++) {
            copies.add(ScriptModule.tensor(prefix + weights.get(k).name(), host.get(k)));
        }
        host.close();
        return copies;
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
