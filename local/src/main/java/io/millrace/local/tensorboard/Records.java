// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tensorboard;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Records as TensorFlow writes them (<a
 * href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/lib/io/record_writer.h">record_writer.h</a>):
 * length as little-endian uint64, masked CRC of these 8 bytes, the data, masked CRC of the data.
 */
final class Records {
    private static final int MASK_DELTA = 0xa282ead8;

    private Records() {}

    static void write(OutputStream out, byte[] data) throws IOException {
        byte[] length = little(Long.BYTES).putLong(data.length).array();
        out.write(length);
        out.write(little(Integer.BYTES).putInt(masked(length)).array());
        out.write(data);
        out.write(little(Integer.BYTES).putInt(masked(data)).array());
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The CRC-32C of some data, turned and shifted, so that a CRC over data that has CRCs in it stays a good one (<a
     * href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/lib/hash/crc32c.h">crc32c.h</a>).
     */
    static int masked(byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(data);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
    }
}
