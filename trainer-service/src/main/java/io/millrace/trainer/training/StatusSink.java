// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.RunStatus;

/** Where statuses go. */
@FunctionalInterface
public interface StatusSink {
    /**
     * Tells how a run stands, and returns when that is safe.
     *
     * @throws RuntimeException when it could not be told
     */
    void publish(RunStatus status);
}
