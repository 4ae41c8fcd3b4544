// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.registry.BatchClassifier;
import io.millrace.inference.registry.FakeModels;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.inference.registry.ShadowSlot;
import io.millrace.test.TestImages;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.net.URL;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is asked beside what is served, and what requests feel of it: nothing. */
@QuarkusTest
@TestProfile(CrowdIT.Roomy.class)
class ShadowHttpIT {
    private static final int DIGITS = 10;
    /** More than may wait. */
    private static final int MANY = 70;

    @Inject
    ModelRegistry registry;

    @Inject
    ShadowSlot shadow;

    @Inject
    MeterRegistry meters;

    @TestHTTPResource(value = "/metrics", management = true)
    URL metrics;

    private final Semaphore mayAnswer = new Semaphore(0);

    @BeforeEach
    void serve() {
        registry.serve(FakeModels.served("v1", FakeModels.firstPixel()));
    }

    @AfterEach
    void release() {
        mayAnswer.release(1000);
    }

    @Test
    void whereNothingIsAskedBesideItSaysHowThatIsChanged() {
        shadow.ask(FakeModels.served("other", FakeModels.firstPixel()));
        for (String name : new String[] {"fashion", "x".repeat(3000)}) {
            given().get("/models/" + name + "/shadow")
                    .then()
                    .statusCode(404)
                    .contentType("application/problem+json")
                    .body("detail", containsString("POST evaluator:/models/NAME/shadow"));
        }
    }

    @Test
    void agreementAndWhatBecameWhatAreCounted() {
        // Given a shadow that takes sevens for ones
        shadow.ask(FakeModels.served("v2", sevensAreOnes()));
        comparison().body("images", equalTo(0)).body("agreement", nullValue()).body("classes", empty());

        // When
        for (int digit : new int[] {7, 7, 3, 5}) {
            classify(digit).body("label", equalTo(Integer.toString(digit))).body("version", equalTo("v1"));
        }

        // Then
        await().untilAsserted(() -> comparison().body("images", equalTo(4)));
        comparison()
                .body("model", equalTo("mnist"))
                .body("version", equalTo("v1"))
                .body("shadow", equalTo("v2"))
                .body("agreement", equalTo(0.5f))
                .body("dropped", equalTo(0))
                .body("problem", nullValue())
                .body("classes.label", contains("3", "5", "7"))
                .body("classes.find { it.label == '7' }.flipped", equalTo(2))
                .body("flips", hasSize(1))
                .body("flips[0].label", equalTo("7"))
                .body("flips[0].shadow", equalTo("1"))
                .body("flips[0].images", equalTo(2));
        assertThat(images("7", InferenceMetrics.FLIPPED)).isEqualTo(2);
        assertThat(images("3", InferenceMetrics.AGREED)).isOne();
        given().get(metrics)
                .then()
                .body(containsString("millrace_inference_shadow_images_total{label=\"7\",model=\"mnist\""));

        // And anew, when either version is another
        shadow.ask(FakeModels.served("v3", FakeModels.firstPixel()));
        comparison().body("shadow", equalTo("v3")).body("images", equalTo(0)).body("flips", empty());
        given().get(metrics).then().body(not(containsString("millrace_inference_shadow_images_total{")));
        classify(7);
        await().untilAsserted(() -> comparison().body("images", equalTo(1)).body("agreement", equalTo(1f)));
        registry.serve(FakeModels.served("v4", FakeModels.firstPixel()));
        comparison().body("version", equalTo("v4")).body("images", equalTo(0));
    }

    @Test
    void whatIsAskedOfThePreviousVersionIsNotCompared() {
        registry.serve(FakeModels.served("v2", FakeModels.firstPixel()));
        shadow.ask(FakeModels.served("v3", FakeModels.firstPixel()));

        given().contentType("application/json")
                .body("{\"inputs\":[{\"name\":\"image\",\"shape\":[1,1,28,28],\"datatype\":\"UINT8\",\"data\":"
                        + Arrays.toString(new int[28 * 28]) + "}]}")
                .post("/v2/models/mnist/versions/v1/infer")
                .then()
                .statusCode(200);
        classify(4);

        await().untilAsserted(() -> comparison().body("classes.label", contains("4")));
    }

    @Test
    void aShadowThatFailsOrCannotKeepUpIsNotFelt() {
        // Given one that does not answer, on the only thread that computes networks
        shadow.ask(FakeModels.served("v2", FakeModels.network(images -> {
            mayAnswer.acquireUninterruptibly();
            throw new IllegalStateException("native failure");
        })));

        // When it fails
        mayAnswer.release(1);
        classify(7);

        // Then
        await().untilAsserted(() -> comparison()
                .body("dropped", equalTo(1))
                .body("images", equalTo(0))
                .body("problem", equalTo("the checkpoint v2 fails: java.lang.IllegalStateException: native failure")));
        classifyMany(MANY);
        assertThat(dropped(InferenceMetrics.FAILURE)).isPositive();
        assertThat(dropped(InferenceMetrics.FULL)).isPositive();
        mayAnswer.release(1000);
        classify(3).body("label", equalTo("3"));
    }

    @Test
    void whatTakesOtherImagesIsNotComparedAndSaysSo() {
        shadow.ask(FakeModels.ink("v2", FakeModels.firstPixel()));

        classify(7);

        comparison()
                .body("images", equalTo(0))
                .body(
                        "problem",
                        containsString(
                                "the checkpoint v2 takes ink of 1x28x28 for 10 classes, and v1, which is served, photo of"));
    }

    private static BatchClassifier sevensAreOnes() {
        return FakeModels.network(images -> images.stream()
                .map(image -> {
                    float[] probabilities = new float[DIGITS];
                    probabilities[image[0] == 7 ? 1 : image[0]] = 1;
                    return probabilities;
                })
                .toArray(float[][]::new));
    }

    private static byte[] picture(int digit) {
        byte[] values = new byte[28 * 28];
        values[0] = (byte) digit;
        return TestImages.file(TestImages.grey(28, 28, values), "png");
    }

    private static ValidatableResponse classify(int digit) {
        return given().contentType("image/png")
                .body(picture(digit))
                .post("/classify")
                .then()
                .statusCode(200);
    }

    private static void classifyMany(int images) {
        var request = given();
        for (int k = 0; k < images; k++) {
            request.multiPart("image", k + ".png", picture(k % DIGITS), "image/png");
        }
        request.post("/classify").then().statusCode(200).body("results", hasSize(images));
    }

    private static ValidatableResponse comparison() {
        return given().get("/models/mnist/shadow").then().statusCode(200);
    }

    private double images(String label, String outcome) {
        return meters.get(InferenceMetrics.SHADOW_IMAGES)
                .tag(InferenceMetrics.LABEL, label)
                .tag(InferenceMetrics.OUTCOME, outcome)
                .counter()
                .count();
    }

    private double dropped(String reason) {
        Counter counter = meters.get(InferenceMetrics.SHADOW_DROPPED)
                .tag(InferenceMetrics.REASON, reason)
                .counter();
        return counter.count();
    }
}
