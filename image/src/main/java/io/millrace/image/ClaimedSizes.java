// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

import io.millrace.image.PictureException.Reason;
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

    private static final int RIFF_HEADER = 12;
    private static final int RIFF_CHUNK = 8;
    private static final int WEBP_LOSSY = 0x20385056;
    private static final int WEBP_LOSSLESS = 0x4c385056;
    private static final int WEBP_FRAME = 0x464d4e41;
    private static final int WEBP_FRAME_HEADER = 16;
    private static final int WEBP_LOSSY_SIZE = 6;
    private static final int WEBP_MAX_SIDE = 0x3fff;

    private ClaimedSizes() {}

    /** Refuses what no image needs. */
    static void check(byte[] file, ImageFormat format, ReadLimits limits) throws PictureException {
        ByteBuffer little = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        switch (format) {
            case BMP -> checkBmp(little);
            case PNG -> checkPng(ByteBuffer.wrap(file));
            case WEBP -> checkWebp(little, limits);
            default -> {}
        }
    }

    /** Each frame has a size of its own, which need not be that of the canvas. */
    private static void checkWebp(ByteBuffer file, ReadLimits limits) throws PictureException {
        for (int at = RIFF_HEADER; at + RIFF_CHUNK + WEBP_LOSSY_SIZE + Integer.BYTES <= file.limit(); ) {
            int type = file.getInt(at);
            int begin = at + RIFF_CHUNK;
            if (type == WEBP_LOSSY) {
                int width = file.getShort(begin + WEBP_LOSSY_SIZE) & WEBP_MAX_SIDE;
                limits.check(ImageFormat.WEBP, width, file.getShort(begin + WEBP_LOSSY_SIZE + 2) & WEBP_MAX_SIDE);
            } else if (type == WEBP_LOSSLESS) {
                int sizes = file.getInt(begin + 1);
                limits.check(ImageFormat.WEBP, 1 + (sizes & WEBP_MAX_SIDE), 1 + (sizes >> 14 & WEBP_MAX_SIDE));
            }
            long length = Integer.toUnsignedLong(file.getInt(at + Integer.BYTES));
            // Frames of an animation hold chunks of their own behind their header.
            long next = begin + (type == WEBP_FRAME ? WEBP_FRAME_HEADER : length + (length & 1));
            at = (int) Math.min(next, file.limit());
        }
    }

    private static void checkBmp(ByteBuffer file) throws PictureException {
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
    private static void checkPng(ByteBuffer file) throws PictureException {
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

    private static PictureException unreadable(String why) {
        return new PictureException(Reason.UNREADABLE, why);
    }
}
