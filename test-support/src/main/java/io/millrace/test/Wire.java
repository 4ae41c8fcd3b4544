// SPDX-License-Identifier: Apache-2.0
package io.millrace.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** The way to a broker: a port that leads to another one, and can be cut and mended. Cut at first. */
public final class Wire implements AutoCloseable {
    private final int port = TestPorts.one();
    private final List<AutoCloseable> ends = new ArrayList<>();

    /** {@code host:port} of the near end. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** Leads to {@code target}, a {@code host:port}, until it is cut. */
    public void mend(String target) {
        URI far = URI.create("broker://" + target);
        try {
            ServerSocket server = new ServerSocket();
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            synchronized (ends) {
                ends.add(server);
            }
            daemon(() -> accept(server, far));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Nothing that came in before this gets through any more. */
    public void cut() {
        synchronized (ends) {
            for (AutoCloseable end : ends) {
                try {
                    end.close();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
            ends.clear();
        }
    }

    private void accept(ServerSocket server, URI target) {
        try {
            while (true) {
                Socket near = server.accept();
                synchronized (ends) {
                    if (server.isClosed()) {
                        near.close();
                        return;
                    }
                    ends.add(near);
                    Socket far = new Socket(target.getHost(), target.getPort());
                    ends.add(far);
                    daemon(() -> copy(near, far));
                    daemon(() -> copy(far, near));
                }
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
