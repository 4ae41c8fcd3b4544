// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * The one message of a call without streams, as it stands in a body
 * (<a href="https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md">gRPC over HTTP/2</a>): a flag, its length in four bytes, and
 * itself.
 */
final class GrpcMessage {
    private static final int HEAD = 5;
    /** Of text in a head: nine bytes each at most, and clients take 8 KiB of heads. */
    private static final int LONGEST = 800;

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private GrpcMessage() {}

    /** The message in a body; a view of it. */
    static ByteBuffer read(byte[] body) throws PictureException {
        if (body.length < HEAD) {
            throw new PictureException(
                    Reason.MALFORMED,
                    "the body has " + body.length + " bytes, and no message: one is a flag, a length and itself");
        }
        ByteBuffer message = ByteBuffer.wrap(body);
        byte flag = message.get();
        int length = message.getInt();
        if (flag != 0) {
            throw new PictureException(
                    Reason.UNSUPPORTED, "the message is compressed; send it as it is (grpc-encoding: identity)");
        }
        if (length != message.remaining()) {
            throw new PictureException(
                    Reason.MALFORMED,
                    "the message has " + message.remaining() + " bytes, and announces "
                            + Integer.toUnsignedString(length) + "; one message is taken in a call");
        }
        return message;
    }

    /** A message as a body has it. */
    static Buffer framed(byte[] message) {
        return Buffer.buffer(HEAD + message.length)
                .appendByte((byte) 0)
                .appendInt(message.length)
                .appendBytes(message);
    }

    /** Text as {@code grpc-message} has it: ASCII, and of everything else its bytes in UTF-8 after {@code %}; cut where it is long. */
    static String escaped(String text) {
        String shown = text.length() > LONGEST ? text.substring(0, LONGEST - 1) + "…" : text;
        StringBuilder escaped = new StringBuilder();
        for (byte each : shown.getBytes(UTF_8)) {
            if (each >= ' ' && each <= '~' && each != '%') {
                escaped.append((char) each);
            } else {
                HEX.toHexDigits(escaped.append('%'), each);
            }
        }
        return escaped.toString();
    }
}
