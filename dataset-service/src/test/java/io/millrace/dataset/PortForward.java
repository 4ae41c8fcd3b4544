// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A port that leads to another one: lets a broker appear where none was. */
final class PortForward implements AutoCloseable {
    private final ServerSocket server;
    private final String host;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    private PortForward(ServerSocket server, String host, int target) {
        this.server = server;
        this.host = host;
        this.target = target;
    }

    static PortForward start(int port, String target) {
        try {
            ServerSocket server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
            String[] parts = target.split(":");
            PortForward forward = new PortForward(server, parts[0], Integer.parseInt(parts[1]));
            daemon(forward::accept);
            return forward;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket in = server.accept();
                Socket out = new Socket(host, target);
                sockets.addAll(List.of(in, out));
                daemon(() -> copy(in, out));
                daemon(() -> copy(out, in));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // one side has closed
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "port-forward");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
