// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.local.Refusal;
import io.millrace.local.stack.AccessToken;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/**
 * What people want of runs, asked of a running stack's dataset-service. What is refused for now is asked again for a while:
 * a trainer that writes its last checkpoint, a data set that is being prepared. Every request may be sent twice.
 */
final class RunRequests {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration ANSWER = Duration.ofSeconds(90);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int UNAUTHORIZED = 401;
    private static final int UNAVAILABLE = 503;

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final Ports ports;
    private final AccessToken token;
    private final Part service;

    RunRequests(Ports ports, AccessToken token) {
        this(ports, token, Part.DATASET);
    }

    /** Of another service. */
    RunRequests(Ports ports, AccessToken token, Part service) {
        this.ports = ports;
        this.token = token;
        this.service = service;
    }

    /** What is said of a run, or of all. */
    JsonNode get(String path) throws InterruptedException {
        return send(request(path).GET());
    }

    /**
     * Asks for something.
     *
     * @param body null: none
     */
    JsonNode post(String path, JsonNode body) throws InterruptedException {
        return send(body == null ? request(path).POST(BodyPublishers.noBody()) : posted(path, body));
    }

    /**
     * What is answered when something is asked for once, and nothing waited for.
     *
     * @param status of HTTP; 0: nobody answered in time
     * @param detail why it was not done, with the remedy
     */
    record Reply(int status, String detail) {
        boolean done() {
            return status / 100 == 2;
        }

        /** Whether nobody answered, or not what was asked. */
        boolean silent() {
            return status == 0 || status / 100 == 5;
        }
    }

    /**
     * Asks for something once, for whoever looks again.
     *
     * @param body null: none
     */
    Reply once(String path, JsonNode body, Duration patience) throws InterruptedException {
        HttpRequest.Builder request = body == null ? request(path).POST(BodyPublishers.noBody()) : posted(path, body);
        try {
            HttpResponse<byte[]> response = http.send(request.timeout(patience).build(), BodyHandlers.ofByteArray());
            return new Reply(response.statusCode(), response.statusCode() / 100 == 2 ? "" : refusal(response));
        } catch (IOException e) {
            return new Reply(0, base(ports.uri(service)) + " gave no answer (" + e + ")");
        }
    }

    /** Removes something. */
    void delete(String path) throws InterruptedException {
        send(request(path).DELETE());
    }

    private HttpRequest.Builder posted(String path, JsonNode body) {
        return request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body.toString()));
    }

    private HttpRequest.Builder request(String path) {
        return token.on(HttpRequest.newBuilder(ports.uri(service).resolve(path)))
                .timeout(ANSWER);
    }

    /**
     * Asks for a file.
     *
     * @param body what of
     */
    byte[] file(String path, JsonNode body) throws InterruptedException {
        return bytes(posted(path, body));
    }

    private JsonNode send(HttpRequest.Builder request) throws InterruptedException {
        try {
            return JSON.readTree(bytes(request));
        } catch (IOException e) {
            throw new Refusal("the answer is no JSON: " + e.getMessage(), e);
        }
    }

    /** @throws Refusal when nobody answers, or what is asked for is refused */
    private byte[] bytes(HttpRequest.Builder request) throws InterruptedException {
        long begin = System.nanoTime();
        HttpRequest sent = request.build();
        try {
            HttpResponse<byte[]> response = http.send(sent, BodyHandlers.ofByteArray());
            while (response.statusCode() == UNAVAILABLE && System.nanoTime() - begin < PATIENCE.toNanos()) {
                Thread.sleep(PAUSE.toMillis());
                response = http.send(sent, BodyHandlers.ofByteArray());
            }
            if (response.statusCode() / 100 == 2) {
                return response.body();
            }
            throw new Refusal(refusal(response));
        } catch (ConnectException e) {
            throw new Refusal(
                    "no stack answers at " + base(sent.uri())
                            + ". Start one with ./millrace up, or name the port of the one that runs with --port N",
                    e);
        } catch (IOException e) {
            throw new Refusal(
                    base(sent.uri()) + " gave no answer (" + e
                            + "). ./millrace status says how the stack stands; the same"
                            + " command again does no harm",
                    e);
        }
    }

    private static URI base(URI uri) {
        return uri.resolve("/");
    }

    private static String refusal(HttpResponse<byte[]> response) {
        try {
            JsonNode problem = JSON.readTree(response.body());
            String detail = problem.path("detail").asText("refused with status " + response.statusCode());
            String remedy = problem.path("remedy").asText("");
            if (response.statusCode() == UNAUTHORIZED) {
                return detail + ". Name the file of one with --token-file FILE";
            }
            // That of a field's value says its remedy already.
            return problem.has("field") || remedy.isEmpty() ? detail : detail + "; " + remedy;
        } catch (IOException e) {
            return "refused with status " + response.statusCode() + ": " + new String(response.body(), UTF_8);
        }
    }
}
