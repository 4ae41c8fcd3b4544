// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.transfer;

import io.millrace.contracts.event.Network;
import io.millrace.contracts.safetensors.DType;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.RefusedRequestException;
import io.millrace.model.network.Weight;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;

/**
 * A first convolution for images of other channels: for grey ones, the sum over the colours gives what the same picture in
 * three equal colours would have given; for colours, a third each gives the same for such pictures.
 */
final class InputChannels {
    private static final int COLOURS = 3;

    private InputChannels() {}

    /**
     * The kernel {@code [O,C,k,k]} that the network needs.
     *
     * @throws RefusedRequestException when it cannot be made from the given one
     */
    static Tensor adapted(Network network, Weight wanted, Tensor given, boolean first) {
        List<Long> from = given.shape();
        List<Long> to = wanted.shape();
        if (!first || from.size() != to.size() || !from.get(0).equals(to.get(0))) {
            throw new RefusedRequestException("weight \"" + wanted.name() + "\" is " + from + ", " + network.name()
                    + " has it as " + to + "; order the network that the weights belong to");
        }
        if (!from.subList(2, 4).equals(to.subList(2, 4))) {
            throw new RefusedRequestException("weight \"" + wanted.name() + "\" is " + from + ", " + network.name()
                    + " with the stem " + network.stem().name().toLowerCase(Locale.ROOT) + " has it as " + to
                    + "; the weights were trained with another stem: order "
                    + (from.get(2) == 7
                            ? "the stem imagenet (7x7)"
                            : from.get(2) == 3 ? "the stem cifar (3x3)" : "theirs"));
        }
        long channels = from.get(1);
        if (channels == COLOURS && to.get(1) == 1) {
            return summed(wanted, given);
        }
        if (channels == 1 && to.get(1) == COLOURS) {
            return spread(wanted, given);
        }
        throw new RefusedRequestException("weight \"" + wanted.name() + "\" is for images of " + channels
                + " channels, these have " + to.get(1)
                + "; 3 can be made 1 and 1 can be made 3, other numbers cannot: take weights for such images");
    }

    /** What {@link #adapted} did. */
    static String said(Weight wanted, Tensor given) {
        return given.shape().get(1) == 1
                ? wanted.name() + " of 1 channel is spread over " + COLOURS + ", a third each"
                : wanted.name() + " of " + COLOURS + " channels is summed to 1";
    }

    private static Tensor summed(Weight wanted, Tensor given) {
        int taps = taps(wanted);
        ByteBuffer from = given.data();
        ByteBuffer to = floats(wanted);
        for (int output = 0; output < wanted.shape().get(0); output++) {
            for (int tap = 0; tap < taps; tap++) {
                float sum = 0;
                for (int channel = 0; channel < COLOURS; channel++) {
                    sum += from.getFloat(((output * COLOURS + channel) * taps + tap) * Float.BYTES);
                }
                to.putFloat(sum);
            }
        }
        return new Tensor(wanted.name(), DType.F32, wanted.shape(), to.flip());
    }

    private static Tensor spread(Weight wanted, Tensor given) {
        int taps = taps(wanted);
        ByteBuffer from = given.data();
        ByteBuffer to = floats(wanted);
        for (int output = 0; output < wanted.shape().get(0); output++) {
            for (int channel = 0; channel < COLOURS; channel++) {
                for (int tap = 0; tap < taps; tap++) {
                    to.putFloat(from.getFloat((output * taps + tap) * Float.BYTES) / COLOURS);
                }
            }
        }
        return new Tensor(wanted.name(), DType.F32, wanted.shape(), to.flip());
    }

    private static int taps(Weight kernel) {
        return (int) (kernel.shape().get(2) * kernel.shape().get(3));
    }

    private static ByteBuffer floats(Weight weight) {
        return ByteBuffer.allocate((int) weight.elements() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }
}
