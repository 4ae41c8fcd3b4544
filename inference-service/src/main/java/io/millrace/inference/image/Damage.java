// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import io.millrace.inference.image.ImageException.Reason;
import java.util.regex.Pattern;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;

/**
 * Notes damage that a reader only warns of. The JPEG reader fills the missing part of a truncated file with grey and
 * warns; to classify that would be to answer a question nobody asked. Other warnings (a colour profile that is not
 * valid, extra bytes between segments) do not touch the pixels.
 */
final class Damage implements IIOReadWarningListener {
    private static final Pattern TELLING = Pattern.compile("(?i)truncated|premature|corrupt(?!.*extraneous)");

    private String warning;

    @Override
    public void warningOccurred(ImageReader source, String text) {
        if (warning == null && TELLING.matcher(text).find()) {
            warning = text;
        }
    }

    /** Refuses the image when damage was noted. */
    void check(ImageFormat format) throws ImageException {
        if (warning != null) {
            throw new ImageException(Reason.UNREADABLE, "the " + format + " image cannot be read: " + warning);
        }
    }
}
