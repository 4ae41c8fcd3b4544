// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.tether;

import java.io.IOException;
import java.io.InputStream;

/**
 * Ends this process when its parent is gone. The parent holds the other end of standard input and never writes; the
 * operating system closes it however the parent dies, SIGKILL included, and this side then reads the end of the stream.
 */
public final class Tether {
    /** As for a process that SIGTERM ended: somebody else wanted it. */
    static final int EXIT_CODE = 143;

    private static final long GRACE_MILLIS = 5_000;

    private Tether() {}

    /** Called by the JVM before the program's main method ({@code -javaagent}). */
    public static void premain(String arguments) {
        daemon("tether", () -> {
                    awaitEnd(System.in);
                    // Shutdown hooks may wait for a broker that has gone as well; they get a moment, no more.
                    daemon("tether-halt", Tether::haltAfterGrace).start();
                    System.exit(EXIT_CODE);
                })
                .start();
    }

    static void awaitEnd(InputStream in) {
        try {
            while (in.read() >= 0) {
                // what the parent writes is nobody's business
            }
        } catch (IOException e) {
            // A pipe that cannot be read any more means the same as its end.
            System.err.println("tether: " + e);
        }
    }

    private static void haltAfterGrace() {
        try {
            Thread.sleep(GRACE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(EXIT_CODE);
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
