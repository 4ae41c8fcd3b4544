// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import io.millrace.local.Refusal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The ports of a stack, all on the loopback address and all derived from one.
 *
 * @param base of inference-service
 */
public record Ports(int base) {
    /** Used when nothing is said. */
    public static final String DEFAULT_BASE = "8080";

    private static final String HOST = "127.0.0.1";
    private static final int GRPC_OFFSET = 11;
    private static final int CONTROLLER_OFFSET = 13;
    private static final int MANAGEMENT_OFFSET = 1000;
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(200);
    /** Above the first one, of the services of a stack with as many workers as can be. */
    private static final int LAST_SERVICE = Stream.of(Part.values())
            .filter(part -> part != Part.BROKER)
            .mapToInt(Part::portOffset)
            .max()
            .orElseThrow();

    private static final int LAST = LAST_SERVICE + MANAGEMENT_OFFSET;
    private static final int HIGHEST = 65_535 - LAST;

    public Ports {
        if (base < 1 || base > HIGHEST) {
            throw new Refusal("--port " + base + " is out of range: 1 to " + HIGHEST + ", since the ports up to N+"
                    + LAST + " are used as well");
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

    /** Where inference-service speaks gRPC. */
    public int grpc() {
        return base + GRPC_OFFSET;
    }

    /** Where a service says how it is. */
    public int management(Part service) {
        return of(service) + MANAGEMENT_OFFSET;
    }

    /** Where a service answers HTTP about how it is. */
    public URI managementUri(Part service) {
        return URI.create("http://" + HOST + ":" + management(service));
    }

    /**
     * Makes sure that nobody else listens on any of the ports.
     *
     * @param parts that are to be started
     * @param patience for what is just ending, such as the processes of a stack that was killed
     * @throws Refusal naming the port, what needs it and what helps
     */
    public void requireFree(Collection<Part> parts, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        for (Part part : parts) {
            requireFree(of(part), part.label(), deadline);
            if (part != Part.BROKER) {
                requireFree(management(part), "the health of " + part.label(), deadline);
            }
        }
        if (parts.contains(Part.INFERENCE)) {
            requireFree(grpc(), "gRPC of " + Part.INFERENCE.label(), deadline);
        }
        if (parts.contains(Part.BROKER)) {
            requireFree(controller(), "the controller of " + Part.BROKER.label(), deadline);
        }
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
        String choose = "hoose other ports with --port N: N to N+" + CONTROLLER_OFFSET + " and N+" + MANAGEMENT_OFFSET
                + " to N+" + LAST + " are used";
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
