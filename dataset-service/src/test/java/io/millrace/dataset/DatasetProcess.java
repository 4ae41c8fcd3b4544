// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.test.ServiceProcess;
import java.net.http.HttpResponse;
import java.util.Map;

/** What only this service's processes are started with and asked for. */
final class DatasetProcess {
    private DatasetProcess() {}

    /** Nothing of a test comes from the internet or goes into the cache of whoever runs it. */
    static ServiceProcess start(String bootstrapServers, Map<String, String> config) {
        return ServiceProcess.start(
                bootstrapServers,
                config,
                "-Dmillrace.dataset.cache-dir=target/cache",
                "-Dmillrace.dataset.mirrors=http://127.0.0.1:1/");
    }

    /** Starts a run and returns its id. */
    static String startRun(ServiceProcess service, String order) {
        HttpResponse<String> response = service.post("/runs", order);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
        return ServiceProcess.json(response).path("runId").asText();
    }

    static void awaitPublished(ServiceProcess service, String runId) {
        await().untilAsserted(() -> assertThat(
                        service.json("/runs/" + runId).path("state").asText())
                .isEqualTo("published"));
    }
}
