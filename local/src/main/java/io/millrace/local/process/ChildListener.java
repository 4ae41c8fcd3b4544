// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.process;

import java.time.Duration;

/** Is told what happens to child processes, on their watching threads. */
public interface ChildListener {
    /** A process runs. */
    void started(String name, long pid);

    /**
     * A process ended although nobody stopped it; it is started again after the delay.
     *
     * @param lastWords what its log says last; may be empty
     */
    void crashed(String name, int exitCode, Duration restartIn, String lastWords);

    /** A process ended too often in a row, or cannot be started; it stays down. */
    void gaveUp(String name, String reason);
}
