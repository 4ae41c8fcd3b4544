// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.RunStatus.State;
import io.millrace.kafka.KafkaConnection;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import io.millrace.test.TestPorts;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser, while the process that serves it dies and another one comes. */
class LostIT {
    @TempDir
    Path checkpoints;

    @Test
    void aServiceThatDiesIsSaidToBeGoneAndTheNextOneIsFollowed() throws Exception {
        String port = Integer.toString(TestPorts.one());
        String uri = "http://127.0.0.1:" + port + "/#training";
        try (TestBroker broker = TestBroker.start();
                Events events = new Events(KafkaConnection.of(broker.bootstrapServers()))) {
            events.ordered("first", 0.1);
            events.status("first", State.RUNNING, 10);
            ServiceProcess service = start(broker, port);
            try (Browser browser = new Browser(uri)) {
                // Given
                browser.awaitText("#runs", "10 of 100 steps");
                browser.awaitText("#connection", "live");

                // When
                service.kill();

                // Then what was seen stays, and is said to be old
                browser.awaitText("#connection", "the service does not answer; what you see is of");
                browser.awaitText("#runs", "10 of 100 steps");

                // When
                events.status("first", State.RUNNING, 60);
                service = start(broker, port);

                // Then
                browser.awaitText("#connection", "live");
                browser.awaitText("#runs", "60 of 100 steps");
                assertThat(browser.all("#runs tr")).hasSize(1);
            } finally {
                service.close();
            }
        }
    }

    private ServiceProcess start(TestBroker broker, String port) {
        return ServiceProcess.start(
                        broker.bootstrapServers(),
                        Map.of("quarkus.http.port", port, "millrace.inference.grpc-port", "0"),
                        "-Dmillrace.checkpoints.uri=file:" + checkpoints,
                        "-Dmillrace.threads=1")
                .awaitStatus("/q/health/live", 200);
    }
}
