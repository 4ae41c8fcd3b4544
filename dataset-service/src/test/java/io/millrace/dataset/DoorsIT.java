// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.test.RawRequest;
import io.millrace.test.ServiceProcess;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What module http asks of every request, of a real service whose broker is away: what is let in is told 503. */
class DoorsIT {
    private static final String AWAY = "127.0.0.1:1";

    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        service = DatasetProcess.start(
                AWAY,
                Map.of(
                        "millrace.http.hosts", "millrace.example",
                        "quarkus.http.cors.enabled", "true",
                        "quarkus.http.cors.origins", "https://app.example"));
        service.awaitStatus("/q/health/live", 200);
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    /** As a page sends it without asking anybody: a simple request. */
    private static String post(String path, String host, String... headers) {
        String[] lines = new String[headers.length + 3];
        lines[0] = "POST " + path + " HTTP/1.1";
        lines[1] = "Host: " + host;
        lines[2] = "Content-Length: 0";
        System.arraycopy(headers, 0, lines, 3, headers.length);
        return RawRequest.answer(service.uri(), lines);
    }

    private static String own() {
        return "localhost:" + service.uri().getPort();
    }

    private static void assertProblem(String answer, int status, String... said) {
        assertThat(answer)
                .startsWith("HTTP/1.1 " + status + " ")
                .contains("application/problem+json", "\"status\":" + status)
                .satisfies(all ->
                        assertThat(said).allSatisfy(part -> assertThat(all).contains(part)))
                .doesNotContain("Stack", "io.millrace", "io.quarkus", "@Consumes", "resource method", "HTTP 4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://evil.example", "http://localhost", "http://localhost:1", "null", ""})
    void aPageOfSomebodyElseChangesNothing(String origin) {
        assertProblem(
                post("/runs/mine/stop", own(), "Origin: " + origin, "Content-Type: text/plain"),
                403,
                "nothing is changed for pages of \\\"" + origin + "\\\"",
                "quarkus.http.cors.origins");
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "localhost.evil.example:8081", "millrace.example.evil"})
    void aNameThatSomebodyElseResolvesToThisMachineChangesNothing(String host) {
        assertProblem(
                post("/runs/mine/stop", host, "Origin: http://" + host),
                421,
                "Misdirected Request",
                "the Host \\\"" + host + "\\\"",
                "millrace.http.hosts");
    }

    @Test
    void deletingAndSendingJsonAreNoSimpleRequestsAndAreRefusedAllTheSame() {
        assertProblem(
                RawRequest.answer(
                        service.uri(), "DELETE /runs/mine HTTP/1.1", "Host: " + own(), "Origin: https://evil.example"),
                403);
        assertProblem(post("/runs", own(), "Origin: https://evil.example", "Content-Type: application/json"), 403);
        assertProblem(
                post("/datasets/mine", "evil.example", "Content-Type: application/zip"), 421, "millrace.http.hosts");
    }

    @Test
    void pagesOfTheServiceThoseThatAreNamedAndWhoeverIsNoPageAreLetIn() {
        String origin = "Origin: http://" + own();
        assertThat(post("/runs/mine/stop", own(), origin)).startsWith("HTTP/1.1 503 ");
        assertThat(post("/runs/mine/stop", own())).startsWith("HTTP/1.1 503 ");
        assertThat(post("/runs/mine/stop", "127.0.0.1")).startsWith("HTTP/1.1 503 ");
        assertThat(post("/runs/mine/stop", "millrace.example", "Origin: http://millrace.example"))
                .startsWith("HTTP/1.1 503 ");
        assertThat(post("/runs/mine/stop", own(), "Origin: https://app.example"))
                .startsWith("HTTP/1.1 503 ")
                .containsIgnoringCase("access-control-allow-origin: https://app.example");
    }

    @Test
    void aBrowserIsToldWhatAPageMay() {
        assertThat(RawRequest.answer(
                        service.uri(),
                        "OPTIONS /runs HTTP/1.1",
                        "Host: " + own(),
                        "Origin: https://app.example",
                        "Access-Control-Request-Method: POST"))
                .startsWith("HTTP/1.1 200 ")
                .containsIgnoringCase("access-control-allow-origin: https://app.example");
    }

    @Test
    void aRequestHasToNameOneHost() {
        assertProblem(RawRequest.answer(service.uri(), "GET /runs HTTP/1.1", "Host: "), 400);
        assertProblem(RawRequest.answer(service.uri(), "POST /runs HTTP/1.1", "Content-Length: 0"), 400);
        assertProblem(
                RawRequest.answer(service.uri(), "GET /runs HTTP/1.1", "Host: a.example", "Host: b.example"),
                400,
                "several");
    }

    @ParameterizedTest
    @CsvSource({
        "GET,    /nothing,         404, there is nothing at this path",
        "GET,    /runs/,           404, leave it out",
        "POST,   /runs;x=1,        404, leave it out",
        "PUT,    /runs,            405, 'this path knows other methods'",
    })
    void whatTheFrameworkRefusesIsSaidInOurWords(String method, String path, int status, String said) {
        assertProblem(
                RawRequest.answer(
                        service.uri(), method + " " + path + " HTTP/1.1", "Host: " + own(), "Content-Length: 0"),
                status,
                said);
    }

    @Test
    void aBodyIsAskedForByItsContentType() {
        HttpResponse<String> untyped = service.send(service.request("/runs/mine/extend")
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("{}")));

        assertThat(untyped.statusCode()).isEqualTo(415);
        assertThat(untyped.body()).contains("application/json").doesNotContain("@Consumes");
    }

    @Test
    void theDescriptionOfTheInterfaceHasTheRefusalsAndTheTruth() {
        JsonNode paths = service.json("/q/openapi?format=json").path("paths");

        JsonNode start = paths.path("/runs").path("post").path("responses");
        assertThat(start.has("200")).isFalse();
        for (String status : new String[] {"201", "400", "401", "403", "413", "415", "421", "503"}) {
            assertThat(start.has(status)).as(status).isTrue();
        }
        assertThat(start.path("401").path("content").has("application/problem+json"))
                .isTrue();
        assertThat(paths.path("/runs/{id}").path("get").path("responses").has("404"))
                .isTrue();
        assertThat(paths.path("/datasets/{name}").path("post").path("responses").has("201"))
                .isTrue();
    }

    @Test
    void pathsThatAreNoneOfOursAreNoLabels() {
        for (String request : new String[] {
            "GET /secret-1/",
            "GET /secret-2;x",
            "GET /secret-3",
            "PUT /runs/secret-4",
            "OPTIONS /secret-5",
            "GET /%zz-secret-6",
            "POST /secret-7",
            "OPTIONS /runs/secret-8"
        }) {
            RawRequest.answer(service.uri(), request + " HTTP/1.1", "Host: " + own(), "Content-Length: 0");
        }
        service.get("/runs/secret-9");
        assertThat(RawRequest.answer(service.uri(), "GET /%zz HTTP/1.1", "Host: " + own()))
                .startsWith("HTTP/1.1 400 ")
                .doesNotContain("Exception");

        assertThat(service.get("/q/metrics").body())
                .contains("http_server_requests_seconds_count{", "uri=\"/runs/{id}\"")
                .doesNotContain("secret");
    }
}
