// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Makes a broker answer on a second port, from a moment of the test's choosing. */
final class Forwarder implements AutoCloseable {
    private final ServerSocket server;
    private final String host;
    private final int port;

    private Forwarder(ServerSocket server, String host, int port) {
        this.server = server;
        this.host = host;
        this.port = port;
    }

    /** Opens {@code from} on the loopback interface and leads it to {@code to}, a {@code host:port}. */
    static Forwarder open(int from, String to) throws IOException {
        int colon = to.lastIndexOf(':');
        Forwarder forwarder = new Forwarder(
                new ServerSocket(from, 50, InetAddress.getLoopbackAddress()),
                to.substring(0, colon),
                Integer.parseInt(to.substring(colon + 1)));
        daemon(forwarder::accept);
        return forwarder;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Socket broker = new Socket(host, port);
                daemon(() -> copy(client, broker));
                daemon(() -> copy(broker, client));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // one side hung up; now both have
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "forwarder");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
