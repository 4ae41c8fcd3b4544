// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A weight as the device holds it: some of its elements, in an order that suits the operator. Element
 * {@code [i,j,k,l]} of what is held is element {@code offset + i·s₀ + j·s₁ + k·s₂ + l·s₃} of the weight.
 *
 * @param weight as it lies in a file, row-major
 * @param shape that the operator sees; as many elements as {@code sizes}
 * @param offset of the first held element
 * @param sizes four
 * @param strides four
 */
public record Held(Weight weight, List<Long> shape, int offset, List<Integer> sizes, List<Integer> strides) {
    public Held {
        shape = List.copyOf(shape);
        sizes = List.copyOf(sizes);
        strides = List.copyOf(strides);
    }

    /** All of it, as it lies. */
    public static Held whole(Weight weight) {
        int elements = Math.toIntExact(weight.elements());
        return new Held(weight, weight.shape(), 0, List.of(1, 1, 1, elements), List.of(0, 0, 0, 1));
    }

    /** Whether elements are left out. */
    public boolean partial() {
        return elements() < weight.elements();
    }

    /** Whether all of it is held as it lies. */
    public boolean inOrder() {
        return !partial() && strides.equals(List.of(0, 0, 0, 1));
    }

    /** Number of held elements. */
    public int elements() {
        return sizes.stream().reduce(1, Math::multiplyExact);
    }

    /** What is held of a whole weight, little-endian float32 in the order of {@link #shape()}. */
    public ByteBuffer taken(ByteBuffer whole) {
        if (inOrder()) {
            return whole.slice().order(ByteOrder.LITTLE_ENDIAN);
        }
        ByteBuffer held = ByteBuffer.allocate(elements() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer from = whole.slice().order(ByteOrder.LITTLE_ENDIAN);
        visit(index -> held.putFloat(from.getFloat(index * Float.BYTES)));
        return held.flip();
    }

    /** Puts what is held back into its places in a whole weight. */
    public void put(ByteBuffer held, ByteBuffer whole) {
        ByteBuffer from = held.slice().order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer into = whole.slice().order(ByteOrder.LITTLE_ENDIAN);
        visit(index -> into.putFloat(index * Float.BYTES, from.getFloat()));
    }

    /** Indices of the elements that are not held, ascending. */
    public int[] left() {
        boolean[] taken = new boolean[Math.toIntExact(weight.elements())];
        visit(index -> taken[index] = true);
        int[] left = new int[taken.length - elements()];
        int count = 0;
        for (int k = 0; k < taken.length; k++) {
            if (!taken[k]) {
                left[count++] = k;
            }
        }
        return left;
    }

    private interface Visitor {
        void at(int index);
    }

    private void visit(Visitor visitor) {
        int[] size = sizes.stream().mapToInt(Integer::intValue).toArray();
        int[] stride = strides.stream().mapToInt(Integer::intValue).toArray();
        for (int i = 0; i < size[0]; i++) {
            for (int j = 0; j < size[1]; j++) {
                for (int k = 0; k < size[2]; k++) {
                    int base = offset + i * stride[0] + j * stride[1] + k * stride[2];
                    for (int l = 0; l < size[3]; l++) {
                        visitor.at(base + l * stride[3]);
                    }
                }
            }
        }
    }
}
