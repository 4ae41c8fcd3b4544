// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.InputConvention;
import io.millrace.image.Fitting;
import io.millrace.inference.registry.FakeModels;
import io.millrace.inference.registry.ModelCard;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.inference.registry.ServedModel;
import io.millrace.test.TestImages;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** "Try it" in a real browser, with a network that tells tall ink from wide. */
@QuarkusTest
@TestProfile(ClassifyHttpIT.Small.class)
class TryItIT {
    private static final int SIDE = 28;

    @Inject
    ModelRegistry registry;

    @TestHTTPResource("/")
    String uri;

    @TempDir
    Path dir;

    private Browser browser;

    @BeforeEach
    void open() {
        serve("run-1-step-7", InputConvention.INK);
        browser = new Browser(uri);
        browser.awaitText("#served", "run-1-step-7");
    }

    @AfterEach
    void close() {
        browser.close();
    }

    private void serve(String version, InputConvention convention) {
        registry.serve(new ServedModel(
                new ModelCard(
                        "lines",
                        new CheckpointRef(version, "run-1", "run-1/" + version, "00", 1),
                        0.99,
                        Optional.empty(),
                        Instant.now(),
                        List.of("tall", "wide"),
                        Fitting.of(convention, new ImageShape(1, SIDE, SIDE))),
                FakeModels.network(images -> images.stream().map(TryItIT::extent).toArray(float[][]::new))));
    }

    private static float[] extent(byte[] image) {
        int rows = 0;
        int columns = 0;
        for (int line = 0; line < SIDE; line++) {
            boolean row = false;
            boolean column = false;
            for (int k = 0; k < SIDE; k++) {
                row |= image[line * SIDE + k] != 0;
                column |= image[k * SIDE + line] != 0;
            }
            rows += row ? 1 : 0;
            columns += column ? 1 : 0;
        }
        return rows > columns ? new float[] {0.9f, 0.1f} : new float[] {0.2f, 0.8f};
    }

    private void stroke(int right, int down) {
        WebElement sketch = browser.find("#sketch");
        browser.actions()
                .moveToElement(sketch, -right / 2, -down / 2)
                .clickAndHold()
                .moveByOffset(right / 2, down / 2)
                .moveByOffset(right / 2, down / 2)
                .release()
                .perform();
    }

    @Test
    void whatIsDrawnByMouseIsAnsweredAndExplained() {
        // When
        stroke(0, 200);

        // Then
        browser.awaitText("#answer", "tall");
        browser.awaitText("#answer", "90.0 %");
        browser.awaitText("#bars", "10.0 %");
        browser.awaitText("#heat-caption", "tall");
        await().until(() -> browser.find("#seen").getDomAttribute("aria-label").contains("28 by 28"));
        // The first pixel is the heat's largest: yellow.
        assertThat(browser.run("return [...document.getElementById('heat').getContext('2d').getImageData(3, 3, 1, 1).data]"
                        + ".slice(0, 3)"))
                .isEqualTo(List.of(217L, 217L, 0L));

        // When another class is asked for
        browser.all("#bars button").get(1).click();

        // Then
        browser.awaitText("#heat-caption", "wide");
        assertThat(browser.find("#answer").getText()).contains("tall");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void keysDrawUndoAndClear() {
        // When
        WebElement sketch = browser.find("#sketch");
        sketch.sendKeys(" ");
        sketch.sendKeys(Keys.chord(Keys.ARROW_LEFT.toString().repeat(12)));
        sketch.sendKeys(" ");

        // Then
        browser.awaitText("#answer", "wide");

        // When
        sketch.sendKeys(Keys.BACK_SPACE);

        // Then
        await().until(() -> browser.find("#answer").getText().isEmpty());
        assertThat(browser.find("#clear").isEnabled()).isFalse();

        // When
        sketch.sendKeys(" ");
        browser.awaitText("#answer", "%");
        sketch.sendKeys(Keys.ESCAPE);

        // Then
        await().until(() -> browser.find("#answer").getText().isEmpty());
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void aFileIsAnsweredAndWhatIsNoPictureIsRefusedInWords() throws IOException {
        // Given
        byte[] wide = new byte[40 * 40];
        for (int x = 5; x < 35; x++) {
            wide[20 * 40 + x] = (byte) 255;
        }
        Path picture = Files.write(dir.resolve("wide.png"), TestImages.file(TestImages.grey(40, 40, wide), "png"));
        Path text = Files.writeString(dir.resolve("text.png"), "no picture");

        // When, then
        browser.find("#file").sendKeys(picture.toString());
        browser.awaitText("#answer", "wide");
        assertThat(browser.find("#picture").isDisplayed()).isTrue();
        assertThat(browser.complaints()).isEmpty();

        browser.find("#file").sendKeys(text.toString());
        browser.awaitText("#refusal", "PNG");
        assertThat(browser.find("#answer").getText()).isEmpty();
    }

    @Test
    void anotherVersionIsSeenAndOneForPhotographsTakesNoDrawing() {
        // When
        serve("run-2-step-9", InputConvention.PHOTO);

        // Then
        browser.awaitText("#served", "run-2-step-9");
        assertThat(browser.find("#sketch").isDisplayed()).isFalse();
        assertThat(browser.find("#invitation").getText()).contains("Drop or paste a picture");
    }

    @Test
    void nobodyIsShutOutOnAnyScreen() {
        stroke(0, 200);
        browser.awaitText("#heat-caption", "tall");
        for (String scheme : List.of("light", "dark")) {
            browser.prefer("prefers-color-scheme", scheme);
            for (int width : List.of(390, 1440)) {
                browser.resize(width, 844);
                assertThat(browser.barriers()).as(scheme + " " + width).isEmpty();
                assertThat(browser.run("return document.documentElement.scrollWidth <= innerWidth"))
                        .as("width " + width)
                        .isEqualTo(true);
            }
        }
    }
}
