// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

import io.millrace.inference.image.ImageException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Sizes that stand in a header beside width and height. The JDK's readers allocate them before they see that the file
 * is shorter, so that a file of a few bytes would cost gigabytes, and with them the process.
 */
final class ClaimedSizes {
    private static final int BMP_HEADER_SIZE = 14;
    private static final int BMP_COMPRESSION = 30;
    /** The oldest header, which knows no compression. */
    private static final int BMP_CORE_HEADER = 12;
    /** None, run lengths of 8 and 4 bits, bit fields; what follows are whole JPEG and PNG files of a claimed size. */
    private static final int BMP_LAST_COMPRESSION = 3;

    private static final int PNG_SIGNATURE = 8;
    private static final int PNG_CHUNK_FRAME = 12;
    private static final int PNG_PIXELS = 0x49444154;
    private static final int PNG_MAX_CHUNK = 1 << 20;

    private ClaimedSizes() {}

    /** Refuses what no image needs. */
    static void check(byte[] file, ImageFormat format) throws ImageException {
        if (format == ImageFormat.BMP) {
            checkBmp(ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN));
        } else if (format == ImageFormat.PNG) {
            checkPng(ByteBuffer.wrap(file));
        }
    }

    private static void checkBmp(ByteBuffer file) throws ImageException {
        if (file.limit() < BMP_COMPRESSION + Integer.BYTES || file.getInt(BMP_HEADER_SIZE) == BMP_CORE_HEADER) {
            return;
        }
        int compression = file.getInt(BMP_COMPRESSION);
        if (compression < 0 || compression > BMP_LAST_COMPRESSION) {
            throw unreadable("the BMP image has the compression " + compression + "; only 0 to " + BMP_LAST_COMPRESSION
                    + " are read, so save it uncompressed, or as PNG");
        }
    }

    /** The chunks before the pixels: palette, colour profile, text and the like. */
    private static void checkPng(ByteBuffer file) throws ImageException {
        long at = PNG_SIGNATURE;
        while (at + 2 * Integer.BYTES <= file.limit()) {
            long length = Integer.toUnsignedLong(file.getInt((int) at));
            int type = file.getInt((int) at + Integer.BYTES);
            if (type == PNG_PIXELS) {
                return;
            }
            if (length > PNG_MAX_CHUNK) {
                throw unreadable("the PNG image has a chunk of " + length + " bytes before its pixels, more than the "
                        + PNG_MAX_CHUNK + " that are taken; save it without metadata");
            }
            at += PNG_CHUNK_FRAME + length;
        }
    }

    private static ImageException unreadable(String why) {
        return new ImageException(Reason.UNREADABLE, why);
    }
}
