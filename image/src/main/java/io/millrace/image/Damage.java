// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import io.millrace.image.PictureException.Reason;
import java.util.regex.Pattern;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;

/**
 * Notes damage that a reader only warns of. The JPEG reader fills the missing part of a truncated file with grey and
 * warns; to classify that would be to answer a question nobody asked. Other warnings (a colour profile that is not
 * valid, extra bytes between segments) do not touch the pixels.
 */
final class Damage implements IIOReadWarningListener {
    private static final Pattern TELLING =
            Pattern.compile("(?i)truncated|premature|corrupt(?!.*extraneous)|not implemented");

    private String warning;

    @Override
    public void warningOccurred(ImageReader source, String text) {
        if (warning == null && TELLING.matcher(text).find()) {
            warning = text;
        }
    }

    /** Refuses the image when damage was noted. */
    void check(ImageFormat format) throws PictureException {
        if (warning != null) {
            throw new PictureException(
                    Reason.UNREADABLE,
                    "the " + format + " image cannot be read: " + warning + "; save it again, or send it anew");
        }
    }
}
