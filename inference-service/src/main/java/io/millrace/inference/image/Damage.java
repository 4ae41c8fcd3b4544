// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import io.millrace.inference.image.ImageException.Reason;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;

/**
 * Notes what a reader only warns of. The JPEG reader fills the missing part of a truncated file with grey and warns; to
 * classify that would be to answer a question nobody asked.
 */
final class Damage implements IIOReadWarningListener {
    private String warning;

    @Override
    public void warningOccurred(ImageReader source, String text) {
        if (warning == null) {
            warning = text;
        }
    }

    /** Refuses the image when something was noted. */
    void check(ImageFormat format) throws ImageException {
        if (warning != null) {
            throw new ImageException(Reason.UNREADABLE, "the " + format + " image is damaged: " + warning);
        }
    }
}
