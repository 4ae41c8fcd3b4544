// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.decode;

import io.millrace.image.Fitted;
import io.millrace.image.Fitting;
import io.millrace.image.PictureException;
import io.millrace.image.ReadingGate;

/** An image that a client sent, not looked at yet. */
@FunctionalInterface
public interface ImageSource {
    /** Read, and made what a network takes; it may be asked again when the gate threw. */
    Fitted fitted(Fitting input, ReadingGate gate) throws PictureException;
}
