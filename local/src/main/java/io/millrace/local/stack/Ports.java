// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import io.millrace.local.Refusal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;

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
     * @throws Refusal naming the port, what needs it and what helps
     */
    public void requireFree() {
        for (Part part : Part.values()) {
            requireFree(of(part), part.label());
        }
        requireFree(controller(), "the controller of " + Part.BROKER.label());
    }

    private static void requireFree(int port, String user) {
        try (ServerSocket socket = new ServerSocket()) {
            // As the services do: a port whose last connections are still fading away is free.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(HOST), port));
        } catch (IOException e) {
            throw new Refusal(
                    "port " + port + " is busy, and " + user + " needs it (" + e.getMessage() + "). Stop what listens "
                            + "there, or choose other ports with --port N: N to N+3, N+12 and N+13 are used",
                    e);
        }
    }
}
