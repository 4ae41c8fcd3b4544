// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.process;

import java.util.ArrayList;
import java.util.List;

/**
 * A process to run.
 *
 * @param name for people
 * @param command program and arguments
 * @param log where its output goes
 * @param makesWay whether it leaves the processors to others, when there are any, from when it does its work; it starts
 *     like everybody
 */
public record ChildSpec(String name, List<String> command, LogFile log, boolean makesWay) {
    // A terminal sends SIGINT (Ctrl-C) and SIGHUP (closed) to every process in it. The children are to be stopped by
    // their parent, in order, so they are started with both ignored, which a JVM respects.
    private static final List<String> DEAF_TO_THE_TERMINAL = List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"");

    public ChildSpec {
        command = List.copyOf(command);
    }

    ProcessBuilder builder() {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(DEAF_TO_THE_TERMINAL));
        builder.command().add(name);
        builder.command().addAll(command);
        return builder.redirectErrorStream(true);
    }
}
