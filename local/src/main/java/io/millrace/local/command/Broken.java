// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.process.LogFile;
import io.millrace.local.stack.Commands;
import io.millrace.local.stack.Part;
import io.millrace.local.watch.Processes;
import java.io.IOException;

/** Why a stack cannot go on. */
final class Broken {
    private static final int TAIL_LINES = 15;

    private Broken() {}

    /** In lines, with what the process said last that gave up. */
    static String why(Commands commands, Processes processes) throws IOException {
        LogFile log =
                commands.workDir().log(processes.failed().orElse(Part.BROKER).label());
        StringBuilder text = new StringBuilder(processes.failure().orElseThrow())
                .append("\nlast lines of ")
                .append(log.path())
                .append(':');
        log.tail(TAIL_LINES).forEach(line -> text.append("\n  ").append(line));
        return text.toString();
    }
}
