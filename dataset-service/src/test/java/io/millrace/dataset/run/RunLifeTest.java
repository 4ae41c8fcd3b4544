// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.dataset.Configs;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which runs may be removed, as the registry knows them: no broker. */
class RunLifeTest {
    private final RunSpec run = RunSpecs.of(
            "run",
            new Dataset(
                    "data",
                    "digest",
                    100,
                    10,
                    1,
                    28,
                    28,
                    List.of("a", "b"),
                    new Normalization(List.of(1f), List.of(0f))),
            10,
            1);
    private final RunRegistry registry = new RunRegistry();
    private final RunLife life = new RunLife(null, registry, new PromotedModels(), Configs.of(Map.of()));

    private RunStatus running() {
        Instant now = Instant.now();
        return new RunStatus(
                "run",
                State.RUNNING,
                null,
                1,
                10,
                1,
                2,
                20,
                0,
                1,
                1,
                0,
                2.0,
                0L,
                null,
                null,
                null,
                null,
                null,
                null,
                now);
    }

    private void known(RunSpec spec, RunStatus status) {
        registry.run("run", spec);
        registry.status("run", status);
    }

    @Test
    void aRunThatSomebodyIsAtIsNotRemoved() {
        known(run, running());

        assertThatExceptionOfType(RunRefusedException.class)
                .isThrownBy(() -> life.requireIdle(run))
                .withMessageContaining("is running");
    }

    @Test
    void aRunThatWaitsForAWorkerMayBeRemovedWithoutBeingStoppedFirst() {
        known(run, running().waitingFor("waits for a worker: all are at other runs"));

        assertThatCode(() -> life.requireIdle(run)).doesNotThrowAnyException();
    }

    @Test
    void aRunThatWasStoppedWhileItWaitedMayBeRemovedAtOnce() {
        RunSpec stopped = run.withStopped(true);
        known(stopped, running().waitingFor("waits for a worker: all are at other runs"));

        assertThatCode(() -> life.requireIdle(stopped)).doesNotThrowAnyException();
    }
}
