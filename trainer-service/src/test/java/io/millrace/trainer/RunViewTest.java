// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunViewTest {
    private static final RunStatus STATUS = new RunStatus(
            "run",
            State.RUNNING,
            null,
            1,
            6,
            1,
            2,
            4,
            0,
            1,
            4,
            0,
            2.0,
            0L,
            null,
            null,
            null,
            null,
            null,
            null,
            Instant.EPOCH);

    private static RunView of(RunStatus status) {
        return RunView.of(Optional.of(status), Optional.empty(), Optional.empty(), Optional.empty());
    }

    @Test
    void aRunThatWaitsForAWorkerIsNotRunningAndSaysWhy() {
        assertThat(of(STATUS).state()).isEqualTo("running");

        RunView waiting = of(STATUS.waitingFor("waits for a worker: x"));

        assertThat(waiting.state()).isEqualTo("waiting");
        assertThat(waiting.reason()).isEqualTo("waits for a worker: x");
        assertThat(waiting.step()).isEqualTo(1);
    }
}
