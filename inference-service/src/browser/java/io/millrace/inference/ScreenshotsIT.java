// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Pictures of every view of a stack that runs, as on a phone and on a screen, light and dark: {@code -Dpage.uri=http://localhost:8080},
 * written to {@code target/screenshots}.
 */
@EnabledIfSystemProperty(named = "page.uri", matches = "http.+")
class ScreenshotsIT {
    private static final Path DIRECTORY = Path.of("target/screenshots");

    /** A four, as a pen would draw it. */
    private static final String FOUR = """
            const canvas = document.getElementById('sketch');
            const box = canvas.getBoundingClientRect();
            const pen = (type, x, y) => canvas.dispatchEvent(new PointerEvent(type, {
              bubbles: true, isPrimary: true, pointerId: 1, button: 0, buttons: 1, pressure: 0.5,
              clientX: box.left + x * box.width, clientY: box.top + y * box.height}));
            canvas.setPointerCapture = () => {};
            for (const stroke of [[[0.35, 0.2], [0.3, 0.52], [0.66, 0.52]], [[0.62, 0.2], [0.6, 0.82]]]) {
              pen('pointerdown', ...stroke[0]);
              for (let k = 1; k < stroke.length; k++) {
                for (let part = 1; part <= 8; part++) {
                  const [from, to] = [stroke[k - 1], stroke[k]];
                  pen('pointermove', from[0] + (to[0] - from[0]) * part / 8, from[1] + (to[1] - from[1]) * part / 8);
                }
              }
              pen('pointerup', ...stroke.at(-1));
            }""";

    /** A view, when it has come, what is done there before the picture is taken, and when that has come. */
    private record Shot(String name, String view, String ready, String act, String done, boolean whole) {
        /** Nothing is done. */
        private Shot(String view, String ready) {
            this(view, view, ready, null, ready, false);
        }
    }

    private static final List<Shot> SHOTS = List.of(
            new Shot("try", "try", "#bars li", FOUR, "#bars .best", false),
            new Shot("training", "#charts canvas"),
            new Shot(
                    "order",
                    "training",
                    "#charts canvas",
                    "document.querySelector('#order').open = true",
                    "#order-form option:checked",
                    true),
            new Shot("models", "#models-list button.link"),
            new Shot(
                    "insight",
                    "models",
                    "#models-list button.link",
                    "document.querySelector('#models-list button.link').click()",
                    "#insight .gallery img",
                    true),
            new Shot("data", "data", "#dataset .sheet", null, "#dataset .sheet", true),
            new Shot("system", "#services .state.up"));

    @Test
    void everyViewOnEveryScreen() throws IOException {
        Files.createDirectories(DIRECTORY);
        String uri = System.getProperty("page.uri");
        try (Browser browser = new Browser(uri)) {
            for (int width : List.of(390, 1440)) {
                browser.resize(width, width == 390 ? 844 : 900);
                for (String scheme : List.of("light", "dark")) {
                    browser.prefer("prefers-color-scheme", scheme);
                    for (Shot shot : SHOTS) {
                        browser.open("about:blank");
                        browser.open(uri + "#" + shot.view());
                        take(browser, shot, DIRECTORY.resolve(shot.name() + "-" + width + "-" + scheme + ".png"));
                    }
                }
            }
        }
    }

    private static void take(Browser browser, Shot shot, Path file) throws IOException {
        awaitThere(browser, shot.ready());
        if (shot.act() != null) {
            browser.run(shot.act());
            awaitThere(browser, shot.done());
        }
        // Pictures are fetched as they come into view, which on a phone is after a long way.
        until(() -> browser.run("const lacking = document.querySelector('.view:not([hidden]) :is(.gallery, #dataset) img:not([src])');"
                        + "(lacking ?? document.body).scrollIntoView(); return lacking === null")
                .equals(true));
        // What moves into its place has no event of its own.
        await().pollDelay(Duration.ofMillis(700)).until(() -> true);
        Files.write(file, browser.picture(shot.whole()));
    }

    private static void awaitThere(Browser browser, String selector) {
        until(() -> !browser.all(selector).isEmpty());
    }

    private static void until(Callable<Boolean> there) {
        await().atMost(Duration.ofMinutes(3)).until(there);
    }
}
