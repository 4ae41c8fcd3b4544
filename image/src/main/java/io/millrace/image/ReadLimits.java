// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

/**
 * What is taken of a file. Frames need no limit: only the first is looked at.
 *
 * @param bytes of the file, at the most
 * @param pixels width × height that the file claims, at the most
 */
public record ReadLimits(int bytes, int pixels) {
    /** 32 MiB, and 50 megapixels, as phones have them whose camera is not asked for more. */
    public static final ReadLimits DEFAULT = new ReadLimits(32 << 20, 50_000_000);

    public ReadLimits {
        if (bytes < 1 || pixels < 1) {
            throw new IllegalArgumentException(
                    "limits have to be 1 or more, not " + bytes + " bytes and " + pixels + " pixels");
        }
    }

    /** Refuses a size. */
    void check(ImageFormat format, int width, int height) throws PictureException {
        int taken = Math.min(pixels, format.most());
        if ((long) width * height > taken) {
            throw PictureException.tooManyPixels("the " + format + " image", width, height, taken);
        }
    }
}
