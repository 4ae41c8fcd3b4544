// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.inference.registry.FakeModels;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.test.TestImages;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bodies on the wire: how their length is told, and what becomes of those that are too large or break off. */
@QuarkusTest
@TestProfile(ClassifyHttpIT.Small.class)
class ClassifyBodyIT {
    private static final byte[] TOO_LARGE = new byte[ClassifyHttpIT.BODY_LIMIT + 1];
    private static final String CHUNKED = "Transfer-Encoding: chunked";
    private static final String CLOSE = "Connection: close";
    private static final String IMAGE = "Content-Type: image/png";
    private static final String FORM = "Content-Type: multipart/form-data; boundary=limit";
    private static final String PART =
            "--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n";

    @Inject
    ModelRegistry registry;

    @BeforeEach
    void serve() {
        registry.serve(FakeModels.served("run-1-step-7", FakeModels.firstPixel()));
    }

    @Test
    void chunkedImageIsAnswered() throws IOException {
        try (RawClient client = client().post(IMAGE, CHUNKED, CLOSE)) {
            assertThat(client.chunks(digit(7)).lastChunk().answer())
                    .startsWith("HTTP/1.1 200")
                    .contains("\"label\":\"7\"");
        }
    }

    @Test
    void chunkedFormIsAnswered() throws IOException {
        try (RawClient client = client().post(FORM, CHUNKED, CLOSE)) {
            client.chunks(bytes(PART)).chunks(digit(6)).chunks(bytes("\r\n--limit--\r\n"));

            assertThat(client.lastChunk().answer()).startsWith("HTTP/1.1 200").contains("\"label\":\"6\"");
        }
    }

    @Test
    void chunkedBodyBeyondTheLimitIsAProblemBeforeItsEnd() throws IOException {
        try (RawClient client = client().post(IMAGE, CHUNKED)) {
            assertTooLarge(client.chunks(TOO_LARGE).answer());
        }
    }

    @Test
    void clientThatFinishesItsChunksBeyondTheLimitReadsTheProblem() throws IOException {
        try (RawClient client = client().post(IMAGE, CHUNKED)) {
            client.chunks(TOO_LARGE).chunks(new byte[ClassifyHttpIT.BODY_LIMIT / 2]);

            assertTooLarge(client.lastChunk().answer());
        }
    }

    @Test
    void chunkedFormBeyondTheLimitIsAProblem() throws IOException {
        try (RawClient client = client().post(FORM, CHUNKED)) {
            assertTooLarge(client.chunks(bytes(PART)).chunks(TOO_LARGE).answer());
        }
    }

    @Test
    void clientThatAwaitsLeaveToSendGetsIt() throws IOException {
        try (RawClient client = client().post(IMAGE, CHUNKED, CLOSE, "Expect: 100-continue")) {
            assertThat(client.chunks(digit(5)).lastChunk().answer())
                    .startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200")
                    .contains("\"label\":\"5\"");
        }
    }

    @Test
    void clientThatStopsSendingIsToldSo() throws IOException {
        try (RawClient client = client().post(IMAGE, CHUNKED)) {
            assertThat(client.chunks(new byte[10]).answer())
                    .startsWith("HTTP/1.1 408")
                    .contains("application/problem+json", "nothing came for 5 s after 10 bytes");
        }
    }

    @Test
    void bodiesThatWouldFillTheHeapAreTurnedAway() throws IOException {
        String length = "Content-Length: " + ClassifyHttpIT.BODY_LIMIT;
        byte[] most = new byte[ClassifyHttpIT.BODY_LIMIT - 1];
        List<RawClient> holding = new ArrayList<>();
        for (int k = 0; k < 3; k++) {
            holding.add(client().post(IMAGE, length).send(most));
        }

        // When almost all of the memory is taken by others
        await().untilAsserted(() -> assertNoRoom(
                client().post(IMAGE, CHUNKED, CLOSE).chunks(digit(1)).lastChunk()));

        // Then there is none for a body of a known length either
        assertNoRoom(client().post(IMAGE, "Content-Length: 5", CLOSE).send("12345"));
        for (RawClient client : holding) {
            client.close();
        }

        // And there is again when they have gone
        await().untilAsserted(() -> assertThat(answer(
                        client().post(IMAGE, CHUNKED, CLOSE).chunks(digit(2)).lastChunk()))
                .startsWith("HTTP/1.1 200"));
    }

    private static void assertNoRoom(RawClient client) throws IOException {
        assertThat(answer(client))
                .startsWith("HTTP/1.1 503")
                .containsIgnoringCase("retry-after: 1")
                .containsIgnoringCase("content-type: application/problem+json")
                .contains("the bodies of other requests take all of the 3145728 bytes");
    }

    private static String answer(RawClient client) throws IOException {
        try (client) {
            return client.answer();
        }
    }

    @Test
    void formWithoutAnEndIsAProblem() throws IOException {
        assertNoForm(PART + "no end");
        assertNoForm("");
        assertNoForm(PART.replace("--limit", "--other") + "x\r\n--other--\r\n");
        assertNoForm("--limit\r\nContent-Disposition: form-data\u0001");
    }

    private static void assertNoForm(String form) throws IOException {
        try (RawClient client = client().post(FORM, "Content-Length: " + form.length(), CLOSE)) {
            assertThat(client.send(form).answer())
                    .as(form)
                    .startsWith("HTTP/1.1 400")
                    .containsIgnoringCase("content-type: application/problem+json");
        }
    }

    @Test
    void partThatIsAnImageNeedsNoFileName() throws IOException {
        String head = "--limit\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: image/png\r\n\r\n";
        try (RawClient client = client().post(FORM, CHUNKED, CLOSE)) {
            client.chunks(bytes(head)).chunks(digit(3)).chunks(bytes("\r\n--limit--\r\n"));

            assertThat(client.lastChunk().answer()).startsWith("HTTP/1.1 200").contains("\"label\":\"3\"");
        }
    }

    @Test
    void clientThatPrefersHttp2IsAnsweredByHttp1() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();

        HttpResponse<String> small = client.send(post(digit(4)), BodyHandlers.ofString());
        HttpResponse<String> large = client.send(post(TOO_LARGE), BodyHandlers.ofString());

        assertThat(small.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        assertThat(small.body()).contains("\"label\":\"4\"");
        assertThat(large.statusCode()).isEqualTo(413);
        assertThat(large.body()).contains("more than the 1048576 bytes");
    }

    private static HttpRequest post(byte[] body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + RestAssured.port + "/classify"))
                .header("Content-Type", "image/png")
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                .build();
    }

    private static void assertTooLarge(String answer) {
        assertThat(answer)
                .startsWith("HTTP/1.1 413")
                .containsIgnoringCase("connection: close")
                .containsIgnoringCase("content-type: application/problem+json")
                .contains("\"status\":413", "the body has more than the 1048576 bytes that are taken");
    }

    private static RawClient client() throws IOException {
        return new RawClient(RestAssured.port);
    }

    private static byte[] digit(int value) {
        byte[] values = new byte[28 * 28];
        values[0] = (byte) value;
        return TestImages.file(TestImages.grey(28, 28, values), "png");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
