// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.classify;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.local.stack.AccessToken;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/** Asks an inference-service. Thread-safe. */
public final class ClassifyClient {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** It has no place or no model now, or what stands before it does not reach it. */
    private static final Set<Integer> PASSING = Set.of(429, 502, 503, 504);

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final URI inference;
    private final AccessToken token;

    /**
     * @param inference its address
     * @param token with which it is asked
     */
    public ClassifyClient(URI inference, AccessToken token) {
        this.inference = inference;
        this.token = token;
    }

    /** Where pictures are sent. */
    public URI uri() {
        return inference.resolve("/classify");
    }

    /**
     * What a picture shows.
     *
     * @param file PNG, JPEG, GIF, BMP, WebP or TIFF
     */
    public Prediction classify(Path file) throws UnansweredException, InterruptedException {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new UnansweredException("is no file that can be read", false, null);
        }
        try {
            return answer(http.send(
                    token.on(HttpRequest.newBuilder(uri()))
                            .timeout(PATIENCE)
                            .header("Content-Type", "application/octet-stream")
                            .header("X-Request-Timeout-Ms", Long.toString(PATIENCE.toMillis()))
                            .POST(BodyPublishers.ofFile(file))
                            .build(),
                    BodyHandlers.ofString()));
        } catch (IOException e) {
            throw new UnansweredException("was not answered: " + e, true, e);
        }
    }

    private static Prediction answer(HttpResponse<String> response) throws UnansweredException, IOException {
        if (response.statusCode() != 200) {
            throw new UnansweredException(
                    "was refused with status " + response.statusCode() + ": " + detail(response),
                    PASSING.contains(response.statusCode()),
                    null);
        }
        return JSON.readValue(response.body(), Prediction.class);
    }

    private static String detail(HttpResponse<String> response) {
        try {
            return JSON.readTree(response.body()).path("detail").asText(response.body());
        } catch (IOException e) {
            // Not a problem document, so whatever it says is shown.
            return response.body();
        }
    }

    /**
     * Whether it has a model to answer with.
     *
     * @throws IOException when it does not answer
     */
    boolean serves() throws IOException, InterruptedException {
        HttpRequest request = token.on(HttpRequest.newBuilder(inference.resolve("/models")))
                .timeout(PATIENCE)
                .build();
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        return response.statusCode() == 200 && !JSON.readTree(response.body()).isEmpty();
    }
}
