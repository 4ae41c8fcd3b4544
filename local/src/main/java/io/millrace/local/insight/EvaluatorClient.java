// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.insight;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.local.Refusal;
import io.millrace.local.stack.AccessToken;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;

/**
 * What evaluator-service tells of a checkpoint. Where it has to work something out it is asked again for a while, since it
 * may have to score a whole test split.
 */
public final class EvaluatorClient {
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int GONE = 410;
    /** It lacks something that asking again does not bring, such as fonts. */
    private static final int NOT_IMPLEMENTED = 501;

    private static final int UNAVAILABLE = 503;

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final URI base;
    private final Duration patience;
    private final AccessToken token;

    /**
     * Of the service at an address.
     *
     * @param patience how long it is asked again
     * @param token with which
     */
    public EvaluatorClient(URI base, Duration patience, AccessToken token) {
        this.base = base;
        this.patience = patience;
        this.token = token;
    }

    /** Something cannot be had; the message says why. */
    public static final class GoneException extends Exception {
        private final boolean passes;

        private GoneException(String message, boolean passes) {
            super(message);
            this.passes = passes;
        }

        /** Whether it may be had later: the service worked on it for longer than it was asked again. */
        public boolean passes() {
            return passes;
        }
    }

    /** Mistakes of a checkpoint, the worst first, and how many there are in all. */
    public record Mistakes(int total, List<Mistake> mistakes) {}

    /**
     * One of them.
     *
     * @param index of the sample in the test split
     * @param label the true class
     * @param predicted what it is taken for
     * @param probability of the predicted class, 0 to 1
     * @param labelProbability of the true class
     * @param cam the address of its picture with where the network looked, three pictures side by side
     */
    public record Mistake(
            int index, String label, String predicted, double probability, double labelProbability, String cam) {}

    /** The table of a checkpoint's classes, and what its confidence is worth. */
    public String report(String checkpointId) throws GoneException, InterruptedException {
        return new String(get("/evaluations/" + checkpointId + "/report?digits=4"), UTF_8);
    }

    /** The worst mistakes of a checkpoint, at most so many, 1 to 500. */
    public Mistakes mistakes(String checkpointId, int count) throws GoneException, InterruptedException {
        String path = "/evaluations/" + checkpointId + "/misclassified?count=" + count;
        try {
            return JSON.readValue(get(path), Mistakes.class);
        } catch (IOException e) {
            throw new Refusal(base + " does not answer as an evaluator-service does: " + e.getMessage(), e);
        }
    }

    /** Its confusion matrix, PNG. */
    public byte[] confusion(String checkpointId, Theme theme) throws GoneException, InterruptedException {
        return get("/evaluations/" + checkpointId + "/confusion.png?theme=" + theme.word());
    }

    /** A picture by its address, PNG. */
    public byte[] picture(String path) throws GoneException, InterruptedException {
        return get(path);
    }

    private byte[] get(String path) throws GoneException, InterruptedException {
        long begin = System.nanoTime();
        HttpRequest request = token.on(HttpRequest.newBuilder(base.resolve(path)))
                .timeout(ANSWER)
                .build();
        try {
            HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
            while (response.statusCode() == UNAVAILABLE && System.nanoTime() - begin < patience.toNanos()) {
                Thread.sleep(PAUSE.toMillis());
                response = http.send(request, BodyHandlers.ofByteArray());
            }
            return body(response);
        } catch (ConnectException e) {
            throw new Refusal(
                    "evaluator-service does not answer at " + base
                            + ". Start a stack with ./millrace up, or name the port of the one that runs with --port N",
                    e);
        } catch (IOException e) {
            throw new Refusal(
                    base.resolve(path) + " gave no answer (" + e + "). ./millrace status says how the stack stands", e);
        }
    }

    private static byte[] body(HttpResponse<byte[]> response) throws GoneException {
        switch (response.statusCode()) {
            case OK -> {
                return response.body();
            }
            case NOT_FOUND, GONE, NOT_IMPLEMENTED -> throw new GoneException(detail(response), false);
            case UNAVAILABLE -> throw new GoneException(detail(response), true);
            default -> throw new Refusal(response.uri() + ": " + detail(response));
        }
    }

    private static String detail(HttpResponse<byte[]> response) {
        String otherwise = "answered with status " + response.statusCode();
        try {
            return JSON.readTree(response.body()).path("detail").asText(otherwise);
        } catch (IOException e) {
            return otherwise;
        }
    }
}
