// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The way to a broker: a port that leads to another one, and can be cut and mended. Cut at first. */
final class Wire implements AutoCloseable {
    private final int port;
    private final int target;
    private final List<AutoCloseable> ends = new CopyOnWriteArrayList<>();

    Wire(int port, int target) {
        this.port = port;
        this.target = target;
    }

    void mend() {
        try {
            ServerSocket server = new ServerSocket();
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            ends.add(server);
            daemon(() -> accept(server));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void cut() {
        for (AutoCloseable end : ends) {
            try {
                end.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        ends.clear();
    }

    private void accept(ServerSocket server) {
        try {
            while (true) {
                Socket near = server.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                ends.addAll(List.of(near, far));
                daemon(() -> copy(near, far));
                daemon(() -> copy(far, near));
            }
        } catch (IOException e) {
            // cut
        }
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // one end hung up
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "wire");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        cut();
    }
}
