// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.image.PictureException;
import io.millrace.inference.registry.WantedModel;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class GrpcMessageTest {
    @Test
    void aMessageIsReadAsItWasFramed() throws PictureException {
        ByteBuffer read =
                GrpcMessage.read(GrpcMessage.framed(new byte[] {1, 2, 3}).getBytes());

        assertThat(read).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }

    @Test
    void whatIsNoMessageIsRefused() {
        assertRefused(new byte[4], "the body has 4 bytes, and no message");
        assertRefused(new byte[] {1, 0, 0, 0, 0}, "the message is compressed");
        assertRefused(new byte[] {0, 0, 0, 0, 2, 1}, "the message has 1 bytes, and announces 2");
        assertRefused(new byte[] {0, 0, 0, 0, 0, 1}, "the message has 1 bytes, and announces 0; one message is taken");
        assertRefused(new byte[] {0, -1, -1, -1, -1, 1}, "announces 4294967295");
    }

    @Test
    void textOfStatusesIsAscii() {
        assertThat(GrpcMessage.escaped("50 % \n\"é\"")).isEqualTo("50 %25 %0A\"%C3%A9\"");
    }

    @Test
    void textOfStatusesIsNoLongerThanHeadsMayBe() {
        assertThat(GrpcMessage.escaped("é".repeat(1_000_000)))
                .hasSizeLessThan(8_000)
                .endsWith("%C3%A9%E2%80%A6");
    }

    @Test
    void namesThatAreSentAreShownInPart() {
        assertThat(WantedModel.of("n".repeat(1_000_000), "v".repeat(1_000_000)).toString())
                .hasSizeLessThan(500);
    }

    private static void assertRefused(byte[] body, String message) {
        assertThatExceptionOfType(PictureException.class)
                .isThrownBy(() -> GrpcMessage.read(body))
                .withMessageContaining(message);
    }
}
