// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

/**
 * One split of a data set. The arrays are shared, not copied, and must be left alone.
 *
 * @param pixels uint8 {@code [N,C,H,W]}, row-major
 * @param labels uint8 {@code [N]}, indices of classes
 */
public record Samples(byte[] pixels, byte[] labels) {
    /** N. */
    public int size() {
        return labels.length;
    }

    /** The class of a sample. */
    public int label(int sample) {
        return labels[sample] & 0xff;
    }
}
