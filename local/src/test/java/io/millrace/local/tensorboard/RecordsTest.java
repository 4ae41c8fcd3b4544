// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tensorboard;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class RecordsTest {
    /** The CRC-32C of these digits is e3069283, as RFC 3720's algorithm has it; masked as TensorFlow's crc32c.h says. */
    @Test
    void aCrcIsMasked() {
        int crc = 0xe3069283;
        int masked = ((crc >>> 15) | (crc << 17)) + 0xa282ead8;

        assertThat(Records.masked("123456789".getBytes(US_ASCII))).isEqualTo(masked);
    }

    /** The begin of every event file that TensorFlow writes: a record of 24 bytes. */
    @Test
    void theLengthOfARecordHasTensorFlowsCrc() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        Records.write(out, new byte[24]);

        assertThat(HexFormat.of().formatHex(out.toByteArray(), 0, 12)).isEqualTo("1800000000000000a37f4b22");
        assertThat(out.size()).isEqualTo(8 + 4 + 24 + 4);
    }
}
