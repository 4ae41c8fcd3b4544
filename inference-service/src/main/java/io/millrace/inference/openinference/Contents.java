// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import java.util.List;
import java.util.function.IntToDoubleFunction;

/** What is in a tensor, in the order of its rows. */
sealed interface Contents {
    /** How many elements there are. */
    int size();

    /**
     * Pixels.
     *
     * @param at an element, counted from 0
     */
    record Numbers(int size, IntToDoubleFunction at) implements Contents {}

    /** Files of images; not copied. */
    record Files(List<byte[]> files) implements Contents {
        @Override
        public int size() {
            return files.size();
        }
    }
}
