// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import io.millrace.inference.registry.FakeModels;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.test.TestImages;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code POST /explain}, with a network for which the first pixel speaks. */
@QuarkusTest
@TestProfile(ClassifyHttpIT.Small.class)
class ExplainHttpIT {
    private static final String PROBLEM = "application/problem+json";

    @Inject
    ModelRegistry registry;

    @BeforeEach
    void serve() {
        registry.serve(FakeModels.served("run-1-step-7", FakeModels.firstPixel()));
    }

    private static byte[] digit(int value) {
        byte[] samples = new byte[28 * 28];
        samples[0] = (byte) value;
        return TestImages.file(TestImages.grey(28, 28, samples), "png");
    }

    private static int[][] rows(int value) {
        int[][] rows = new int[28][28];
        rows[0][0] = value;
        return rows;
    }

    private static ValidatableResponse explain(String query, byte[] body) {
        return given().contentType("image/png")
                .body(body)
                .post("/explain" + query)
                .then();
    }

    @Test
    void theAnswerIsExplainedUnlessAnotherClassIsAskedFor() {
        explain("", digit(7))
                .statusCode(200)
                .contentType("application/json")
                .body("label", equalTo("7"))
                .body("probability", equalTo(1.0f))
                .body("answer", equalTo("7"))
                .body("model", equalTo("mnist"))
                .body("version", equalTo("run-1-step-7"))
                .body("heat", hasSize(28))
                .body("heat[0]", hasSize(28))
                .body("heat[0][0]", equalTo(1.0f))
                .body("heat[1][1]", equalTo(0.25f))
                .body("warnings[0]", containsString("blank"));
        explain("?class=3", digit(7))
                .statusCode(200)
                .body("label", equalTo("3"))
                .body("probability", equalTo(0.0f))
                .body("answer", equalTo("7"));
    }

    @Test
    void thePictureIsThereAsTheNetworkTakesIt() throws IOException {
        String image = explain("", digit(200)).extract().path("image");

        BufferedImage taken =
                ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(image)));
        assertThat(taken.getWidth()).isEqualTo(28);
        assertThat(taken.getRaster().getSample(0, 0, 0)).isEqualTo(200);
        assertThat(taken.getRaster().getSample(1, 1, 0)).isZero();
    }

    @Test
    void formsAndPixelsAreExplainedLikeAnImage() {
        given().multiPart("file", "digit.png", digit(5))
                .post("/explain")
                .then()
                .statusCode(200)
                .body("label", equalTo("5"));
        given().contentType("application/json")
                .body("{\"pixels\": " + Arrays.deepToString(rows(4)) + "}")
                .post("/explain")
                .then()
                .statusCode(200)
                .body("label", equalTo("4"));
    }

    @Test
    void aPictureIsGivenToThoseWhoAcceptOneBest() throws IOException {
        for (String accept : new String[] {"image/png", "image/png, application/json;q=0.5", "image/*"}) {
            byte[] png = given().contentType("image/png")
                    .accept(accept)
                    .body(digit(200))
                    .post("/explain")
                    .then()
                    .statusCode(200)
                    .contentType("image/png")
                    .extract()
                    .asByteArray();

            BufferedImage overlay = ImageIO.read(new ByteArrayInputStream(png));
            assertThat(overlay.getWidth()).isEqualTo(224);
            assertThat(overlay.getHeight()).isEqualTo(224);
            // The hottest pixel is yellow, one of a quarter's heat is between red and nothing, the others stay dark.
            assertThat(new Color(overlay.getRGB(3, 3)))
                    .satisfies(colour -> assertThat(colour.getRed()).isGreaterThan(200))
                    .satisfies(colour -> assertThat(colour.getGreen()).isGreaterThan(200))
                    .satisfies(colour -> assertThat(colour.getBlue()).isLessThan(50));
            assertThat(new Color(overlay.getRGB(12, 12)))
                    .satisfies(colour -> assertThat(colour.getRed()).isBetween(80, 140))
                    .satisfies(colour -> assertThat(colour.getGreen()).isBetween(30, 80));
            assertThat(overlay.getRGB(100, 100) & 0xffffff).isZero();
        }
        given().contentType("image/png")
                .accept("application/json, image/png;q=0.5")
                .body(digit(1))
                .post("/explain")
                .then()
                .contentType("application/json");
    }

    @Test
    void aClassThatThereIsNotIsNamedWithTheNearestAndAll() {
        explain("?class=12", digit(7))
                .statusCode(400)
                .contentType(PROBLEM)
                .body("detail", containsString("class \"12\" is none of the model's"))
                .body("detail", containsString("nearest is \"1\""))
                .body("detail", containsString("[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"));
    }

    @Test
    void whatCannotBeClassifiedIsRefusedLikewise() {
        explain("", new byte[0]).statusCode(400).contentType(PROBLEM);
        explain("", "no image at all".getBytes()).statusCode(415).contentType(PROBLEM);
        byte[] jpeg = TestImages.file(TestImages.filled(64, 64, BufferedImage.TYPE_INT_RGB, 0xff123456), "jpeg");
        byte[] cut = Arrays.copyOf(jpeg, jpeg.length - 40);
        explain("", cut).statusCode(422).contentType(PROBLEM);
        given().contentType("application/json")
                .body("{\"pixels\": [[300]]}")
                .post("/explain")
                .then()
                .statusCode(422)
                .contentType(PROBLEM);
        given().multiPart("a", "a.png", digit(1))
                .multiPart("b", "b.png", digit(2))
                .post("/explain")
                .then()
                .statusCode(400)
                .body("detail", containsString("2 images; one image is explained at a time"));
        given().contentType("image/png")
                .accept("text/html")
                .body(digit(1))
                .post("/explain")
                .then()
                .statusCode(406);
        given().contentType("text/plain").body("7").post("/explain").then().statusCode(415);
    }

    @Test
    void theApiIsDescribed() {
        given().accept("application/json")
                .get("/q/openapi")
                .then()
                .statusCode(200)
                .body("paths.'/explain'.post.responses.'200'.content.keySet()", hasSize(2));
    }
}
