// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import io.millrace.local.Refusal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * The ports of a stack, all on the loopback address and all derived from one.
 *
 * @param base of inference-service
 */
public record Ports(int base) {
    /** Used when nothing is said. */
    public static final String DEFAULT_BASE = "8080";

    private static final String HOST = "127.0.0.1";
    private static final int CONTROLLER_OFFSET = 13;
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(200);
    private static final int HIGHEST = 65_535 - CONTROLLER_OFFSET;

    public Ports {
        if (base < 1 || base > HIGHEST) {
            throw new Refusal("--port " + base + " is out of range: 1 to " + HIGHEST + ", since the ports up to " + "N+"
                    + CONTROLLER_OFFSET + " are used as well");
        }
    }

    public int of(Part part) {
        return base + part.portOffset();
    }

    /** Where the broker's controller listens, for the broker alone. */
    public int controller() {
        return base + CONTROLLER_OFFSET;
    }

    /** {@code host:port} of the broker. */
    public String bootstrapServers() {
        return HOST + ":" + of(Part.BROKER);
    }

    /** Where a service answers HTTP. */
    public URI uri(Part service) {
        return URI.create("http://" + HOST + ":" + of(service));
    }

    /**
     * Makes sure that nobody else listens on any of the ports.
     *
     * @param patience for what is just ending, such as the processes of a stack that was killed
     * @throws Refusal naming the port, what needs it and what helps
     */
    public void requireFree(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        for (Part part : Part.values()) {
            requireFree(of(part), part.label(), deadline);
        }
        requireFree(controller(), "the controller of " + Part.BROKER.label(), deadline);
    }

    private static void requireFree(int port, String user, long deadline) throws InterruptedException {
        Optional<IOException> obstacle = tryOut(port);
        while (obstacle.isPresent() && !denied(obstacle.get()) && System.nanoTime() < deadline) {
            Thread.sleep(BETWEEN_ATTEMPTS.toMillis());
            obstacle = tryOut(port);
        }
        if (obstacle.isPresent()) {
            throw refusal(port, user, obstacle.get());
        }
    }

    private static Optional<IOException> tryOut(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // As the services do: a port whose last connections are still fading away is free.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(HOST), port));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e);
        }
    }

    /** Java has no type of its own for this. */
    private static boolean denied(IOException e) {
        return String.valueOf(e.getMessage()).contains("Permission denied");
    }

    static Refusal refusal(int port, String user, IOException e) {
        String choose = "hoose other ports with --port N: N to N+3, N+12 and N+13 are used";
        return denied(e)
                ? new Refusal(
                        "port " + port + ", which " + user + " needs, may not be used by this user (" + e.getMessage()
                                + "). C" + choose,
                        e)
                : new Refusal(
                        "port " + port + " is busy, and " + user + " needs it (" + e.getMessage()
                                + "). Stop what listens " + "there, or c" + choose,
                        e);
    }
}
