// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.image.Fitted;
import io.millrace.inference.registry.FakeModels;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.test.TestImages;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URL;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The requests and their answers, with a network that says the first pixel and a broker that never answers. */
@QuarkusTest
@TestProfile(ClassifyHttpIT.Small.class)
class ClassifyHttpIT {
    static final int BODY_LIMIT = 1 << 20;
    private static final String PROBLEM = "application/problem+json";

    @Inject
    ModelRegistry registry;

    @Inject
    MeterRegistry meters;

    @TestHTTPResource(value = "/health", management = true)
    URL health;

    /** Small limits, so that small requests go beyond them. */
    public static final class Small implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "quarkus.http.test-port", "0",
                    "quarkus.management.test-port", "0",
                    "quarkus.http.limits.max-body-size", Integer.toString(BODY_LIMIT),
                    "quarkus.http.read-timeout", "5s",
                    "millrace.inference.max-body-memory", "3M",
                    "kafka.bootstrap.servers", "127.0.0.1:1",
                    "millrace.inference.max-images", "3",
                    "millrace.inference.grpc-port", "0",
                    "millrace.inference.max-pending", "2");
        }
    }

    @BeforeEach
    void serve() {
        registry.serve(FakeModels.served("run-1-step-7", FakeModels.firstPixel()));
    }

    @Test
    void rawImageIsAnsweredInTheShapeOfTheDesign() {
        post("image/png", digit(7))
                .statusCode(200)
                .contentType("application/json")
                .body("label", equalTo("7"))
                .body("probability", equalTo(1.0f))
                .body("top", hasSize(3))
                .body("top[0].label", equalTo("7"))
                .body("top[0].probability", equalTo(1.0f))
                .body("model", equalTo("mnist"))
                .body("version", equalTo("run-1-step-7"))
                .body("requestId", matchesPattern("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]{22}"))
                .body("timing.queueMs", greaterThanOrEqualTo(0f))
                .body("timing.decodeMs", greaterThanOrEqualTo(0f))
                .body("timing.inferMs", greaterThanOrEqualTo(0f));
    }

    @Test
    void contentTypeDoesNotHaveToBeRight() {
        post("application/octet-stream", digit(4)).statusCode(200).body("label", equalTo("4"));
        post("image/jpeg", digit(5)).statusCode(200).body("label", equalTo("5"));
    }

    @Test
    void oneFileIsAnsweredLikeARawImageWhateverItsFieldIsCalled() {
        given().multiPart("file", "digit.png", digit(3))
                .post("/classify")
                .then()
                .statusCode(200)
                .body("label", equalTo("3"));
        given().multiPart("anything", "digit.png", digit(2), "application/octet-stream")
                .multiPart("comment", "not a file")
                .post("/classify")
                .then()
                .statusCode(200)
                .body("label", equalTo("2"));
    }

    @Test
    void manyFilesAreAnsweredInTheirOrder() {
        given().multiPart("file", "a.png", digit(9))
                .multiPart("file", "b.png", digit(8))
                .multiPart("last", "c.png", digit(7))
                .queryParam("top", 1)
                .post("/classify")
                .then()
                .statusCode(200)
                .body("results.label", equalTo(List.of("9", "8", "7")))
                .body("results.field", equalTo(List.of("file", "file", "last")))
                .body("results.name", equalTo(List.of("a.png", "b.png", "c.png")))
                .body("results[0].top", hasSize(1))
                .body("results[2].version", equalTo("run-1-step-7"));
    }

    @Test
    void mediaTypesHaveNoCaseAndTextInAFormNoLimitOfItsOwn() throws IOException {
        String form = "--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n" + "x".repeat(5000)
                + "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n"
                + new String(digit(6), ISO_8859_1) + "\r\n--b--\r\n";

        try (RawClient client = new RawClient(RestAssured.port)) {
            String answer = client.post(
                            "Content-Type: Multipart/Form-Data; Boundary=b",
                            "Content-Length: " + form.length(),
                            "Connection: close")
                    .send(form)
                    .answer();
            assertThat(answer).startsWith("HTTP/1.1 200").contains("\"label\":\"6\"");
        }
    }

    @Test
    void aFileInBase64IsAnsweredLikeTheFile() {
        json("{\"image\": \"" + Base64.getEncoder().encodeToString(digit(3)) + "\"}")
                .statusCode(200)
                .body("label", equalTo("3"));
    }

    @Test
    void blankPicturesAreAnsweredWithAWarning() {
        post("image/png", TestImages.file(TestImages.filled(64, 64, BufferedImage.TYPE_INT_RGB, 0xffffffff), "png"))
                .statusCode(200)
                .body("warnings", equalTo(List.of(Fitted.BLANK)));
    }

    @Test
    void pixelsAreAnsweredLikeAnImage() {
        json("{\"pixels\": " + Arrays.deepToString(rows(28, 28, 6)) + "}")
                .statusCode(200)
                .body("label", equalTo("6"));
    }

    @Test
    void otherSizesAndColoursAreConverted() {
        byte[] large = TestImages.file(TestImages.filled(56, 56, BufferedImage.TYPE_INT_RGB, 0xff050505), "png");

        post("image/png", large).statusCode(200).body("label", equalTo("5"));
        json("{\"pixels\": " + Arrays.deepToString(rows(14, 14, 6)) + "}")
                .statusCode(200)
                .body("label", equalTo("6"));
    }

    @Test
    void topIsClampedToTheClassesAndRefusedBelowOne() {
        given().queryParam("top", 99)
                .contentType("image/png")
                .body(digit(1))
                .post("/classify")
                .then()
                .statusCode(200)
                .body("top", hasSize(10));
        for (String top : new String[] {"0", "-3", "x", "1.5"}) {
            RequestSpecification request =
                    given().queryParam("top", top).contentType("image/png").body(digit(1));
            problem(request.post("/classify").then(), 400, "top has to be");
        }
    }

    @Test
    void aModelIsAskedByItsNameToo() {
        given().contentType("image/png")
                .body(digit(7))
                .post("/classify/mnist")
                .then()
                .statusCode(200)
                .body("label", equalTo("7"));
        problem(
                given().contentType("image/png")
                        .body(digit(7))
                        .post("/classify/cifar")
                        .then(),
                404,
                "there is no model \"cifar\"; loaded are \"mnist\" in version \"run-1-step-7\"");
    }

    @Test
    void whatIsChosenStandsInTheQueryAFormOrTheJson() {
        given().queryParam("top", 1)
                .queryParam("invert", true)
                .contentType("image/png")
                .body(digit(253))
                .post("/classify")
                .then()
                .statusCode(200)
                .body("label", equalTo("2"))
                .body("top", hasSize(1));
        given().multiPart("top", "2")
                .multiPart("invert", "true")
                .multiPart("file", "digit.png", digit(253))
                .post("/classify")
                .then()
                .statusCode(200)
                .body("label", equalTo("2"))
                .body("top", hasSize(2));
        json("{\"top\": 2, \"invert\": true, \"fit\": \"photo\", \"pixels\": " + Arrays.deepToString(rows(28, 28, 253))
                        + "}")
                .statusCode(200)
                .body("label", equalTo("2"))
                .body("top", hasSize(2));
        // Ink on a ground of one colour, which the model itself does not expect
        given().queryParam("fit", "ink")
                .contentType("image/png")
                .body(TestImages.file(TestImages.filled(64, 64, BufferedImage.TYPE_INT_RGB, 0xffffffff), "png"))
                .post("/classify")
                .then()
                .statusCode(200)
                .body("label", equalTo("0"));
    }

    @Test
    void whatMakesNoSenseIsNotChosen() {
        problem(chosen("fit", "square"), 400, "fit has to be ink or photo, not \"square\"");
        problem(chosen("invert", "yes"), 400, "invert has to be true or false, not \"yes\"");
        problem(
                given().queryParam("top", 1)
                        .contentType("application/json")
                        .body("{\"top\": 2, \"pixels\": [[1]]}")
                        .post("/classify")
                        .then(),
                400,
                "top stands twice");
        problem(json("{\"top\": [], \"pixels\": [[1]]}"), 422, "\"top\" has to be a text, a number");
    }

    private static ValidatableResponse chosen(String name, String value) {
        return given().queryParam(name, value)
                .contentType("image/png")
                .body(digit(1))
                .post("/classify")
                .then();
    }

    @Test
    void bodiesMayBePacked() throws IOException {
        packed("gzip", gzip(digit(7))).statusCode(200).body("label", equalTo("7"));
        packed("identity", digit(7)).statusCode(200).body("label", equalTo("7"));
        problem(packed("gzip", digit(7)), 400, "the body is not what its Content-Encoding, gzip, says");
        problem(packed("gzip", Arrays.copyOf(gzip(digit(7)), 30)), 400, "the body is not what its Content-Encoding");
        problem(
                packed("gzip", gzip(new byte[BODY_LIMIT + 1])),
                413,
                "more than the 1048576 bytes that are taken, unpacked");
        problem(packed("br", digit(7)), 415, "the body comes as \"br\"; it may come as gzip")
                .header("Accept-Encoding", "gzip");
        packed("gzip", gzip(digit(6))).statusCode(200).body("label", equalTo("6"));
    }

    private static ValidatableResponse packed(String coding, byte[] body) {
        return given().header("Content-Encoding", coding)
                .contentType("image/png")
                .body(body)
                .post("/classify")
                .then();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    @Test
    void nothingIsMalformed() {
        problem(post("image/png", new byte[0]), 400, "the image is empty: 0 bytes");
        problem(given().contentType("image/png").post("/classify").then(), 400, "0 bytes");
        problem(given().post("/classify").then(), 400, "0 bytes");
        problem(given().contentType("application/json").post("/classify").then(), 400, "the body is empty");
        problem(given().multiPart("comment", "not a file").post("/classify").then(), 400, "the form has no file");
        problem(
                given().multiPart("file", "empty.png", new byte[0])
                        .post("/classify")
                        .then(),
                400,
                "empty.png");
    }

    @Test
    void textIsNotSupported() {
        problem(post("image/png", "seven".getBytes()), 415, "its first bytes are of no known format");
        problem(
                given().contentType("text/plain")
                        .body("seven")
                        .post("/classify")
                        .then(),
                415,
                "curl -F file=@digit.png");
    }

    @Test
    void sixtyMegapixelsAreTooLarge() {
        problem(post("image/png", TestImages.pngHeader(10_000, 6_000)), 413, "10000 x 6000 = 60000000 pixels");
    }

    @Test
    void bodyBeyondTheLimitIsTooLarge() {
        problem(post("image/png", new byte[BODY_LIMIT + 1]), 413, "more than the 1048576 that are taken");
    }

    @Test
    void tooManyImagesAreTooLarge() {
        RequestSpecification request = given();
        for (int i = 0; i < 4; i++) {
            request.multiPart("file", "digit.png", digit(i));
        }
        problem(request.post("/classify").then(), 413, "4 images in one request; at most 3");
    }

    @Test
    void truncatedJpegIsUnreadable() {
        byte[] jpeg = TestImages.file(TestImages.filled(64, 64, BufferedImage.TYPE_INT_RGB, 0xff123456), "jpeg");

        problem(post("image/jpeg", Arrays.copyOf(jpeg, jpeg.length - 40)), 422, "the JPEG image cannot be read")
                .body("title", equalTo("Unprocessable Content"));
    }

    @Test
    void oneBadFileAmongManyIsNamed() {
        RequestSpecification request =
                given().multiPart("file", "good.png", digit(1)).multiPart("file", "bad.png", "x".getBytes());
        problem(request.post("/classify").then(), 415, "file 2 (bad.png): this is no picture that is read");
    }

    @Test
    void wrongJsonIsRefused() {
        problem(json("{\"pixels\": [[1, 2"), 400, "the body is not JSON");
        problem(json("{\"pixels\": [[1, 2], [3]]}"), 422, "/pixels/1 has 1 entries");
        problem(json("{\"pixels\": [[300]]}"), 422, "/pixels/0/0 is 300");
        problem(json("{}"), 422, "the body has neither \"image\"");
    }

    @Test
    void unknownPathsAndMethodsAreProblemsToo() {
        problem(given().get("/nothing").then(), 404, "POST /classify");
        problem(given().get("/classify").then(), 405, "POST /classify");
    }

    @Test
    void whoAcceptsNothingThatThereIsIsToldBeforeAnyWork() {
        AtomicInteger calls = new AtomicInteger();
        registry.serve(FakeModels.served("counts", FakeModels.network(images -> {
            calls.incrementAndGet();
            return new float[images.size()][10];
        })));

        problem(
                given().accept("text/html")
                        .contentType("image/png")
                        .body(digit(1))
                        .post("/classify")
                        .then(),
                406,
                "leave out Accept");
        assertThat(calls).hasValue(0);
    }

    @Test
    void whatCanBeGotHasAHead() {
        given().head("/models").then().statusCode(200);
    }

    @Test
    void requestIdIsEchoedOrMade() {
        given().header("X-Request-Id", "abc-123")
                .contentType("image/png")
                .body(digit(1))
                .post("/classify")
                .then()
                .header("X-Request-Id", "abc-123");
        given().header("X-Request-Id", "<script>")
                .get("/nothing")
                .then()
                .header("X-Request-Id", matchesPattern("[0-9a-f-]{36}"));
    }

    @Test
    void networkThatFailsIsOurFault() {
        registry.serve(FakeModels.served("broken", FakeModels.network(images -> {
            throw new IllegalStateException("native failure");
        })));

        problem(post("image/png", digit(1)), 500, "the service failed");
    }

    @Test
    void oneRequestTooManyIsTurnedAwayAtOnceAndTheOthersAreAnswered() {
        CountDownLatch release = new CountDownLatch(1);
        registry.serve(FakeModels.served("slow", FakeModels.network(images -> {
            awaitQuietly(release);
            return new float[images.size()][10];
        })));
        double rejectedBefore = requests(InferenceMetrics.REJECTED);
        List<CompletableFuture<Integer>> inside = IntStream.range(0, 2)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> given().contentType("image/png")
                                .body(digit(i))
                                .post("/classify")
                                .statusCode(),
                        // Not the common pool: on two processors it has one thread.
                        task -> new Thread(task).start()))
                .toList();
        try {
            await().until(() ->
                    meters.get(InferenceMetrics.PENDING_REQUESTS).gauge().value() == 2);

            problem(post("image/png", digit(1)).header("Retry-After", "1"), 503, "2 requests are waiting already");
        } finally {
            release.countDown();
        }

        assertThat(inside).extracting(CompletableFuture::join).containsExactly(200, 200);
        await().until(() -> requests(InferenceMetrics.REJECTED) == rejectedBefore + 1);
        assertThat(meters.get(InferenceMetrics.PENDING_REQUESTS).gauge().value())
                .isZero();
    }

    @Test
    void requestsAreCountedByTheirOutcome() {
        double success = requests(InferenceMetrics.SUCCESS);
        double invalid = requests(InferenceMetrics.INVALID);

        post("image/png", digit(1)).statusCode(200);
        post("text/plain", digit(1)).statusCode(415);
        post("image/png", new byte[BODY_LIMIT + 1]).statusCode(413);

        await().untilAsserted(() -> {
            assertThat(requests(InferenceMetrics.SUCCESS)).isEqualTo(success + 1);
            assertThat(requests(InferenceMetrics.INVALID)).isEqualTo(invalid + 2);
        });
        assertThat(meters.get(InferenceMetrics.REQUEST_DURATION)
                        .tags(InferenceMetrics.MODEL, "mnist", InferenceMetrics.VERSION, "run-1-step-7")
                        .timer()
                        .count())
                .isPositive();
    }

    @Test
    void errorOfTheMachineIsAProblemToo() {
        registry.serve(FakeModels.served("broken", FakeModels.network(images -> {
            throw new StackOverflowError("native failure");
        })));

        problem(post("image/png", digit(1)), 500, "the service failed").body("title", equalTo("Internal Server Error"));
    }

    @Test
    void servedModelIsShown() {
        given().get("/models")
                .then()
                .statusCode(200)
                .body("$", hasSize(1))
                .body("[0].name", equalTo("mnist"))
                .body("[0].version", equalTo("run-1-step-7"))
                .body("[0].runId", equalTo("run-1"))
                .body("[0].accuracy", equalTo(0.99f))
                .body("[0].loadedAt", equalTo("2026-01-02T03:04:05Z"))
                .body("[0].classes", hasSize(10))
                .body("[0].inputShape", equalTo(List.of(1, 28, 28)))
                .body("[0].inputConvention", equalTo("photo"));
    }

    @Test
    void serviceIsReadyWithAModelEvenWithoutABroker() {
        given().get(health + "/started").then().statusCode(200);
        given().get(health + "/live").then().statusCode(200);
        given().get(health + "/ready")
                .then()
                .statusCode(200)
                .body("checks.find { it.name == 'model' }.data.version", equalTo("run-1-step-7"))
                .body("checks", hasSize(is(1)));
    }

    private static ValidatableResponse post(String type, byte[] body) {
        return given().contentType(type).body(body).post("/classify").then();
    }

    private static ValidatableResponse json(String body) {
        return given().contentType("application/json")
                .body(body)
                .post("/classify")
                .then();
    }

    private static ValidatableResponse problem(ValidatableResponse response, int status, String detail) {
        return response.statusCode(status)
                .contentType(PROBLEM)
                .body("type", equalTo("about:blank"))
                .body("status", equalTo(status))
                .body("detail", containsString(detail));
    }

    private static byte[] digit(int first) {
        byte[] values = new byte[28 * 28];
        values[0] = (byte) first;
        return TestImages.file(TestImages.grey(28, 28, values), "png");
    }

    private double requests(String outcome) {
        return meters.get(InferenceMetrics.REQUESTS)
                .tag(InferenceMetrics.OUTCOME, outcome)
                .counter()
                .count();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int[][] rows(int height, int width, int value) {
        int[][] rows = new int[height][width];
        for (int[] row : rows) {
            Arrays.fill(row, value);
        }
        return rows;
    }
}
