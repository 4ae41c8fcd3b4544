// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;

/** Requests that no well-behaved client sends. One request on a connection, which ends with it. */
final class RawClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;
    private static final int CHUNK = 8192;

    private final Socket socket;
    private final OutputStream out;

    RawClient(int port) throws IOException {
        this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        this.out = socket.getOutputStream();
    }

    /** {@code POST /classify} with these headers. */
    RawClient post(String... headers) throws IOException {
        send("POST /classify HTTP/1.1\r\nHost: localhost\r\n");
        for (String header : headers) {
            send(header + "\r\n");
        }
        return send("\r\n");
    }

    RawClient send(String text) throws IOException {
        return send(text.getBytes(ISO_8859_1));
    }

    RawClient send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
        return this;
    }

    /** In chunks, without the one that ends the body. */
    RawClient chunks(byte[] body) throws IOException {
        for (int from = 0; from < body.length; from += CHUNK) {
            int length = Math.min(CHUNK, body.length - from);
            send(Integer.toHexString(length) + "\r\n");
            out.write(body, from, length);
            send("\r\n");
        }
        return this;
    }

    RawClient lastChunk() throws IOException {
        return send("0\r\n\r\n");
    }

    /** Sends nothing more. */
    RawClient finish() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** All that comes until the server closes the connection. */
    String answer() throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        socket.getInputStream().transferTo(answer);
        return answer.toString(ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
