// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import io.millrace.contracts.event.ResidualLayout.Pool;
import io.millrace.model.network.Description.Step;
import java.util.List;

/** What a layer gives while a network is being described: the vocabulary of descriptions. Each call adds a layer. */
public final class Value {
    private final List<Step> steps;
    private final int index;
    private final int channels;

    Value(List<Step> steps, int index, int channels) {
        this.steps = steps;
        this.index = index;
        this.channels = channels;
    }

    /** Number of maps, or of elements of a vector. */
    public int channels() {
        return channels;
    }

    /** A convolution without bias, padded by half its kernel. */
    public Value convolution(String name, int outputs, int kernel, int stride) {
        return then(new Convolution(name, channels, outputs, Window.centred(kernel, stride), false), outputs);
    }

    public Value norm(String name) {
        return then(new BatchNorm(name, channels), channels);
    }

    public Value relu() {
        return then(new Relu(), channels);
    }

    public Value maxPool(int kernel, int stride, int padding) {
        return then(new MaxPool(new Window(kernel, stride, padding)), channels);
    }

    public Value globalPool(Pool pool) {
        return then(new GlobalPool(pool), channels);
    }

    public Value linear(String name, int outputs, boolean bias) {
        return then(new Linear(name, channels, outputs, bias), outputs);
    }

    public Value times(double factor) {
        return factor == 1 ? this : then(new Scale(factor), channels);
    }

    public Value plus(Value shortcut) {
        steps.add(new Step(new Add(), List.of(index, shortcut.index)));
        return new Value(steps, steps.size() - 1, channels);
    }

    /** Any layer with one input. */
    public Value then(Layer layer, int outputs) {
        steps.add(new Step(layer, List.of(index)));
        return new Value(steps, steps.size() - 1, outputs);
    }
}
