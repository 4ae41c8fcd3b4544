// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static io.millrace.dataset.DatasetProcess.awaitPublished;
import static io.millrace.dataset.DatasetProcess.startRun;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.Topic;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.kafka.KafkaConnection;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

/** What run after run leaves at the broker. The test is the trainer. */
class EndedLogsIT {
    private static final String ORDER = """
            {"dataset":"strokes","strokes":{"trainSamples":40,"testSamples":10},"recipe":{"epochs":1,"batchSize":20}}""";

    @Test
    void thirtyRunsLeaveWhatTenDo() throws Exception {
        try (TestBroker broker = TestBroker.start();
                Admin admin = KafkaConnection.of(broker.bootstrapServers()).admin("test")) {
            Voice voice = new Voice(broker.bootstrapServers());
            List<String> logs = new ArrayList<>();
            try (ServiceProcess service =
                    DatasetProcess.start(broker.bootstrapServers(), Map.of()).awaitReady()) {
                // Given
                for (int k = 0; k < 10; k++) {
                    logs.add(finished(service, voice));
                }
                Map<String, Long> ofTen = sizes(admin);
                assertThat(ofTen.keySet()).containsExactlyInAnyOrderElementsOf(logs);

                // When
                for (int k = 10; k < 30; k++) {
                    logs.add(finished(service, voice));
                }

                // Then
                await().untilAsserted(() ->
                        assertThat(sizes(admin).keySet()).containsExactlyInAnyOrderElementsOf(logs.subList(20, 30)));
                assertThat(bytes(sizes(admin))).isLessThanOrEqualTo(bytes(ofTen) * 101 / 100);
            }

            // And the last one stays where there is no room for two
            Map<String, String> narrow = Map.of("millrace.dataset.ended-log-budget", "1");
            try (ServiceProcess service =
                    DatasetProcess.start(broker.bootstrapServers(), narrow).awaitReady()) {
                await().untilAsserted(() -> assertThat(sizes(admin).keySet()).containsExactly(logs.get(29)));
                assertThat(service.get("/runs").body()).contains("finished");
            }
        }
    }

    /** The name of the log of a run that was published and has ended. */
    private static String finished(ServiceProcess service, Voice voice) {
        String runId = startRun(service, ORDER);
        awaitPublished(service, runId);
        RunSpec run = DatasetProcess.run(service, runId);
        voice.state(runId, State.FINISHED, null);
        return Topic.batches(run.incarnation()).name();
    }

    /** Bytes of the logs of batches in the broker's directory, by their names. */
    private static Map<String, Long> sizes(Admin admin) throws InterruptedException, ExecutionException {
        int broker = admin.describeCluster().nodes().get().iterator().next().id();
        Map<String, Long> sizes = new TreeMap<>();
        admin.describeLogDirs(List.of(broker)).allDescriptions().get().values().stream()
                .flatMap(directories -> directories.values().stream())
                .forEach(directory -> directory.replicaInfos().forEach((partition, replica) -> {
                    if (partition.topic().startsWith(Topic.BATCHES_PREFIX)) {
                        sizes.merge(partition.topic(), replica.size(), Long::sum);
                    }
                }));
        return sizes;
    }

    private static long bytes(Map<String, Long> sizes) {
        return sizes.values().stream().mapToLong(Long::longValue).sum();
    }
}
