// SPDX-License-Identifier: Apache-2.0
package io.millrace.test;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that are told theirs by number. One that was given out is this process' own until it ends, whoever listens
 * there or does not at the moment: no other process of tests gets it, side by side as they run, and the system gives it to no
 * connection. For any thread.
 */
public final class TestPorts {
    /** Below what Linux takes for outgoing connections and for port 0. */
    private static final int FIRST = 12_000;

    private static final int BEYOND = 32_000;
    private static final int ATTEMPTS = 1_000;

    /** A port is claimed by UDP, which nobody here speaks: the system knows one owner, and forgets who is dead. */
    private static final List<DatagramSocket> CLAIMS = new ArrayList<>();

    private TestPorts() {}

    /** One port. */
    public static int one() {
        return base(0);
    }

    /** Several that follow from one: the one to which each of these distances, from 0 on, leads to a port of the caller's. */
    public static synchronized int base(int... distances) {
        int farthest = 0;
        for (int distance : distances) {
            farthest = Math.max(farthest, distance);
        }
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int base = ThreadLocalRandom.current().nextInt(FIRST, BEYOND - farthest);
            if (claim(base, distances)) {
                return base;
            }
        }
        throw new IllegalStateException("no free ports between " + FIRST + " and " + BEYOND);
    }

    private static boolean claim(int base, int[] distances) {
        List<DatagramSocket> claims = new ArrayList<>();
        try {
            for (int distance : distances) {
                int port = base + distance;
                claims.add(new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
                new ServerSocket(port).close();
            }
        } catch (IOException e) {
            claims.forEach(DatagramSocket::close);
            return false;
        }
        CLAIMS.addAll(claims);
        return true;
    }
}
