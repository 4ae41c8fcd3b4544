// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import java.util.Base64;

/** The bytes of a file as text: base64, as a browser's data URL or without its head. */
public final class EncodedFile {
    private EncodedFile() {}

    /**
     * The bytes.
     *
     * @param place where it stands, for who wrote it
     * @throws PictureException when it is no base64
     */
    public static byte[] decode(String text, String place) throws PictureException {
        int head = text.startsWith("data:") ? text.indexOf(',') + 1 : 0;
        try {
            return Base64.getMimeDecoder().decode(text.substring(head));
        } catch (IllegalArgumentException e) {
            throw new PictureException(
                    Reason.UNREADABLE, place + " is not base64: " + e.getMessage() + "; encode the file's bytes", e);
        }
    }
}
