// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.model.ScriptModule.Call;
import io.millrace.model.ScriptModule.Tensors;
import io.millrace.model.network.Held;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What lives on the device from step to step, beside the module itself: its parameters, the optimizer's buffers, the sums
 * of the statistics, and the constants of the normalization. It closes with its module. Not thread-safe.
 */
final class DeviceState {
    private static final int SUMS = 2;

    private final ScriptModule module;
    private final List<Held> trainable;
    private final Tensors parameters;
    private final List<Tensors> buffers = new ArrayList<>();
    private final Map<Encoding, Tensors> affine = new EnumMap<>(Encoding.class);
    private Tensors sums;
    private Tensors added;

    /** @param buffers a list of values for each buffer of the optimizer, in the order of the parameters */
    DeviceState(
            ScriptModule module, List<Held> trainable, Normalization normalization, List<List<ByteBuffer>> buffers) {
        this.module = module;
        this.trainable = trainable;
        this.parameters = module.parameters(
                trainable.stream().map(held -> held.weight().attribute()).toList());
        buffers.forEach(values -> this.buffers.add(laidOut(values)));
        this.sums = module.zeros(SUMS);
        for (Encoding encoding : Encoding.values()) {
            affine.put(encoding, Pixels.affine(module, normalization, encoding));
        }
    }

    /** Scale and zero point. */
    Tensors affine(Encoding encoding) {
        return affine.get(encoding);
    }

    /** Adds what a step changes: sums, parameters, buffers. */
    Call add(Call call) {
        call.each(sums).list(parameters);
        buffers.forEach(call::list);
        return call;
    }

    /** Adds what gradients are added up into: sums, parameters, gradients so far. */
    Call addForAccumulating(Call call) {
        return call.each(sums).list(parameters).list(added());
    }

    /** Gradients that were added up; zero at first, and after each update that is made from them. */
    Tensors added() {
        if (added == null) {
            added = laidOut(trainable.stream()
                    .map(part -> ByteBuffer.allocate(part.elements() * Float.BYTES))
                    .toList());
        }
        return added;
    }

    /** Values in the memory layout of the parameters, so that the update runs through both in one go. */
    private Tensors laidOut(List<ByteBuffer> values) {
        List<Tensors> rowMajor = new ArrayList<>();
        for (int k = 0; k < values.size(); k++) {
            rowMajor.add(module.floats(values.get(k), trainable.get(k).shape()));
        }
        Tensors all = Tensors.of(rowMajor);
        try (Call call = module.call("laid_out", true)) {
            return call.list(parameters).list(all).keep();
        } finally {
            all.close();
        }
    }

    /** Sums of loss and of right answers over the steps since the last call; they begin anew. Waits for the device. */
    double[] takeSums() {
        // By way of a copy on the host: DJL's own way from a GPU leaves something native behind each time.
        ByteBuffer values = copies(sums).get(0);
        sums.close();
        sums = module.zeros(SUMS);
        return values.remaining() == SUMS * Double.BYTES
                ? new double[] {values.getDouble(), values.getDouble()}
                : new double[] {values.getFloat(), values.getFloat()};
    }

    /** Puts values in the place of those that a step changes; the sums stay. */
    void assign(StateVector vector) {
        if (vector.buffers().size() != buffers.size()) {
            throw new IllegalArgumentException("the optimizer has " + buffers.size() + " buffers, got "
                    + vector.buffers().size());
        }
        put(parameters, vector.parameters());
        for (int k = 0; k < buffers.size(); k++) {
            put(buffers.get(k), vector.buffers().get(k));
        }
        try (Tensors running = running()) {
            put(running, vector.statistics());
        }
    }

    /** Gradients that were added up, which begin anew. Waits for the device. */
    float[] takeAdded() {
        float[] values = Flat.of(copies(added()));
        try (Call call = module.call("cleared", false)) {
            call.list(added()).run();
        }
        return values;
    }

    /** Puts gradients in the place of those that were added up. */
    void putAdded(float[] values) {
        put(added(), values);
    }

    private void put(Tensors into, float[] values) {
        List<List<Long>> shapes = into.shapes();
        List<ByteBuffer> parts = Flat.split(values, shapes);
        List<Tensors> made = new ArrayList<>();
        for (int k = 0; k < parts.size(); k++) {
            made.add(module.floats(parts.get(k), shapes.get(k)));
        }
        try (Tensors all = Tensors.of(made);
                Call call = module.call("put", false)) {
            if (!parts.isEmpty()) {
                call.list(into).list(all).run();
            }
        }
    }

    /** Copies of the parameters as they are held, row-major. */
    List<ByteBuffer> parameters() {
        return copies(parameters);
    }

    /** Copies of one buffer of the optimizer. */
    List<ByteBuffer> buffer(int index) {
        return copies(buffers.get(index));
    }

    /** Copies of BatchNorm's statistics. */
    List<ByteBuffer> statistics() {
        try (Tensors running = running()) {
            return copies(running);
        }
    }

    /** The statistics themselves. */
    private Tensors running() {
        try (Call call = module.call("running", true)) {
            return call.keep();
        }
    }

    private List<ByteBuffer> copies(Tensors tensors) {
        try (Call call = module.call("snapshot", true)) {
            return call.list(tensors).read();
        }
    }
}
