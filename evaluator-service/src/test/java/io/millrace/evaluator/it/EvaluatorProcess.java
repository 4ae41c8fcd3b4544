// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.it;

import static io.restassured.RestAssured.given;

import io.millrace.test.ServiceProcess;
import io.restassured.specification.RequestSpecification;
import java.nio.file.Path;
import java.util.Map;

/** What only this service's processes are started with and asked for. */
final class EvaluatorProcess {
    private EvaluatorProcess() {}

    /** Starts it; its store is {@code directory/store}. */
    static ServiceProcess start(String bootstrapServers, Path directory, Map<String, String> config) {
        return ServiceProcess.start(
                bootstrapServers, config, "-Dmillrace.checkpoints.uri=file:" + directory.resolve("store"));
    }

    static RequestSpecification http(ServiceProcess service) {
        return given().baseUri(service.uri().toString());
    }
}
