// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.page;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import io.millrace.test.RawRequest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.specification.RequestSpecification;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the page asks other services, with a real one behind that says what it was asked. */
@QuarkusTest
@TestProfile(PeerCallsIT.Guarded.class)
@QuarkusTestResource(value = Echo.class, restrictToAnnotatedClass = true)
class PeerCallsIT {
    private static final String PROBLEM = "application/problem+json";
    private static final String READER = "a-token-that-is-long-enough-to-be-one";
    private static final String OPERATOR = "another-token-that-is-long-enough-too";
    private static final int BODY_LIMIT = 1 << 20;

    @TestHTTPResource("/")
    URI uri;

    /** Who may look, and who may operate, and a broker that never answers. */
    public static final class Guarded implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "quarkus.http.test-port", "0",
                    "quarkus.management.test-port", "0",
                    "quarkus.http.limits.max-body-size", Integer.toString(BODY_LIMIT),
                    "kafka.bootstrap.servers", "127.0.0.1:1",
                    "millrace.auth.tokens",
                            "reader read %s; operator read,operate %s".formatted(sha256(READER), sha256(OPERATOR)));
        }

        private static String sha256(String token) {
            try {
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8)));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static RequestSpecification as(String token) {
        return given().header("Authorization", "Bearer " + token);
    }

    @Test
    void aCallIsPassedOnWithItsCallersTokenAndWhatIsNeededOfItsHeaders() {
        as(READER)
                .header("Cookie", "mine=1")
                .header("X-Forwarded-For", "10.0.0.1")
                .header("Accept", "application/json")
                .urlEncodingEnabled(false)
                .get("/api/dataset/runs?from=1&label=a%20b")
                .then()
                .statusCode(200)
                .contentType("application/json")
                .header("Set-Cookie", nullValue())
                .header("X-Frame-Options", nullValue())
                .header("X-Content-Type-Options", equalTo("nosniff"))
                .body("method", equalTo("GET"))
                .body("uri", equalTo("/runs?from=1&label=a%20b"))
                .body("headers.authorization", equalTo("Bearer " + READER))
                .body("headers.accept", equalTo("application/json"))
                .body("headers.host", startsWith("127.0.0.1:"))
                .body("headers", allOf(not(hasKey("cookie")), not(hasKey("x-forwarded-for"))));
    }

    @Test
    void whoMayNotIsRefusedHereAndAPageOfSomebodyElseAsWell() {
        given().get("/api/dataset/runs").then().statusCode(401);
        as(READER)
                .contentType("application/json")
                .body("{}")
                .post("/api/dataset/runs")
                .then()
                .statusCode(403)
                .body("role", equalTo("operate"));
        as(READER).delete("/api/dataset/runs/mine").then().statusCode(403);
        as(OPERATOR)
                .header("Origin", "https://example.org")
                .contentType("application/json")
                .body("{}")
                .post("/api/dataset/runs")
                .then()
                .statusCode(403)
                .body("detail", containsString("nothing is changed for pages of"));
        // A page of this service is no page of the other one: its Origin was looked at here.
        as(OPERATOR)
                .header("Origin", "http://localhost:" + uri.getPort())
                .header("Host", "localhost:" + uri.getPort())
                .contentType("application/json")
                .body("{\"dataset\": \"mnist\"}")
                .post("/api/dataset/runs")
                .then()
                .statusCode(200)
                .body("body", equalTo("{\"dataset\": \"mnist\"}"))
                .body("headers.content-length", equalTo("20"))
                .body("headers", not(hasKey("origin")));
        // What changes nothing, though it is a POST
        as(READER)
                .contentType("application/json")
                .body("{}")
                .post("/api/dataset/plan")
                .then()
                .statusCode(200);
    }

    @Test
    void onlyWhatThePageAsksIsPassedOn() {
        for (String path : List.of(
                "/api/dataset/q/metrics",
                "/api/dataset/q/health/ready",
                "/api/dataset/runs/a%2Fb",
                "/api/dataset/runs/a%20b",
                "/api/dataset/runs/mine/more",
                "/api/dataset/runs/%2e%2e/%2e%2e/q/metrics",
                "/api/kafka/topics",
                "/api/dataset",
                "/api/")) {
            String answer = RawRequest.answer(
                    uri, "GET " + path + " HTTP/1.1", "Host: localhost", "Authorization: Bearer " + READER);
            assertThat(answer).as(path).startsWith("HTTP/1.1 404 ").contains(PROBLEM);
        }
        as(OPERATOR)
                .put("/api/dataset/runs/mine")
                .then()
                .statusCode(405)
                .header("Allow", "DELETE, GET")
                .contentType(PROBLEM);
        assertThat(RawRequest.answer(
                        uri,
                        "GET /api/dataset/runs?a=<b> HTTP/1.1",
                        "Host: localhost",
                        "Authorization: Bearer " + READER))
                .startsWith("HTTP/1.1 400 ");
        assertThat(RawRequest.answer(
                        uri,
                        "GET /api/dataset/runs?label=jack-o'-lantern%20(carved!)*&predicted=" + "%D1%8F".repeat(300)
                                + " HTTP/1.1",
                        "Host: localhost",
                        "Authorization: Bearer " + READER))
                .as("what a browser leaves as it is in a query, and long names of two classes")
                .startsWith("HTTP/1.1 200 ");
        as(OPERATOR)
                .body("{}")
                .delete("/api/dataset/runs/mine")
                .then()
                .statusCode(400)
                .body("detail", equalTo("no body is taken with DELETE"));
        as(OPERATOR).delete("/api/dataset/runs/mine").then().statusCode(200).body("method", equalTo("DELETE"));
    }

    @Test
    void twoLengthsOfABodyBecomeOneOrNone() {
        String answer = RawRequest.answer(
                uri,
                "POST /api/dataset/plan HTTP/1.1",
                "Host: localhost",
                "Authorization: Bearer " + READER,
                "Content-Type: application/json",
                "Content-Length: 40",
                "Transfer-Encoding: chunked",
                "Connection: close",
                "",
                "2",
                "{}",
                "0");

        assertThat(answer.startsWith("HTTP/1.1 400 ") || answer.contains("\"body\":\"{}\""))
                .as(answer)
                .isTrue();
    }

    @Test
    void theServicesOwnRefusalComesAsItIs() {
        as(READER)
                .get("/api/dataset/runs/refused")
                .then()
                .statusCode(422)
                .contentType(PROBLEM)
                .header("Retry-After", "5")
                .body("field", equalTo("recipe.epochs"));
    }

    @Test
    void aServiceThatIsAwayOrNotKnownOrSilentIsNamed() {
        as(READER)
                .get("/api/trainer/workers")
                .then()
                .statusCode(502)
                .contentType(PROBLEM)
                .body("service", equalTo("trainer-service"))
                .body("detail", startsWith("trainer-service does not answer ("))
                .body("detail", containsString("http://127.0.0.1:1 (millrace.page.trainer)"));
        as(READER)
                .get("/api/evaluator/leaderboard")
                .then()
                .statusCode(404)
                .body("detail", containsString("millrace.page.evaluator=http://host:port"));
        as(READER)
                .get("/api/dataset/runs/silent")
                .then()
                .statusCode(504)
                .body("detail", startsWith("dataset-service says nothing for 5 s"));
        as(READER)
                .get("/api")
                .then()
                .statusCode(200)
                .body("services", contains("dataset", "trainer"))
                .body("grafana", equalTo("http://localhost:3000/d/millrace"));
    }

    @Test
    void anArchiveIsHandedOnHoweverLargeAndOtherBodiesHaveALimit() {
        as(OPERATOR)
                .contentType("application/zip")
                .body(new byte[3 * BODY_LIMIT])
                .post("/api/dataset/datasets/photos?sha256=00")
                .then()
                .statusCode(200)
                .body("bytes", equalTo(3 * BODY_LIMIT))
                .body("uri", equalTo("/datasets/photos?sha256=00"))
                .body("headers.content-type", startsWith("application/zip"));
        as(OPERATOR)
                .contentType("application/json")
                .body(new byte[BODY_LIMIT + 1])
                .post("/api/dataset/runs")
                .then()
                .statusCode(413);
    }

    @Test
    void anAnswerIsHandedOnAsItComes() throws Exception {
        try (InputStream answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(uri.resolve("/api/dataset/datasets/slow"))
                                .header("Authorization", "Bearer " + READER)
                                .build(),
                        BodyHandlers.ofInputStream())
                .body()) {
            assertThat(new String(answer.readNBytes(Echo.FIRST.length()), UTF_8))
                    .isEqualTo(Echo.FIRST);
            as(READER).get("/api/dataset/runs/release").then().statusCode(200);
            assertThat(new String(answer.readAllBytes(), UTF_8)).isEqualTo(Echo.REST);
        }
    }

    @Test
    void howThisServiceStandsIsToldToWhoMayLook() {
        given().get("/system").then().statusCode(401);
        as(READER)
                .get("/system")
                .then()
                .statusCode(200)
                .body("up", equalTo(false))
                .body("checks.find { !it.up }.reason", not(nullValue()))
                .body("memory.heap", not(nullValue()));
    }
}
