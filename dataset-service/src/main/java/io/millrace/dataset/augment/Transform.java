// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.augment;

import io.millrace.dataset.KeyedRandom;

/** Changes images of one size by chance. Immutable, so thread-safe. */
@FunctionalInterface
interface Transform {
    /**
     * An image after the change.
     *
     * @param image uint8 {@code [C,H,W]}, row-major; may be changed, and is not to be used afterwards
     * @param random decides everything that is left to chance
     */
    byte[] apply(byte[] image, KeyedRandom random);
}
