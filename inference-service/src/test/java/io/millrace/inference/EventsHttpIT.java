// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.contracts.Topic;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.inference.registry.FakeModels;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.kafka.KafkaConnection;
import io.millrace.test.TestBrokerResource;
import io.millrace.test.TestImages;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What goes through Kafka, with a real broker: {@code GET /events}, and {@code POST /feedback}. */
@QuarkusTest
@QuarkusTestResource(value = TestBrokerResource.class, restrictToAnnotatedClass = true)
class EventsHttpIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final ObjectMapper JSON = new ObjectMapper();

    @Inject
    KafkaConnection connection;

    @Inject
    ModelRegistry registry;

    @Inject
    MeterRegistry meters;

    @TestHTTPResource("/events")
    URI uri;

    private final HttpClient http = HttpClient.newHttpClient();

    /** One who reads: what is there now, by kind and id. */
    private final class Reader implements AutoCloseable {
        private final Map<String, JsonNode> things = new HashMap<>();
        private final BufferedReader lines;
        private JsonNode last;
        private int changes;

        private Reader(String query) throws Exception {
            HttpResponse<InputStream> response = http.send(
                    HttpRequest.newBuilder(URI.create(uri + query)).build(), HttpResponse.BodyHandlers.ofInputStream());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
            lines = new BufferedReader(new InputStreamReader(response.body()));
        }

        private void until(Predicate<Map<String, JsonNode>> enough) throws IOException {
            // Something comes every half a second, be it that nothing is new.
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (!enough.test(things)) {
                assertThat(System.nanoTime())
                        .as("heard of %s within %s", things.keySet(), PATIENCE)
                        .isLessThan(end);
                next();
            }
        }

        private void next() throws IOException {
            String line = lines.readLine();
            while (!line.startsWith("data:")) {
                line = lines.readLine();
            }
            last = JSON.readTree(line.substring("data:".length()));
            for (JsonNode change : last.path("changes")) {
                changes++;
                String name =
                        change.path("kind").asText() + " " + change.path("id").asText();
                if (change.has("value")) {
                    things.put(name, change.path("value"));
                } else {
                    things.remove(name);
                }
            }
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }

    @Test
    void aReaderGetsWhatThereIsThenWhatChangesAndGoesOnWhereItWas() throws Exception {
        try (Events events = new Events(connection)) {
            // Given
            RunSpec run = events.ordered("first", 0.1);
            events.status("first", State.RUNNING, 10);
            events.point(run, 10);
            String point = "point " + run.incarnation() + "/10";

            // When
            Reader reader = new Reader("");
            reader.until(things -> things.keySet().containsAll(List.of("run first", "status first", point)));

            // Then
            assertThat(reader.things.get("run first").at("/spec/recipe/name").asText())
                    .isEqualTo("quick");
            assertThat(reader.things.get("run first").path("steps").asInt()).isEqualTo(100);
            assertThat(reader.things.get(point).path("loss").asDouble()).isEqualTo(0.1);
            assertThat(reader.last.path("follows").asBoolean()).isTrue();

            // When the connection is lost, and something happens meanwhile
            String place = "?log=" + reader.last.path("log").asText() + "&after="
                    + reader.last.path("version").asLong();
            reader.close();
            events.status("first", State.RUNNING, 20);
            try (Reader again = new Reader(place)) {
                again.until(things -> things.containsKey("status first"));

                // Then only that is told
                assertThat(again.things.get("status first").path("step").asInt())
                        .isEqualTo(20);
                assertThat(again.changes).isOne();

                // When
                events.forget(Topic.METRICS, run.incarnation() + "/10");
                events.status("first", State.FINISHED, 100);
                again.until(things ->
                        things.get("status first").path("state").asText().equals("finished"));
            }

            // Then
            try (Reader late = new Reader("?log=another&after=1000000")) {
                late.until(things -> things.containsKey("status first"));
                assertThat(late.things).doesNotContainKey(point);
            }
        }
    }

    @Test
    void scoresAndPromotionsAreToldAndARemovedRunIsNot() throws Exception {
        try (Events events = new Events(connection)) {
            // Given
            RunSpec run = events.ordered("second", 0.1);
            events.status("second", State.RUNNING, 10);
            events.promoted(run, 10, 0.875);
            String checkpoint = run.incarnation() + "-step-10";
            try (Reader reader = new Reader("")) {
                // When
                reader.until(things -> things.keySet()
                        .containsAll(List.of("evaluation " + checkpoint, "promotion digits", "status second")));

                // Then
                JsonNode score = reader.things.get("evaluation " + checkpoint);
                assertThat(score.path("accuracy").asDouble()).isEqualTo(0.875);
                assertThat(score.path("model").asText()).isEqualTo("digits");
                JsonNode promotion = reader.things.get("promotion digits");
                assertThat(promotion.path("checkpointId").asText()).isEqualTo(checkpoint);
                assertThat(promotion.path("cause").asText()).isEqualTo("manual");
                assertThat(promotion.path("pinned").asBoolean()).isTrue();

                // When
                events.forget(Topic.RUNS, "second");

                // Then
                reader.until(things -> !things.containsKey("run second") && !things.containsKey("status second"));
            }
        }
    }

    @Test
    void whatIsSaidOfAnswersIsKeptAndCountedTheLastWordOfEach() throws Exception {
        // Given
        registry.serve(FakeModels.served("run-1-step-7", FakeModels.firstPixel()));
        String right = answer(7);
        String wrong = answer(1);

        // When
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> say(right, "7").then().statusCode(200));
        say(wrong, "7").then().statusCode(200).body("predicted", equalTo("1")).body("version", equalTo("run-1-step-7"));
        say(right, "1").then().statusCode(200);
        say(right, "7").then().statusCode(200);

        // Then
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> given().get("/models")
                .then()
                .body("[0].feedback.answers", equalTo(2))
                .body("[0].feedback.accuracy", equalTo(0.5f)));
        assertThat(meters.get(InferenceMetrics.FEEDBACK_ACCURACY)
                        .tag(InferenceMetrics.VERSION, "run-1-step-7")
                        .gauge()
                        .value())
                .isEqualTo(0.5);
    }

    private static String answer(int digit) {
        byte[] values = new byte[28 * 28];
        values[0] = (byte) digit;
        return given().contentType("image/png")
                .body(TestImages.file(TestImages.grey(28, 28, values), "png"))
                .post("/classify")
                .then()
                .statusCode(200)
                .extract()
                .path("requestId");
    }

    private static Response say(String requestId, String label) {
        return given().contentType("application/json")
                .body(Map.of("requestId", requestId, "label", label))
                .post("/feedback");
    }

    @Test
    void readersAreBoundedAndTheirPlacesAreGivenBack() throws Exception {
        List<Reader> readers = new ArrayList<>();
        try {
            for (int k = 0; k < 100; k++) {
                Reader reader = new Reader("");
                readers.add(reader);
                reader.next();
            }
            HttpResponse<String> refused =
                    http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("100 read the events already");
        } finally {
            for (Reader reader : readers) {
                reader.close();
            }
        }
        // Who is gone before it is answered holds none either
        for (int k = 0; k < 150; k++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), uri.getPort())) {
                socket.getOutputStream().write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes());
            }
        }
        Awaitility.await().untilAsserted(() -> new Reader("").close());
    }
}
