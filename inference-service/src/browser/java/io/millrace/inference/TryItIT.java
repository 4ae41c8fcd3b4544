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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.PointerInput;

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
        serve(version, convention, 0.99);
    }

    private void serve(String version, InputConvention convention, double accuracy) {
        registry.serve(new ServedModel(
                new ModelCard(
                        "lines",
                        new CheckpointRef(version, "run-1", "run-1/" + version, "00", 1),
                        accuracy,
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

    @ParameterizedTest
    @EnumSource(
            value = PointerInput.Kind.class,
            names = {"TOUCH", "PEN"})
    void fingersAndPensDrawWithoutMovingThePage(PointerInput.Kind kind) {
        // Given
        if (kind == PointerInput.Kind.TOUCH) {
            browser.resize(390, 844);
        }

        // When
        browser.drag(kind, "#sketch", 0, 200);

        // Then
        browser.awaitText("#answer", "tall");
        browser.awaitText("#heat-caption", "tall");
        assertThat(browser.run("return scrollY")).isEqualTo(0L);

        // When
        browser.find("#clear").click();
        browser.drag(kind, "#sketch", 200, 0);

        // Then
        browser.awaitText("#answer", "wide");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void aPictureIsPastedAndOneIsDropped() throws IOException {
        // When
        browser.paste(line(false));

        // Then
        browser.awaitText("#answer", "wide");
        assertThat(browser.find("#picture").isDisplayed()).isTrue();

        // When
        browser.drop("#paper", Files.write(dir.resolve("tall.png"), line(true)));

        // Then
        browser.awaitText("#answer", "tall");
        assertThat(browser.find("#paper").getDomAttribute("class")).isEqualTo("paper");
        assertThat(browser.complaints()).isEmpty();
    }

    /** A line across 40 x 40 pixels, as a PNG file. */
    private static byte[] line(boolean tall) {
        byte[] pixels = new byte[40 * 40];
        for (int k = 5; k < 35; k++) {
            pixels[tall ? k * 40 + 20 : 20 * 40 + k] = (byte) 255;
        }
        return TestImages.file(TestImages.grey(40, 40, pixels), "png");
    }

    @Test
    void feedbackThatCannotBeKeptIsNotCalledKept() {
        // Given a broker that never answers
        stroke(0, 200);
        browser.awaitText("#answer", "tall");

        // When
        browser.find("#feedback button").click();

        // Then
        browser.awaitText("#feedback-said", "cannot be kept now");
        assertThat(browser.find("#feedback").isDisplayed()).isTrue();
    }

    @Test
    void allOfItIsDoneByKeys() {
        // When
        List<String> stops = new ArrayList<>();
        for (int k = 0; k < 7; k++) {
            browser.press(Keys.TAB);
            stops.add(browser.focused());
        }

        // Then
        assertThat(stops)
                .containsExactly(
                        "a# Millrace",
                        "a# Try it",
                        "a# Training",
                        "a# Models",
                        "a# Data",
                        "a# System",
                        "canvas#sketch ");

        // When something is drawn
        browser.press(" ", Keys.ARROW_DOWN.toString().repeat(12), " ");
        browser.awaitText("#answer", "tall");
        browser.awaitText("#heat-caption", "tall");
        browser.press(Keys.TAB);

        // Then
        assertThat(browser.focused()).startsWith("button#undo");

        // When where another class speaks is asked for
        while (!browser.focused().contains("wide")) {
            browser.press(Keys.TAB);
        }
        browser.press(Keys.ENTER);

        // Then
        browser.awaitText("#heat-caption", "wide");

        // When
        browser.find("nav a[href='#system']").sendKeys(Keys.ENTER);

        // Then whoever reads by ear is told where they are
        await().until(() -> browser.focused().startsWith("h1#system-title"));
    }

    @Test
    void nothingMovesForWhoWantsItStill() {
        // Given
        String moving = "return getComputedStyle(document.querySelector('#bars .fill')).transitionDuration";
        assertThat(browser.run(moving)).isEqualTo("0.12s");

        // When
        browser.prefer("prefers-reduced-motion", "reduce");
        stroke(0, 200);
        browser.awaitText("#answer", "tall");

        // Then
        assertThat(browser.run(moving)).isEqualTo("0s");
        assertThat(browser.run("return document.getAnimations().length")).isEqualTo(0L);
    }

    @Test
    void aFileIsAnsweredAndWhatIsNoPictureIsRefusedInWords() throws IOException {
        // Given
        Path picture = Files.write(dir.resolve("wide.png"), line(false));
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
    void oneThatNobodyScoredHasNoAccuracyAndPhonesOfferTheCamera() {
        // Given
        serve("run-2-step-9", InputConvention.PHOTO, Double.NaN);
        browser.resize(390, 844);

        // When
        browser.open(uri);

        // Then
        browser.awaitText("#served", "pictures of 28×28 in grey. Version run-2-step-9");
        assertThat(browser.find("#camera-label").isDisplayed()).isTrue();
        assertThat(browser.find("#invitation").getText()).isEqualTo("Take a picture, or choose one below");
        assertThat(browser.barriers()).isEmpty();
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
