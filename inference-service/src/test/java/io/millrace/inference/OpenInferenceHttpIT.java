// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasEntry;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.registry.FakeModels;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.test.TestImages;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.config.EncoderConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The Open Inference Protocol and KServe's before it, with a network that says the first pixel. */
@QuarkusTest
@TestProfile(ClassifyHttpIT.Small.class)
class OpenInferenceHttpIT {
    private static final String INFER = "/v2/models/mnist/infer";
    private static final String LENGTH = "Inference-Header-Content-Length";

    @Inject
    ModelRegistry registry;

    @Inject
    MeterRegistry meters;

    @BeforeEach
    void serve() {
        registry.serve(FakeModels.served("run-1-step-6", FakeModels.firstPixel()));
        registry.serve(FakeModels.served("run-1-step-7", FakeModels.firstPixel()));
    }

    @Test
    void theServerSaysWhatItIsAndHow() {
        given().get("/v2")
                .then()
                .statusCode(200)
                .body("name", equalTo("millrace"))
                .body("version", not(nullValue()))
                .body("extensions", hasItems("binary_tensor_data", "classification"));
        given().get("/v2/health/live").then().statusCode(200).body("live", equalTo(true));
        given().get("/v2/health/ready").then().statusCode(200).body("ready", equalTo(true));
        given().head("/v2/health/ready").then().statusCode(200);
    }

    @Test
    void theModelSaysWhatItTakesAndGives() {
        for (String path : new String[] {"/v2/models/mnist", "/v2/models/mnist/versions/run-1-step-6"}) {
            given().get(path)
                    .then()
                    .statusCode(200)
                    .body("name", equalTo("mnist"))
                    .body("versions", equalTo(List.of("run-1-step-7", "run-1-step-6")))
                    .body("inputs", hasSize(1))
                    .body("inputs[0].name", equalTo("image"))
                    .body("inputs[0].datatype", equalTo("UINT8"))
                    .body("inputs[0].shape", equalTo(List.of(-1, 1, 28, 28)))
                    .body("outputs.name", equalTo(List.of("probabilities", "label")))
                    .body("outputs[0].shape", equalTo(List.of(-1, 10)));
            given().get(path + "/ready")
                    .then()
                    .statusCode(200)
                    .body("name", equalTo("mnist"))
                    .body("ready", equalTo(true));
        }
    }

    @Test
    void pixelsAreAnsweredWithAllOutputsWhereNoneIsNamed() {
        infer("{\"id\": \"42\", \"inputs\": [" + pixels(3) + "]}")
                .statusCode(200)
                .contentType("application/json")
                .body("model_name", equalTo("mnist"))
                .body("model_version", equalTo("run-1-step-7"))
                .body("id", equalTo("42"))
                .body("outputs.name", equalTo(List.of("probabilities", "label")))
                .body("outputs[0].datatype", equalTo("FP32"))
                .body("outputs[0].shape", equalTo(List.of(1, 10)))
                .body("outputs[0].data[3]", equalTo(1.0f))
                .body("outputs[1].datatype", equalTo("BYTES"))
                .body("outputs[1].data", equalTo(List.of("3")));
    }

    @Test
    void anAnswerHasAnIdOnlyWhereTheRequestHad() {
        infer("{\"inputs\": [" + pixels(3) + "]}").body("$", not(hasItem("id")));
    }

    @Test
    void aVersionIsAnsweredByItself() {
        registry.serve(FakeModels.served("run-1-step-8", FakeModels.network(images -> new float[images.size()][10])));
        given().body("{\"inputs\": [" + pixels(3) + "]}")
                .post("/v2/models/mnist/versions/run-1-step-7/infer")
                .then()
                .statusCode(200)
                .body("model_version", equalTo("run-1-step-7"))
                .body("outputs[1].data", equalTo(List.of("3")));
    }

    @Test
    void filesAreAnsweredLikePixels() {
        String file = Base64.getEncoder().encodeToString(digit(4));
        infer("{\"inputs\": [{\"name\": \"image\", \"datatype\": \"BYTES\", \"shape\": [1], \"data\": [\"" + file
                        + "\"]}], \"outputs\": [{\"name\": \"label\"}]}")
                .statusCode(200)
                .body("outputs", hasSize(1))
                .body("outputs[0].data", equalTo(List.of("4")));
    }

    @Test
    void theBestClassesAreNamedInTritonsForm() {
        infer("{\"inputs\": [" + pixels(3)
                        + "], \"outputs\": [{\"name\": \"probabilities\", \"parameters\": {\"classification\": 2}}]}")
                .statusCode(200)
                .body("outputs[0].datatype", equalTo("BYTES"))
                .body("outputs[0].shape", equalTo(List.of(1, 2)))
                .body("outputs[0].data[0]", equalTo("1.0:3:3"))
                .body("outputs[0].data[1]", startsWith("0.0:0:0"));
    }

