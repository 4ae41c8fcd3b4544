// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import static io.millrace.trainer.Fixtures.run;
import static io.millrace.trainer.TrainerProcess.awaitStep;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.kafka.TopicAdmin;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody deletes the batches under a run. */
class RecreatedTopicIT {
    @TempDir
    private Path store;

    @Test
    void failsTheRunAndSaysThatTheTopicIsAnother() throws Exception {
        RunSpec run = run("recreated", 1, 20, 1);
        try (TestBroker broker = TestBroker.start();
                Log log = new Log(broker.bootstrapServers());
                ServiceProcess trainer = TrainerProcess.start(broker.bootstrapServers(), store)) {
            log.ask(run);
            log.batches(run, 0, 5);
            awaitStep(trainer, run.runId(), 5);

            try (Admin admin =
                    Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()))) {
                admin.deleteTopics(List.of(Topic.BATCHES.name())).all().get();
            }
            TopicAdmin.ensure(broker.bootstrapServers(), Map.of(Topic.BATCHES, 1));

            RunStatus status = log.awaitEnd(run.runId());
            assertThat(status.state()).isEqualTo(State.FAILED);
            assertThat(status.reason())
                    .as(trainer.log())
                    .isEqualTo("millrace.batches.v1 ends at offset 0 in partition 0, before the run's position 5: the"
                            + " topic was created anew; start the run again");
        }
    }
}
