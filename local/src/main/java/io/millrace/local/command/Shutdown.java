// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import io.millrace.local.stack.Stack;
import io.millrace.local.view.View;
import io.millrace.local.watch.Event;
import java.time.Duration;
import java.time.Instant;

/** The end of a stack, as its user sees it. */
final class Shutdown {
    private Shutdown() {}

    /** Stops everything, in order. Returns when nothing runs any more. */
    static void of(Stack stack, View view) {
        Instant begin = Instant.now();
        view.close();
        view.show(new Event.Note("stopping"));
        stack.close();
        double seconds = Duration.between(begin, Instant.now()).toMillis() / 1000.0;
        view.show(new Event.Note("stopped after " + seconds + " s"));
    }
}
