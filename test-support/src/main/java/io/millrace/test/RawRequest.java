// SPDX-License-Identifier: Apache-2.0
package io.millrace.test;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;

/** A request as it goes over the wire, for what clients refuse to send. */
public final class RawRequest {
    private static final int PATIENCE_MILLIS = 60_000;

    private RawRequest() {}

    /**
     * Sends a request and reads until the other side closes the connection, which it is asked to.
     *
     * @param service where, on this machine
     * @param lines the first line and the headers
     * @return all that came: status line, headers, body
     */
    public static String answer(URI service, String... lines) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.getPort())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            String request = String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
