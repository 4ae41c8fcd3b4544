// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import io.quarkus.logging.Log;
import io.quarkus.runtime.Quarkus;

/**
 * A thread that the service cannot do without ended by an error. So the process ends too: whatever runs it restarts what
 * has ended, and not everything that runs it asks for the liveness.
 */
public final class LostThread implements Thread.UncaughtExceptionHandler {
    @Override
    public void uncaughtException(Thread thread, Throwable error) {
        Log.fatalf(error, "A thread ended that the service needs; the process ends, too. thread=%s", thread.getName());
        Quarkus.asyncExit(1);
    }
}