    @Test
    void warningsAreParametersOfTheAnswer() {
        infer("{\"inputs\": [{\"name\": \"image\", \"datatype\": \"UINT8\", \"shape\": [2, 28, 28], \"data\": "
                        + Arrays.toString(new int[2 * 28 * 28]) + "}]}")
                .statusCode(200)
                .body("parameters.warnings", containsString("image 1: the picture is blank"))
                .body("parameters.warnings", containsString("image 2: the picture is blank"));
    }

    @Test
    void tensorsMayFollowTheJsonAndTheirAnswersToo() {
        byte[] images = new byte[2 * 28 * 28];
        images[0] = 5;
        images[28 * 28] = 6;
        String json =
                "{\"inputs\": [{\"name\": \"image\", \"datatype\": \"UINT8\", \"shape\": [2, 1, 28, 28], \"parameters\":"
                        + " {\"binary_data_size\": " + images.length
                        + "}}], \"parameters\": {\"binary_data_output\": true}}";

        Response answer = given().config(asItIs())
                .contentType("application/octet-stream")
                .header(LENGTH, json.length())
                .body(body(json, images))
                .post(INFER);

        answer.then().statusCode(200).contentType("application/octet-stream");
        int length = Integer.parseInt(answer.header(LENGTH));
        ByteBuffer all = ByteBuffer.wrap(answer.asByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        String head = new String(all.array(), 0, length, UTF_8);
        assertThat(head)
                .contains("\"binary_data_size\":80", "\"binary_data_size\":10")
                .doesNotContain("\"data\"");
        assertThat(all.capacity()).isEqualTo(length + 80 + 10);
        assertThat(all.getFloat(length + 5 * 4)).isEqualTo(1f);
        assertThat(all.getFloat(length + 40 + 6 * 4)).isEqualTo(1f);
        assertThat(all.getInt(length + 80)).isEqualTo(1);
        assertThat(all.get(length + 84)).isEqualTo((byte) '5');
    }

    @Test
    void whatIsWrongIsSaidInTheFormOfTheProtocol() {
        error(infer("{"), 400, "the body is not JSON");
        error(infer("{\"inputs\": []}"), 400, "one is needed, \"image\"");
        error(infer(pixels(1)), 400, "the body has no \"inputs\"");
        error(given().post(INFER).then(), 400, "the body is empty");
        error(
                infer("{\"inputs\": [" + pixels(3) + "], \"outputs\": [{\"name\": \"logits\"}]}"),
                400,
                "output \"logits\" is none of the model's");
        error(
                infer(
                        "{\"inputs\": [{\"name\": \"image\", \"datatype\": \"BYTES\", \"shape\": [1], \"data\": [\"aGVsbG8=\"]}]}"),
                415,
                "input \"image\", image 1: this is no picture that is read");
        error(
                infer(
                        "{\"inputs\": [{\"name\": \"image\", \"datatype\": \"UINT8\", \"shape\": [4, 1, 1], \"data\": [1,2,3,4]}]}"),
                413,
                "4 images in one request; at most 3");
        error(
                given().header(LENGTH, "9999999").body("{}").post(INFER).then(),
                400,
                "Inference-Header-Content-Length is \"9999999\"");
        error(
                given().contentType("image/png")
                        .body(new byte[ClassifyHttpIT.BODY_LIMIT + 1])
                        .post(INFER)
                        .then(),
                413,
                "more than the 1048576 that are taken");
        error(
                given().header("X-Request-Timeout-Ms", "soon")
                        .body("{}")
                        .post(INFER)
                        .then(),
                400,
                "X-Request-Timeout-Ms is \"soon\"");
    }

    @Test
    void whatThereIsNotIsSaidWithWhatThereIs() {
        String loaded = "loaded are \"mnist\" in version \"run-1-step-7\", then \"mnist\" in version \"run-1-step-6\"";
        error(given().get("/v2/models/cifar").then(), 404, "there is no model \"cifar\"; " + loaded);
        error(given().get("/v2/models/cifar/ready").then(), 404, loaded);
        error(given().get("/v1/models/cifar").then(), 404, loaded);
        error(
                given().get("/v2/models/mnist/versions/run-1-step-5").then(),
                404,
                "there is no model \"mnist\" in version \"run-1-step-5\"; " + loaded);
        error(
                given().body("{\"inputs\": [" + pixels(1) + "]}")
                        .post("/v2/models/cifar/infer")
                        .then(),
                404,
                loaded);
        error(
                given().body("{\"inputs\": [" + pixels(1) + "]}")
                        .post("/v2/models/mnist/versions/1/infer")
                        .then(),
                404,
                loaded);
        error(given().get("/v2/nothing").then(), 404, "there is nothing here");
        error(given().get(INFER).then(), 405, "other methods");
    }

    @Test
    void aNetworkThatFailsIsOurFault() {
        registry.serve(FakeModels.served("broken", FakeModels.network(images -> {
            throw new IllegalStateException("native failure");
        })));

        error(infer("{\"inputs\": [" + pixels(1) + "]}"), 500, "the service failed");
    }

    @Test
    void instancesAreAnsweredAsKServeDoes() {
        given().get("/v1/models").then().statusCode(200).body("models", equalTo(List.of("mnist")));
        given().get("/v1/models/mnist")
                .then()
                .statusCode(200)
                .body("name", equalTo("mnist"))
                .body("ready", equalTo(true));
        given().urlEncodingEnabled(false)
                .contentType("application/json")
                .queryParam("top", 1)
                .body("{\"instances\": [" + rows(3) + ", {\"b64\": \""
                        + Base64.getEncoder().encodeToString(digit(4)) + "\"}]}")
                .post("/v1/models/mnist:predict")
                .then()
                .statusCode(200)
                .body("predictions.label", equalTo(List.of("3", "4")))
                .body("predictions.version", everyItem(equalTo("run-1-step-7")))
                .body("predictions[0].top", hasSize(1));
        error(predict("mnist", "{\"image\": \"\"}"), 400, "the body has no \"instances\"");
        error(predict("mnist", "{\"instances\": [[[1]], [[300]]]}"), 422, "/instances/1/0/0 is 300");
        error(predict("cifar", "{\"instances\": [[[1]]]}"), 404, "there is no model \"cifar\"");
    }

    @Test
    void classifyTakesInstancesToo() {
        given().contentType("application/json")
                .body("{\"instances\": [" + rows(3) + ", " + rows(4) + "]}")
                .post("/classify")
                .then()
                .statusCode(200)
                .body("results.label", equalTo(List.of("3", "4")));
    }

    @Test
    void theyAreCountedWithAllOthers() {
        double success = requests(InferenceMetrics.SUCCESS);
        double invalid = requests(InferenceMetrics.INVALID);

        infer("{\"inputs\": [" + pixels(3) + "]}").statusCode(200);
        given().body("{\"inputs\": [" + pixels(3) + "]}")
                .post("/v2/models/mnist/versions/run-1-step-7/infer")
                .then()
                .statusCode(200);
        predict("mnist", "{\"instances\": [[[1]]]}").statusCode(200);
        infer("{").statusCode(400);
        predict("mnist", "{").statusCode(400);

        await().untilAsserted(() -> {
            assertThat(requests(InferenceMetrics.SUCCESS)).isEqualTo(success + 3);
            assertThat(requests(InferenceMetrics.INVALID)).isEqualTo(invalid + 2);
        });
    }

    @Test
    void theApiIsDescribedWithItsOwnErrors() {
        given().accept("application/json")
                .get("/q/openapi")
                .then()
                .statusCode(200)
                .body(
                        "paths.'/v2/models/{model}/infer'.post.responses.keySet()",
                        hasItems("200", "400", "404", "413", "503", "504"))
                .body(
                        "paths.'/v2/models/{model}/infer'.post.responses.'404'.content.'application/json'.schema",
                        hasEntry("$ref", "#/components/schemas/Error"))
                .body("paths.keySet()", hasItems("/v1/models/{model}:predict", "/v2/health/ready"))
                .body("paths.'/classify'.post.responses.'400'.content.keySet()", hasItem("application/problem+json"));
    }

    private static ValidatableResponse infer(String body) {
        return given().body(body).post(INFER).then();
    }

    private static ValidatableResponse predict(String model, String body) {
        // Or the colon would be written %3A, as no client of KServe does.
        return given().urlEncodingEnabled(false)
                .contentType("application/json")
                .body(body)
                .post("/v1/models/" + model + ":predict")
                .then();
    }

    private static void error(ValidatableResponse response, int status, String error) {
        response.statusCode(status)
                .contentType("application/json")
                .body("size()", equalTo(1))
                .body("error", containsString(error));
    }

    private static RestAssuredConfig asItIs() {
        return RestAssured.config()
                .encoderConfig(
                        EncoderConfig.encoderConfig().appendDefaultContentCharsetToContentTypeIfUndefined(false));
    }

    private static String pixels(int first) {
        int[] values = new int[28 * 28];
        values[0] = first;
        values[1] = 9;
        return "{\"name\": \"image\", \"datatype\": \"UINT8\", \"shape\": [1, 1, 28, 28], \"data\": "
                + Arrays.toString(values) + "}";
    }

    private static String rows(int first) {
        int[][] rows = new int[28][28];
        rows[0][0] = first;
        return Arrays.deepToString(rows);
    }

    private static byte[] digit(int first) {
        byte[] values = new byte[28 * 28];
        values[0] = (byte) first;
        return TestImages.file(TestImages.grey(28, 28, values), "png");
    }

    private static byte[] body(String json, byte[] data) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(json.getBytes(UTF_8));
        body.writeBytes(data);
        return body.toByteArray();
    }

    private double requests(String outcome) {
        return meters.get(InferenceMetrics.REQUESTS)
                .tag(InferenceMetrics.OUTCOME, outcome)
                .counter()
                .count();
    }
}
