// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.problem.Refusal;
import io.millrace.inference.registry.FakeModels;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.test.TestImages;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What some clients do must not be felt by others: bodies that do not come, images that take long, networks that hang. */
@QuarkusTest
@TestProfile(CrowdIT.Roomy.class)
class CrowdIT {
    private static final String IMAGE = "Content-Type: image/png";
    private static final String MEGABYTE = "Content-Length: " + (1 << 20);
    private static final String TIMEOUT = "X-Request-Timeout-Ms";
    private static final int OTHERS = 20;

    @Inject
    ModelRegistry registry;

    @Inject
    MeterRegistry meters;

    private final List<RawClient> clients = new ArrayList<>();
    private final Semaphore mayAnswer = new Semaphore(0);
    private final AtomicInteger asked = new AtomicInteger();

    /** Room for few bodies, places for few requests, and fewer threads than slow clients. */
    public static final class Roomy implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "quarkus.http.test-port", "0",
                    "quarkus.management.test-port", "0",
                    "quarkus.http.read-timeout", "2s",
                    "quarkus.thread-pool.max-threads", "8",
                    "kafka.bootstrap.servers", "127.0.0.1:1",
                    "millrace.inference.max-body-memory", "4M",
                    "millrace.inference.max-pending", "16",
                    "millrace.inference.max-large", "3",
                    "millrace.inference.default-timeout", "20s",
                    "millrace.inference.max-timeout", "30s");
        }
    }

    @TestHTTPResource(value = "/health", management = true)
    URL health;

    @TestHTTPResource(value = "/metrics", management = true)
    URL metrics;

    @BeforeEach
    void serve() {
        registry.serve(FakeModels.served("run-1-step-7", FakeModels.firstPixel()));
    }

    @AfterEach
    void leave() throws IOException {
        mayAnswer.release(1000);
        for (RawClient client : clients) {
            client.close();
        }
    }

    @Test
    void bodiesThatAreOnlyAnnouncedTakeNoMemory() throws IOException {
        for (int k = 0; k < 7; k++) {
            client().post(IMAGE, MEGABYTE);
        }

        othersAreAnswered();
    }

    @Test
    void slowBodiesHoldNoThreadAndNoPlace() throws IOException {
        for (int k = 0; k < 300; k++) {
            client().post(IMAGE, MEGABYTE).send("x");
        }

        othersAreAnswered();
        given().get(health + "/live").then().statusCode(200);
        given().get(health + "/ready").then().statusCode(200);
        given().get(metrics).then().statusCode(200);
    }

    @Test
    void aByteNowAndThenIsNotEnough() throws IOException {
        double before = refusals(Refusal.SLOW_BODY);
        RawClient client = client().post(IMAGE, MEGABYTE);
        CompletableFuture<String> answer = inBackground(client::answer);

        // When bytes come, each long before two reads are too far apart
        await().until(() -> {
            sendQuietly(client);
            return answer.isDone();
        });

        // Then
        assertThat(answer.join())
                .startsWith("HTTP/1.1 408")
                .contains("application/problem+json", "at least 16384 bytes a second are expected");
        await().until(() -> refusals(Refusal.SLOW_BODY) == before + 1);
    }

    @Test
    void largePicturesLeaveOthersAnswered() {
        double before = refusals(Refusal.LARGE);
        Bombs bombs = new Bombs();
        for (int k = 0; k < 12; k++) {
            bombs.send();
        }
        await().until(() -> refusals(Refusal.LARGE) > before && bombs.decoded.get() > 0);

        // When
        othersAreAnswered();

        // Then
        bombs.enough.set(true);
        assertThat(bombs.wrong).isEmpty();
    }

    /** Pictures of 16 megapixels in a few kilobytes, one after the other. */
    private static final class Bombs {
        private final HttpRequest request =
                request(TestImages.file(TestImages.grey(4000, 4000, new byte[16_000_000]), "png"), "20000");
        private final HttpClient http = HttpClient.newHttpClient();
        private final AtomicInteger decoded = new AtomicInteger();
        private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
        private final AtomicBoolean enough = new AtomicBoolean();

        void send() {
            http.sendAsync(request, BodyHandlers.ofString()).thenAccept(answer -> {
                if (answer.statusCode() == 200) {
                    decoded.incrementAndGet();
                } else if (answer.statusCode() != 503) {
                    wrong.add(answer.statusCode() + " " + answer.body());
                }
                if (!enough.get()) {
                    send();
                }
            });
        }
    }

    @Test
    void nobodyWaitsLongerThanAskedFor() {
        double before = refusals(Refusal.LATE);
        hang();

        post(digit(1), "100")
                .statusCode(504)
                .contentType("application/problem+json")
                .body("detail", containsString("no answer within 100 ms: the network had not answered"));

        // And whoever waits behind it is not computed at all
        post(digit(1), "100").statusCode(504);
        mayAnswer.release(1000);
        await().until(() ->
                meters.get(InferenceMetrics.PENDING_REQUESTS).gauge().value() == 0);
        assertThat(asked).hasValue(1);
        assertThat(refusals(Refusal.LATE)).isEqualTo(before + 2);
        await().until(() -> requests(InferenceMetrics.LATE) >= 2);
    }

    @Test
    void theDeadlineThatAClientNamesHoldsForItsBodyToo() throws IOException {
        double before = refusals(Refusal.LATE);

        String answer =
                client().post(IMAGE, MEGABYTE, TIMEOUT + ": 100").send("x").answer();

        assertThat(answer)
                .startsWith("HTTP/1.1 504")
                .contains("application/problem+json", "no answer within 100 ms: its body had not come");
        assertThat(refusals(Refusal.LATE)).isEqualTo(before + 1);
    }

    @Test
    void aDeadlineThatIsNoneIsRefused() {
        for (String wrong : List.of("0", "-1", "soon", "1.5", "30001", "99999999999999999999", "")) {
            post(digit(1), wrong)
                    .statusCode(400)
                    .body(
                            "detail",
                            equalTo("X-Request-Timeout-Ms is \"" + wrong
                                    + "\"; it has to be a whole number of milliseconds from 1 to 30000"));
        }
        post(digit(1), "30000").statusCode(200);
    }

    @Test
    void whoLeavesIsNotComputed() throws IOException {
        // Given
        hang();
        RawClient first = postRaw(digit(1));
        await().until(() -> asked.get() == 1);
        RawClient second = postRaw(digit(2));
        await().until(() ->
                meters.get(InferenceMetrics.PENDING_REQUESTS).gauge().value() == 2);

        // When
        second.close();
        await().until(() ->
                meters.get(InferenceMetrics.PENDING_REQUESTS).gauge().value() == 1);
        mayAnswer.release(1000);

        // Then
        assertThat(first.answer()).startsWith("HTTP/1.1 200");
        post(digit(3), "30000").statusCode(200);
        assertThat(asked).hasValue(2);
    }

    @Test
    void oneTooManyIsCountedByItsReason() throws IOException {
        // Given
        double before = refusals(Refusal.FULL);
        hang();
        for (int k = 0; k < 16; k++) {
            postRaw(digit(k));
        }
        await().until(() ->
                meters.get(InferenceMetrics.PENDING_REQUESTS).gauge().value() == 16);

        // Then
        post(digit(1), "1000").statusCode(503).header("Retry-After", "1");
        assertThat(refusals(Refusal.FULL)).isEqualTo(before + 1);
    }

    private void othersAreAnswered() {
        for (int k = 0; k < OTHERS; k++) {
            post(digit(k % 10), "20000").statusCode(200).body("label", equalTo(Integer.toString(k % 10)));
        }
    }

    /** From now on the network answers only when it may. */
    private void hang() {
        registry.serve(FakeModels.served("slow", FakeModels.network(images -> {
            asked.addAndGet(images.size());
            mayAnswer.acquireUninterruptibly();
            return new float[images.size()][10];
        })));
    }

    private static ValidatableResponse post(byte[] image, String timeout) {
        return given().header(TIMEOUT, timeout)
                .contentType("image/png")
                .body(image)
                .post("/classify")
                .then();
    }

    private static HttpRequest request(byte[] image, String timeout) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + RestAssured.port + "/classify"))
                .header("Content-Type", "image/png")
                .header(TIMEOUT, timeout)
                .POST(BodyPublishers.ofByteArray(image))
                .build();
    }

    private RawClient postRaw(byte[] image) throws IOException {
        return client().post(IMAGE, "Content-Length: " + image.length, "Connection: close")
                .send(image);
    }

    private RawClient client() throws IOException {
        RawClient client = new RawClient(RestAssured.port);
        clients.add(client);
        return client;
    }

    private interface Answer {
        String read() throws IOException;
    }

    private static CompletableFuture<String> inBackground(Answer answer) {
        CompletableFuture<String> result = new CompletableFuture<>();
        new Thread(() -> {
                    try {
                        result.complete(answer.read());
                    } catch (IOException e) {
                        result.completeExceptionally(e);
                    }
                })
                .start();
        return result;
    }

    private static void sendQuietly(RawClient client) {
        try {
            client.send("x");
        } catch (IOException e) {
            // The server has closed the connection, having answered.
        }
    }

    private double refusals(Refusal refusal) {
        return meters.get(InferenceMetrics.REFUSALS)
                .tag(InferenceMetrics.REASON, refusal.reason())
                .counter()
                .count();
    }

    private double requests(String outcome) {
        return meters.get(InferenceMetrics.REQUESTS)
                .tag(InferenceMetrics.OUTCOME, outcome)
                .counter()
                .count();
    }

    private static byte[] digit(int first) {
        byte[] values = new byte[28 * 28];
        values[0] = (byte) first;
        return TestImages.file(TestImages.grey(28, 28, values), "png");
    }
}
