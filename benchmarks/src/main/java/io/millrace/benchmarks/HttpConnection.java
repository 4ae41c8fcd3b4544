// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Locale;

/**
 * As much of HTTP/1.1 as it takes to send whole requests and to find the end of their answers, so that the client costs the cores that
 * it shares with the server as little as can be. Connects when it is first needed, and again when the server closed. Confined to
 * its thread.
 */
final class HttpConnection implements Closeable {
    private static final int PATIENCE_MILLIS = 30_000;

    private final InetSocketAddress server;
    private Socket socket;
    private InputStream in;

    HttpConnection(InetSocketAddress server) {
        this.server = server;
    }

    /**
     * Sends a request and reads its answer to the end.
     *
     * @return its status
     */
    int ask(byte[] request) throws IOException {
        try {
            if (socket == null) {
                connect();
            }
            socket.getOutputStream().write(request);
            return answer();
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void connect() throws IOException {
        socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(server, PATIENCE_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    private int answer() throws IOException {
        String statusLine = line();
        int status = Integer.parseInt(statusLine.split(" ", 3)[1]);
        long length = 0;
        boolean chunked = false;
        boolean last = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            String small = header.toLowerCase(Locale.ROOT);
            String value = small.substring(small.indexOf(':') + 1).strip();
            if (small.startsWith("content-length:")) {
                length = Long.parseLong(value);
            } else if (small.startsWith("transfer-encoding:")) {
                chunked = value.equals("chunked");
            } else if (small.startsWith("connection:")) {
                last = value.equals("close");
            }
        }
        if (chunked) {
            skipChunks();
        } else {
            in.skipNBytes(length);
        }
        if (last) {
            close();
        }
        return status;
    }

    private void skipChunks() throws IOException {
        long size;
        do {
            size = Long.parseLong(line().split(";", 2)[0].strip(), 16);
            in.skipNBytes(size);
            line();
        } while (size > 0);
    }

    private String line() throws IOException {
        byte[] bytes = new byte[64];
        int length = 0;
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the server closed the connection");
            }
            if (length == bytes.length) {
                bytes = Arrays.copyOf(bytes, 2 * length);
            }
            bytes[length++] = (byte) next;
        }
        return new String(bytes, 0, length, ISO_8859_1).stripTrailing();
    }

    @Override
    public void close() {
        if (socket == null) {
            return;
        }
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing is lost with it.
        }
        socket = null;
    }
}
