// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import io.millrace.test.Wire;
import java.time.Duration;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The broker is absent at first, comes, goes in the middle of a run, and comes again. */
class BrokerOutageIT {
    private static final String AWAY = "Kafka does not answer";
    private static final int STEPS = 100 * 40;

    @Test
    void theServiceWaitsForTheBrokerSaysSoOnceAndGoesOnWhereTheLogEnds() {
        try (Wire wire = new Wire();
                TestBroker broker = TestBroker.behind(wire);
                ServiceProcess service = DatasetProcess.start(wire.address(), run())) {
            // Given a broker that cannot be reached
            service.awaitStatus("/q/health/live", 200);
            service.awaitLog(AWAY);
            assertThat(service.status("/q/health/ready")).isEqualTo(503);
            assertThat(service.post("/runs", "{}").statusCode()).isEqualTo(503);

            // When it comes, goes, and comes again
            wire.mend(broker.bootstrapServers());
            await().until(() -> published(service) > 100);
            wire.cut();
            service.awaitStatus("/q/health/ready", 503);
            assertThat(service.status("/q/health/live")).isEqualTo(200);
            assertThat(published(service)).isLessThan(STEPS);
            wire.mend(broker.bootstrapServers());
            service.awaitReady();
            await().until(() -> published(service) == STEPS);

            // Then the log has every batch once, and each outage was told once
            assertThat(new PublishedBatches(wire.address()).steps(DatasetProcess.run(service, "outage"), 0))
                    .containsExactlyElementsOf(
                            LongStream.range(0, STEPS).boxed().toList());
            assertThat(service.log().lines().filter(line -> line.contains(" WARN ") || line.contains(" ERROR ")))
                    .hasSize(2)
                    .allSatisfy(line -> assertThat(line).contains(AWAY));
        }
    }

    @Test
    void aBrokerWhoseNameCannotBeResolvedIsWaitedForAndToldOnce() {
        try (ServiceProcess service = DatasetProcess.start("broker.invalid:9092", run())) {
            service.awaitStatus("/q/health/live", 200);
            service.awaitLog(AWAY);
            // Long enough for a second attempt of everything that tries again.
            await().during(Duration.ofSeconds(5)).until(() -> service.status("/q/health/live") == 200);

            assertThat(service.status("/q/health/ready")).isEqualTo(503);
            assertThat(service.post("/runs", "{}").statusCode()).isEqualTo(503);
            assertThat(service.log().lines().filter(line -> line.contains(" WARN ") || line.contains(" ERROR ")))
                    .singleElement()
                    .satisfies(line -> assertThat(line).contains(AWAY, "broker.invalid:9092"));
        }
    }

    private static long published(ServiceProcess service) {
        return service.json("/runs/outage").path("publishedBatches").asLong();
    }

    private static Map<String, String> run() {
        return Map.of(
                "millrace.dataset.max-ahead-epochs", "1000",
                "millrace.dataset.strokes.train-samples", "160",
                "millrace.dataset.strokes.test-samples", "20",
                "millrace.dataset.run.enabled", "true",
                "millrace.dataset.run.id", "outage",
                "millrace.dataset.run.dataset", "strokes",
                "millrace.dataset.run.recipe", "{\"epochs\": 100, \"batchSize\": 4}");
    }
}
