// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;

import io.millrace.inference.registry.FakeModels;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.test.TestImages;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code POST /feedback}, with a broker that never answers. */
@QuarkusTest
@TestProfile(ClassifyHttpIT.Small.class)
class FeedbackHttpIT {
    @Inject
    ModelRegistry registry;

    private String requestId;

    @BeforeEach
    void answer() {
        registry.serve(FakeModels.served("run-1-step-7", FakeModels.firstPixel()));
        byte[] values = new byte[28 * 28];
        values[0] = 7;
        requestId = given().contentType("image/png")
                .body(TestImages.file(TestImages.grey(28, 28, values), "png"))
                .post("/classify")
                .path("requestId");
    }

    @Test
    void whatCannotBeKeptIsNotAcknowledged() {
        problem("{\"requestId\": \"" + requestId + "\", \"label\": \"7\"}", 503, "cannot be kept now: ");
    }

    @Test
    void ofNothingThatWasSaidThereIsAnEmptyList() {
        given().get("/models/mnist/feedback").then().statusCode(200).body("", empty());
    }

    @Test
    void wrongFeedbackIsRefused() {
        problem("", 400, "is expected");
        problem("null", 400, "is expected");
        problem("{\"label\": \"7\"}", 400, "{\"requestId\": …, \"label\": …} is expected");
        problem("{\"requestId\": \"" + requestId + "\"}", 400, "is expected");
        problem("{\"requestId\": {\"a\": 1}, \"label\": \"7\"}", 400, "requestId");
        problem(
                "{\"requestId\": \"" + requestId + "\", \"label\": \"" + "7".repeat(1_000) + "\"}",
                400,
                "label has 1000 characters, at most 200 are taken");
        problem("{\"requestId\": \"abc\", \"label\": \"7\"}", 400, "requestId is of no answer that was given here");
        problem(
                "{\"requestId\": \"A" + requestId.substring(1) + "B\", \"label\": \"7\"}",
                400,
                "requestId is of no answer that was given here");
        problem(
                "{\"requestId\": \"" + requestId + "\", \"label\": \"seven\"}",
                400,
                "label \"seven\" is none of the model's classes; the nearest is");
        given().get("/feedback").then().statusCode(405);
    }

    private static ValidatableResponse problem(String body, int status, String detail) {
        return given().contentType("application/json")
                .body(body)
                .post("/feedback")
                .then()
                .statusCode(status)
                .contentType("application/problem+json")
                .body("detail", containsString(detail));
    }
}
