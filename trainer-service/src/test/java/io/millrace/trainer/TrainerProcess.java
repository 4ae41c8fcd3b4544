// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.contracts.event.RunSpec;
import io.millrace.test.ServiceProcess;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** What only this service's processes are started with and asked for. */
final class TrainerProcess {
    private TrainerProcess() {}

    static ServiceProcess start(String bootstrapServers, Path store) {
        return start(bootstrapServers, store, Map.of());
    }

    /** Starts it with one native thread, so that weights can be compared. */
    static ServiceProcess start(String bootstrapServers, Path store, Map<String, String> config) {
        return ServiceProcess.start(
                bootstrapServers,
                config,
                "-Xmx768m",
                "-Dmillrace.checkpoints.uri=file:" + store,
                "-Dmillrace.trainer.threads=1",
                "-Dmillrace.trainer.status-every=200ms");
    }

    /** Waits until this process has begun with a run, or goes on with it. */
    static void awaitOpened(ServiceProcess trainer, RunSpec run) {
        await().until(() -> trainer.log().contains("Run begins. runId=" + run.runId() + " ")
                || trainer.log().contains("Run resumes. runId=" + run.runId() + " "));
    }

    /**
     * Waits until this process has brought a run to so many steps. Before it begins, it tells of the run what another one
     * left in the log; the learning rate is known to who trains.
     */
    static void awaitStep(ServiceProcess trainer, String runId, long step) {
        await().pollInterval(Duration.ofMillis(20))
                .pollDelay(Duration.ZERO)
                .ignoreException(UncheckedIOException.class)
                .until(() -> {
                    JsonNode run = trainer.json("/run");
                    return run.path("runId").asText().equals(runId)
                            && run.hasNonNull("learningRate")
                            && run.path("step").asLong() >= step;
                });
    }
}
