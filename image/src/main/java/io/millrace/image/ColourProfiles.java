// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Colour profiles are left out of account, as Pillow and torchvision leave them, so that a picture is to training and to
 * serving what it is to the networks that others trained. The readers of JPEG and WebP would apply them; they do not find
 * what is marked otherwise.
 */
final class ColourProfiles {
    private static final byte[] JPEG = "ICC_PROFILE\0".getBytes(US_ASCII);
    private static final byte[] WEBP_EXTENDED = "VP8X".getBytes(US_ASCII);
    private static final int WEBP_FIRST_CHUNK = 12;
    private static final int WEBP_FLAGS = 20;
    private static final int WEBP_HAS_PROFILE = 0x20;

    private ColourProfiles() {}

    /** The file without its profile; itself where it has none. */
    static byte[] without(byte[] file, ImageFormat format) {
        return switch (format) {
            case JPEG -> withoutJpeg(file);
            case WEBP -> withoutWebp(file);
            default -> file;
        };
    }

    private static byte[] withoutJpeg(byte[] file) {
        byte[] without = file;
        for (int at = Bytes.find(file, JPEG, 0); at >= 0; at = Bytes.find(file, JPEG, at + 1)) {
            without = without == file ? file.clone() : without;
            without[at] = '-';
        }
        return without;
    }

    private static byte[] withoutWebp(byte[] file) {
        boolean has = file.length > WEBP_FLAGS
                && Bytes.find(file, WEBP_EXTENDED, WEBP_FIRST_CHUNK) == WEBP_FIRST_CHUNK
                && (file[WEBP_FLAGS] & WEBP_HAS_PROFILE) != 0;
        if (!has) {
            return file;
        }
        byte[] without = file.clone();
        without[WEBP_FLAGS] &= ~WEBP_HAS_PROFILE;
        return without;
    }
}
