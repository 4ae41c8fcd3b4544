// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static io.millrace.dataset.DatasetProcess.startRun;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.kafka.Clients;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The log runs ahead of trainers by a bounded amount. */
class PacingIT {
    private static final int MAX_BYTES = 1 << 20;
    private static final String ORDER = """
            {"dataset":"strokes","strokes":{"trainSamples":500,"testSamples":10},"epochs":1000,"batchSize":10}""";

    private TestBroker broker;
    private PublishedBatches published;

    @BeforeEach
    void start() {
        broker = TestBroker.start();
        published = new PublishedBatches(broker.bootstrapServers());
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void bytesAheadAreBoundedAndPublishingGoesOnWithTheTrainersAlsoAfterARestart() {
        Map<String, String> byBytes =
                Map.of("millrace.dataset.max-ahead", "1M", "millrace.dataset.max-ahead-epochs", "999");
        int most;
        String runId;
        try (ServiceProcess service =
                DatasetProcess.start(broker.bootstrapServers(), byBytes).awaitReady()) {
            // When nobody consumes
            runId = startRun(service, ORDER);
            // Then it stops near the limit, from below
            published.awaitEnd(Topic.BATCHES, 0, 1);
            most = MAX_BYTES / published.read(Topic.BATCHES, 0).get(0).value().length;
            awaitStandstill(service, runId, most - 4, most);

            // When a trainer has processed forty batches
            published.commit(0, offsetAfter(40));
            // Then forty more fit
            awaitStandstill(service, runId, most + 36, most + 40);
            assertThat(service.get("/q/metrics").body())
                    .contains(DatasetMetrics.AHEAD_BATCHES.replace('.', '_') + " " + (published(service, runId) - 40)
                            + ".0");
        }
        // When it is started again, what lies in the log still counts
        try (ServiceProcess service =
                DatasetProcess.start(broker.bootstrapServers(), byBytes).awaitReady()) {
            awaitStandstill(service, runId, most + 36, most + 40);
            published.commit(0, offsetAfter(100));
            awaitStandstill(service, runId, most + 96, most + 100);
        }
    }

    @Test
    void epochsAheadAreBoundedAndADeletedRunMakesRoom() {
        Map<String, String> byEpochs = Map.of("millrace.dataset.max-ahead-epochs", "1");
        try (ServiceProcess service =
                DatasetProcess.start(broker.bootstrapServers(), byEpochs).awaitReady()) {
            // When nobody consumes
            String first = startRun(service, ORDER);
            awaitStandstill(service, first, 50, 50);

            // When somebody waits behind a run that is deleted
            String second = startRun(service, ORDER);
            service.delete("/runs/" + first);

            // Then what the deleted one left in the log is in nobody's way
            awaitStandstill(service, second, 50, 50);
        }
    }

    @Test
    void aRunKeepsItsEncodingWhateverIsConfiguredLater() {
        String runId;
        Map<String, String> floats =
                Map.of("millrace.dataset.max-ahead-epochs", "1", "millrace.dataset.encoding", "float32");
        try (ServiceProcess service =
                DatasetProcess.start(broker.bootstrapServers(), floats).awaitReady()) {
            runId = startRun(service, ORDER);
            awaitStandstill(service, runId, 50, 50);
        }

        // When it goes on under another configuration
        Map<String, String> bytes = Map.of("millrace.dataset.max-ahead-epochs", "1");
        try (ServiceProcess service =
                DatasetProcess.start(broker.bootstrapServers(), bytes).awaitReady()) {
            published.commit(0, offsetAfter(20));
            awaitStandstill(service, runId, 70, 70);
            assertThat(service.json("/runs/" + runId).at("/spec/encoding").asText())
                    .isEqualTo("float32");
        }

        // Then
        assertThat(published.read(Topic.BATCHES, 0, runId))
                .extracting(ImageBatch::encoding)
                .containsOnly(Encoding.FLOAT32);
    }

    @Test
    void aBatchThatTheBrokerDoesNotTakeBlocksItsRunAndNotTheService() throws Exception {
        try (ServiceProcess service =
                DatasetProcess.start(broker.bootstrapServers(), Map.of()).awaitReady()) {
            // Given
            limit("5000");

            // When
            String large = startRun(service, ORDER);

            // Then
            await().untilAsserted(() -> assertThat(
                            service.json("/runs/" + large).path("reason").asText())
                    .contains("smaller batchSize", "max.message.bytes"));
            assertThat(service.json("/runs/" + large).path("state").asText()).isEqualTo("blocked");
            assertThat(service.status("/q/health/live")).isEqualTo(200);

            // When it is deleted, then the next one is published
            limit("16777216");
            service.delete("/runs/" + large);
            String next = startRun(service, ORDER);
            await().until(() -> published(service, next) > 0);
        }
    }

    private void limit(String bytes) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, Topic.BATCHES.name());
        AlterConfigOp set = new AlterConfigOp(new ConfigEntry("max.message.bytes", bytes), AlterConfigOp.OpType.SET);
        try (Admin admin = Clients.admin(broker.bootstrapServers())) {
            admin.incrementalAlterConfigs(Map.of(topic, List.of(set))).all().get();
        }
    }

    private static void awaitStandstill(ServiceProcess service, String runId, int low, int high) {
        await().until(() -> published(service, runId) >= low);
        await().during(Duration.ofMillis(1200))
                .untilAsserted(() -> assertThat(published(service, runId)).isBetween((long) low, (long) high));
    }

    private static long published(ServiceProcess service, String runId) {
        return service.json("/runs/" + runId).path("publishedBatches").asLong();
    }

    private long offsetAfter(int batches) {
        ConsumerRecord<String, byte[]> last = published.read(Topic.BATCHES, 0).get(batches - 1);
        return last.offset() + 1;
    }
}
