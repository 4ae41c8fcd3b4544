// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.process;

import io.millrace.test.ServiceProcess;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;

/** What only this service's processes are started with and asked for. */
final class InferenceProcess {
    private InferenceProcess() {}

    /** Starts it and waits until it is live. */
    static ServiceProcess start(String bootstrapServers, Path checkpoints, Map<String, String> config) {
        return ServiceProcess.start(
                        bootstrapServers,
                        config,
                        "-Dmillrace.checkpoints.uri=file:" + checkpoints,
                        "-Dmillrace.threads=1",
                        "-Dmillrace.inference.load-backoff=50ms",
                        "-Dmillrace.inference.load-attempts=3")
                .awaitStatus("/q/health/live", 200);
    }

    static HttpResponse<String> classify(ServiceProcess service, byte[] image) {
        return classify(service, "image/png", BodyPublishers.ofByteArray(image));
    }

    static HttpResponse<String> classify(ServiceProcess service, String contentType, BodyPublisher body) {
        return service.send(
                service.request("/classify").header("Content-Type", contentType).POST(body));
    }
}
