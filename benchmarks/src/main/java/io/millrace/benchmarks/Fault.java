// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What can be done to a process. */
enum Fault {
    /** No chance to do anything any more. */
    KILL("SIGKILL", "KILL", null),
    /** An orderly end that it did not ask for. */
    TERM("SIGTERM", "TERM", null),
    /** It stands still: to others it is as if the network or the machine were gone, and then it goes on. */
    STOP("SIGSTOP", "STOP", "CONT");

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final String label;
    private final String signal;
    private final String remedy;

    Fault(String label, String signal, String remedy) {
        this.label = label;
        this.signal = signal;
        this.remedy = remedy;
    }

    String label() {
        return label;
    }

    /** Whether it ends by itself what it did. */
    boolean passes() {
        return remedy != null;
    }

    /** Does it; false when the process was gone before. */
    boolean strike(ProcessHandle victim) throws IOException, InterruptedException {
        return signal(victim, signal);
    }

    /** Ends it, where the process does not recover by being started again. */
    void undo(ProcessHandle victim) throws IOException, InterruptedException {
        if (passes()) {
            signal(victim, remedy);
        }
    }

    private static boolean signal(ProcessHandle victim, String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(victim.pid()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return kill.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS) && kill.exitValue() == 0;
    }

    /** That of a name, as on the command line. */
    static Optional<Fault> named(String name) {
        for (Fault fault : values()) {
            if (fault.name().equalsIgnoreCase(name)) {
                return Optional.of(fault);
            }
        }
        return Optional.empty();
    }
}
