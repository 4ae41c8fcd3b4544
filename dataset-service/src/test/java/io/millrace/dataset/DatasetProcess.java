// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MalformedEventException;
import io.millrace.contracts.event.RunSpec;
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

    /** A run as it was announced. */
    static RunSpec run(ServiceProcess service, String runId) {
        try {
            return EventCodec.decode(
                    service.json("/runs/" + runId).path("spec").toString().getBytes(UTF_8), RunSpec.class);
        } catch (MalformedEventException e) {
            throw new IllegalStateException(e);
        }
    }

    static void awaitPublished(ServiceProcess service, String runId) {
        await().untilAsserted(() -> assertThat(
                        service.json("/runs/" + runId).path("state").asText())
                .isEqualTo("published"));
    }
}
