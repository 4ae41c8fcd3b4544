// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.test.RawRequest;
import io.millrace.test.ServiceProcess;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real service that asks for tokens. Its broker is away: who is let in to change something is told 503. */
class TokensIT {
    private static final String AWAY = "127.0.0.1:1";
    private static final String READER = "0123456789abcdef0123456789abcdef-reader";
    private static final String OPERATOR = "fedcba9876543210fedcba9876543210-operator";
    private static final String WRONG = "00000000000000000000000000000000-wrong";

    @TempDir
    private static Path directory;

    private static ServiceProcess service;

    @BeforeAll
    static void start() throws Exception {
        Path file = directory.resolve("tokens");
        Files.writeString(file, "# who may\n\n" + line("reader", "read", READER));
        service = DatasetProcess.start(
                AWAY,
                Map.of(
                        "millrace.auth.tokens-file", file.toString(),
                        "millrace.auth.tokens", line("operator", "read,operate", OPERATOR)));
        service.awaitStatus("/q/health/live", 200);
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    private static String line(String name, String roles, String token) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8));
        return name + " " + roles + " " + HexFormat.of().formatHex(digest);
    }

    private static HttpResponse<String> get(String path, String authorization) {
        HttpRequest.Builder request = service.request(path);
        return service.send(authorization == null ? request : request.header("Authorization", authorization));
    }

    private static HttpResponse<String> stop(String token) {
        return service.send(service.request("/runs/mine/stop")
                .header("Authorization", "Bearer " + token)
                .POST(BodyPublishers.noBody()));
    }

    private static void assertRefused(HttpResponse<String> response, int status, String role, String said) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(response.headers().firstValue("WWW-Authenticate"))
                .hasValueSatisfying(challenge -> assertThat(challenge)
                        .startsWith("Bearer realm=\"millrace\"")
                        .contains("scope=\"" + role + "\""));
        assertThat(ServiceProcess.json(response).path("role").asText()).isEqualTo(role);
        assertThat(ServiceProcess.json(response).path("detail").asText()).contains(said);
    }

    @Test
    void whoHasNoTokenIsToldWhichRoleIsNeeded() {
        assertRefused(get("/runs", null), 401, "read", "a token with the role read, sent as Authorization: Bearer");
        assertRefused(service.post("/runs", "{}"), 401, "operate", "a token with the role operate");
        assertRefused(service.delete("/runs/mine"), 401, "operate", "a token with the role operate");
        assertRefused(get("/nothing", null), 401, "read", "a token with the role read");
    }

    @Test
    void aTokenIsGoodForItsRolesAndNoOthers() {
        assertThat(get("/runs", "Bearer " + READER).statusCode()).isEqualTo(200);
        assertThat(get("/runs", "bearer  " + OPERATOR).statusCode()).isEqualTo(200);
        assertThat(stop(OPERATOR).statusCode()).isEqualTo(503);
        assertRefused(stop(READER), 403, "operate", "this one does not have it");
    }

    @Test
    void nothingOfABodyIsTakenFromWhoMayNotSendIt() {
        HttpResponse<String> upload = service.send(service.request("/datasets/mine")
                .header("Authorization", "Bearer " + READER)
                .POST(BodyPublishers.ofByteArray(new byte[1 << 20])));

        assertRefused(upload, 403, "operate", "this one does not have it");
        assertThat(stop(OPERATOR).statusCode()).isEqualTo(503);
    }

    @Test
    void wrongTokensAreSlowedDownAndRightOnesAreNot() throws Exception {
        long begin = System.nanoTime();
        for (String wrong : List.of("Bearer " + WRONG, "Basic dXNlcjpwYXNz", "Bearer ", "Bearer")) {
            HttpResponse<String> response = get("/runs", wrong);
            assertRefused(response, 401, "read", "is not known here");
            assertThat(response.body()).doesNotContain(WRONG);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(900));

        // Many at once wait for each other, until the row is full
        List<Callable<Integer>> many =
                Collections.nCopies(40, () -> get("/runs", "Bearer " + WRONG).statusCode());
        ExecutorService callers = Executors.newFixedThreadPool(many.size());
        try {
            Set<Integer> statuses = new HashSet<>();
            for (Future<Integer> status : callers.invokeAll(many)) {
                statuses.add(status.get());
            }
            assertThat(statuses).containsOnly(401, 429);
        } finally {
            callers.shutdownNow();
        }
        assertThat(get("/runs", "Bearer " + READER).statusCode()).isEqualTo(200);
    }

    @Test
    void healthMetricsAndTheDescriptionOfTheInterfaceAskNobody() {
        assertThat(service.status("/q/health/live")).isEqualTo(200);
        assertThat(service.status("/q/metrics")).isEqualTo(200);
        assertThat(get("/q/openapi", null).statusCode()).isEqualTo(200);
        // And are not where the service is
        assertThat(RawRequest.answer(
                        service.uri(), "GET /q/metrics HTTP/1.1", "Host: localhost", "Authorization: Bearer " + READER))
                .startsWith("HTTP/1.1 404 ");
    }

    @Test
    void noTokenStandsInLogsMetricsOrWhatTheSystemShows() throws IOException {
        get("/runs?token=" + READER, "Bearer " + OPERATOR);
        get("/runs", "Bearer " + WRONG);
        stop(READER);
        service.post("/runs", "{\"runId\": 1");

        List<String> shown = new ArrayList<>(List.of(
                service.log(),
                service.get("/q/metrics").body(),
                get("/q/openapi", null).body(),
                Files.readString(Path.of("/proc", Long.toString(service.pid()), "cmdline")),
                Files.readString(Path.of("/proc", Long.toString(service.pid()), "environ"))));
        assertThat(shown).allSatisfy(text -> assertThat(text).doesNotContain(READER, OPERATOR, WRONG));
    }

    @Test
    void aServiceThatListensBeyondThisMachineWithoutTokensDoesNotStart() {
        try (ServiceProcess open = DatasetProcess.start(AWAY, Map.of("quarkus.http.host", "0.0.0.0"))) {
            assertThat(open.awaitExit()).isNotZero();
            assertThat(open.log())
                    .contains(
                            "quarkus.http.host is 0.0.0.0",
                            "millrace.auth.tokens-file",
                            "millrace.auth.allow-anyone=true")
                    .doesNotContain("Listening on");
        }
    }

    @Test
    void itDoesWhenItIsTold() {
        try (ServiceProcess open = DatasetProcess.start(
                AWAY, Map.of("quarkus.http.host", "0.0.0.0", "millrace.auth.allow-anyone", "true"))) {
            open.awaitStatus("/q/health/live", 200);
            assertThat(open.status("/runs")).isEqualTo(200);
            assertThat(open.log()).contains("Whoever reaches this service may do everything");
        }
    }

    @Test
    void tokensThatCannotBeReadEndTheStartWithoutBeingShown() throws Exception {
        Path file = directory.resolve("plain");
        Files.writeString(file, line("reader", "read", READER) + "\noperator operate " + OPERATOR + "\n");
        try (ServiceProcess plain = DatasetProcess.start(AWAY, Map.of("millrace.auth.tokens-file", file.toString()))) {
            assertThat(plain.awaitExit()).isNotZero();
            assertThat(plain.log())
                    .contains("line 2 of " + file, "never the token itself")
                    .doesNotContain(OPERATOR);
        }
        try (ServiceProcess missing = DatasetProcess.start(
                AWAY,
                Map.of("millrace.auth.tokens-file", directory.resolve("none").toString()))) {
            assertThat(missing.awaitExit()).isNotZero();
            assertThat(missing.log()).contains("millrace.auth.tokens-file=" + directory.resolve("none"));
        }
    }
}
