// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.Fixtures.run;
import static io.millrace.trainer.TrainerProcess.awaitStep;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two trainers and one run. */
class ReplacedIT {
    /** Longer than a busy machine takes to open a run, of which nobody hears meanwhile. */
    private static final Map<String, String> SOON = Map.of("millrace.trainer.takeover-after", "10s");

    @TempDir
    private Path store;

    @Test
    void theOneThatCameFirstLeavesTheRunToTheOtherAndTakesItUpAgainWhenThatDies() {
        RunSpec run = Fixtures.withCheckpointEvery(run("contested", 1, 40, 1), 5);
        try (TestBroker broker = TestBroker.start();
                Log log = new Log(broker.bootstrapServers());
                ServiceProcess first = TrainerProcess.start(broker.bootstrapServers(), store, SOON)) {
            // Given
            log.ask(run);
            log.batches(run, 0, 7);
            awaitStep(first, run.runId(), 7);

            try (ServiceProcess second = TrainerProcess.start(broker.bootstrapServers(), store, SOON)) {
                // When another one takes it over
                awaitStep(second, run.runId(), 7);
                log.batches(run, 7, 12);
                awaitStep(second, run.runId(), 12);

                // Then the first writes nothing more, and does not come back while the second is there
                first.awaitLog("The run is left alone. runId=contested reason=\"another trainer has taken it over\"");
                first.awaitStatus("/q/health/ready", 200);
                log.batches(run, 12, 20);
                awaitStep(second, run.runId(), 20);
                assertThat(second.log()).doesNotContain("left alone");
                assertThat(first.log().split("Run resumes", -1)).hasSize(1);

                // When that dies
                second.kill();
            }

            // Then
            first.awaitLog("Run resumes. runId=contested");
            log.batches(run, 20, 40);
            RunStatus status = log.awaitEnd(run.runId());
            assertThat(status.state()).as(first.log()).isEqualTo(State.FINISHED);
            assertThat(status.samples()).isEqualTo(40 * Fixtures.BATCH);
            assertThat(log.checkpoints(run.runId()))
                    .extracting(checkpoint -> checkpoint.position().step())
                    .isSorted()
                    .startsWith(5L)
                    .endsWith(40L);
        }
    }
}
