// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.inference.image.ImageException;
import io.millrace.inference.image.ImageFitter;
import io.millrace.inference.image.PixelGrid;

/** An image that a client sent, not looked at yet. */
@FunctionalInterface
interface ImageSource {
    /** Decoded, and made what a network takes. */
    PixelGrid fitted(ImageFitter input) throws ImageException;
}
