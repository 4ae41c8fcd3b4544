// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** What the page does by other services and the broker, in a real browser: runs, models, data, feedback, how all of it stands. */
@QuarkusTest
@QuarkusTestResource(value = TestBrokerResource.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = Peers.class, restrictToAnnotatedClass = true)
class OperateIT {
    @Inject
    KafkaConnection connection;

    @Inject
    ModelRegistry registry;

    @TestHTTPResource("/")
    String uri;

    private static void assertFitForAll(Browser browser) {
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

    private static String toldLast() {
        return given().get("/api/dataset/runs/last").asString();
    }

    @Test
    void aRunIsOrderedChangedAndStopped() throws Exception {
        try (Events events = new Events(connection);
                Browser browser = new Browser(uri + "#training")) {
            // Given a run without a step
            events.ordered("first", 0.1);
            events.status("first", State.RUNNING, 0);
            browser.awaitText("#charts-note", "The curves begin with the first steps");
            assertThat(browser.find("#charts").isDisplayed()).isFalse();
            browser.awaitText("#workers", "trainer-service");
            browser.awaitText("#workers", "no worker is free");

            // When what is wrong is written, then it is said beside it, before it is sent
            browser.find("#order > summary").click();
            browser.awaitText("#order-form", "25 steps on 3,200 images");
            browser.run("document.querySelectorAll('#order-form .field')[4].querySelector('input').focus()");
            browser.actions().sendKeys("9999").perform();
            browser.awaitText("#order-form", "it must be at most 3200");
            assertThat(browser.complaints()).allMatch(said -> said.contains("422"));
            browser.actions().sendKeys(Keys.BACK_SPACE.toString().repeat(4) + "32").perform();
            browser.awaitText("#order-form", "25 steps on 3,200 images");
            assertFitForAll(browser);

            // When it is right
            browser.find("#order-form button[type=submit]").click();

            // Then
            browser.awaitText("#training-told", "Run ordered was ordered. nearer checkpoints");
            assertThat(toldLast())
                    .contains("POST /runs", "\"dataset\":\"digits\"", "\"recipe\":{\"name\":\"quick\",\"batchSize\":32}");

            // When
            browser.find("[data-manage=first]").click();
            browser.awaitText("#manage", "fresh weights");
            assertThat(browser.barriers()).isEmpty();
            browser.find("#manage .row button").click();

            // Then
            browser.awaitText("#training-told", "Run first is being stopped");
            assertThat(toldLast()).contains("POST /runs/first/stop");

            // When
            events.status("first", State.FINISHED, 100);
            browser.awaitText("#runs", "finished");
            browser.find("[data-manage=first]").click();
            browser.find("#manage .end button").click();

            // Then
            browser.awaitText("#training-told", "Run first was extended");
            assertThat(toldLast()).contains("POST /runs/first/extend", "{\"epochs\":1,\"beyond\":1}");
        }
    }

    @Test
    void aCheckpointIsLookedIntoAndModelsAreRolledBack() throws Exception {
        try (Events events = new Events(connection)) {
            RunSpec run = events.ordered("models", 0.1);
            events.status("models", State.RUNNING, 50);
            events.promoted(run, 50, 0.9);
            String id = run.incarnation() + "-step-50";
            try (Browser browser = new Browser(uri + "#models")) {
                browser.awaitText("#models-list", id);
                browser.awaitText("#lineage", "Fresh weights");
                browser.awaitText("#lineage", "served as digits");

                // When
                browser.awaitText("#models-list", "Roll back to first-step-10");
                browser.find("#models-list button.link").click();

                // Then
                browser.awaitText("#insight .confusion", "57");
                browser.awaitText("#insight .gallery", "1 taken for 0");
                await().until(() -> browser.find("#insight .gallery img").getDomAttribute("src") != null);
                browser.awaitText("#insight", "Expected calibration error 2.00 %");
                assertFitForAll(browser);

                // When a number that is wrong is pressed
                browser.find("#insight .confusion button").click();

                // Then its pictures are shown
                browser.awaitText("#insight .gallery", "0 taken for 1");

                // When
                browser.find("#models-list .row button").click();

                // Then
                browser.awaitText("#models-told", "digits is first-step-10 again");
                assertThat(toldLast()).contains("POST /models/digits/rollback");

                // When what is asked beside it is not wanted any more
                browser.awaitText("#models-list", "first-step-5 is to be asked beside it");
                browser.find("#models-list [data-key^=shadow]").click();

                // Then
                browser.awaitText("#models-told", "Nothing is asked beside digits any more");
                assertThat(toldLast()).contains("DELETE /models/digits/shadow");
                assertThat(browser.complaints()).allMatch(said -> said.contains("/models/digits/shadow"));
            }
        }
    }

    @Test
    void aModelIsPinnedAndUnpinned() throws Exception {
        try (Events events = new Events(connection)) {
            RunSpec run = events.ordered("pins", 0.1);
            events.promoted(run, 50, 0.9, true);
            try (Browser browser = new Browser(uri + "#models")) {
                // Given
                browser.awaitText("#models-list", "it is pinned, and stays until it is unpinned");

                // When
                press(browser, "Unpin");

                // Then
                browser.awaitText("#models-told", "digits is no longer pinned");
                assertThat(toldLast()).contains("POST /models/digits/unpin");

                // When that has come about
                events.promoted(run, 50, 0.9, false);
                await().until(() -> !browser.find("#models-list").getText().contains("Unpin"));
                press(browser, "Pin");

                // Then
                browser.awaitText("#models-told", "digits is pinned: it stays, whatever is better");
                assertThat(toldLast()).contains("POST /models/digits/promote", run.incarnation() + "-step-50");
                // The evaluator has ordered a shadow, and nothing is served here beside which it could be asked.
                assertThat(browser.complaints()).allMatch(said -> said.contains("/models/digits/shadow"));
            }
        }
    }

    private static void press(Browser browser, String text) {
        await().until(() -> browser.all("#models-list button").stream()
                .filter(button -> button.getText().equals(text))
                .findFirst()
                .map(button -> {
                    button.click();
                    return true;
                })
                .orElse(false));
    }

    @Test
    void picturesAreUploadedAndWhatIsNoArchiveIsRefusedInWords(@TempDir Path dir) throws Exception {
        // Given
        Path zip = dir.resolve("mine.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry("train/0/a.png"));
        }
        Path text = Files.writeString(dir.resolve("mine.tar"), "no archive");
        try (Browser browser = new Browser(uri + "#data")) {
            browser.awaitText("#datasets", "digits");
            browser.find("#upload > summary").click();
            assertFitForAll(browser);

            // When
            browser.find("#upload-name").sendKeys("mine");
            browser.find("#upload-file").sendKeys(text.toString());
            browser.find("#upload-form button").click();

            // Then
            browser.awaitText("#upload-said", "neither a zip nor a tar");
            assertThat(browser.complaints()).allMatch(said -> said.contains("422"));

            // When
            browser.find("#upload-file").sendKeys(zip.toString());
            browser.find("#upload-form button").click();

            // Then
            browser.awaitText("#upload-said", "mine is there: 2 classes, 1 file skipped");
            assertThat(toldLast()).contains("upload /datasets/mine of " + Files.size(zip) + " bytes");
            browser.awaitText("#dataset h2", "mine");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void whatWasAnsweredWronglyIsSaid() {
        registry.serve(FakeModels.served("run-1-step-7", FakeModels.firstPixel()));
        try (Browser browser = new Browser(uri + "#try")) {
            // Given
            browser.awaitText("#served", "run-1-step-7");
            browser.paste(TestImages.file(TestImages.grey(28, 28, new byte[28 * 28]), "png"));
            browser.awaitText("#answer", "0");

            // When
            browser.find("#feedback-label option:nth-child(4)").click();
            browser.find("#feedback button").click();

            // Then
            browser.awaitText("#feedback-said", "Kept: it is “3”, not “0”.");
            assertThat(browser.find("#feedback").isDisplayed()).isFalse();
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void aDataSetIsShownWithItsImagesAndWhatWasSkipped() {
        try (Browser browser = new Browser(uri + "#data")) {
            browser.awaitText("#dataset", "2 classes, 3,200 images to train on and 100 to test on");
            browser.awaitText("#dataset", "the classes are not balanced");
            browser.awaitText("#dataset", "1 file was skipped");
            browser.awaitText("#dataset", "0/<b>notes</b>.txt");
            await().until(() -> browser.find("#dataset .sheet").getDomAttribute("src") != null);
            assertFitForAll(browser);
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void howAllOfItStandsIsShown() {
        try (Browser browser = new Browser(uri + "#system")) {
            browser.awaitText("#services", "dataset-service");
            browser.awaitText("#services", "954 MiB of 93.1 GiB free");
            browser.awaitText("#pool", "trainer-service");
            browser.awaitText("#elsewhere", "tensorboard --logdir");
            assertFitForAll(browser);
            assertThat(browser.complaints()).isEmpty();
        }
    }
}
