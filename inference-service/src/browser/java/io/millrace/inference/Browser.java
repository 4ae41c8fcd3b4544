// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Level;
import org.awaitility.Awaitility;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.Rectangle;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.interactions.PointerInput;
import org.openqa.selenium.interactions.Sequence;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A real Chromium without a window. Not thread-safe. */
final class Browser implements AutoCloseable {
    private static final Path DEBIAN_DRIVER = Path.of("/usr/bin/chromedriver");
    private static final String DRIVER = "webdriver.chrome.driver";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ChromeDriver driver;

    /** Opens one on a page. */
    Browser(String uri) {
        if (System.getProperty(DRIVER) == null && Files.exists(DEBIAN_DRIVER)) {
            System.setProperty(DRIVER, DEBIAN_DRIVER.toString());
        }
        LoggingPreferences said = new LoggingPreferences();
        said.enable(LogType.BROWSER, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        // Tests may run as root, in a container whose /dev/shm is small.
        options.addArguments(
                "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1440,900", "--lang=en");
        options.setCapability("goog:loggingPrefs", said);
        driver = new ChromeDriver(options);
        driver.get(uri);
    }

    /** The element that a selector finds first. */
    WebElement find(String selector) {
        return driver.findElement(By.cssSelector(selector));
    }

    List<WebElement> all(String selector) {
        return driver.findElements(By.cssSelector(selector));
    }

    Actions actions() {
        return new Actions(driver, Duration.ofMillis(20));
    }

    /** Waits until an element says something. */
    void awaitText(String selector, String text) {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(find(selector).getText()).contains(text));
    }

    Object run(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    /** Runs a script until it calls the last of its arguments; what it calls that with. */
    Object runUntilDone(String script, Object... arguments) {
        return driver.executeAsyncScript(script, arguments);
    }

    /** What a script returns, as soon as that is not null. */
    Object awaitValue(String script) {
        return Awaitility.await().atMost(PATIENCE).until(() -> run(script), Objects::nonNull);
    }

    /** As on a phone, which has no keyboard and is touched, or on any other screen; for pages that are opened from now on. */
    void resize(int width, int height) {
        boolean phone = width < 600;
        command("Emulation.setTouchEmulationEnabled", Map.of("enabled", phone));
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", phone));
    }

    /** How a person prefers to see pages: {@code prefers-color-scheme: dark}. */
    void prefer(String feature, String value) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia", Map.of("features", List.of(Map.of("name", feature, "value", value))));
    }

    /** What is seen of the page, or all of it, as PNG. */
    byte[] picture(boolean whole) {
        Map<String, Object> asked = new HashMap<>(Map.of("format", "png"));
        if (whole) {
            asked.put("captureBeyondViewport", true);
            asked.put(
                    "clip",
                    Map.of(
                            "x", 0,
                            "y", 0,
                            "width", run("return innerWidth"),
                            "height",
                                    run("return Math.max(innerHeight, document.documentElement.scrollHeight)"),
                            "scale", 1));
        }
        return Base64.getDecoder()
                .decode((String) driver.executeCdpCommand("Page.captureScreenshot", asked).get("data"));
    }

    void open(String uri) {
        driver.get(uri);
    }

    /** Cuts the page off, or lets it reach the service again. */
    void offline(boolean off) {
        driver.executeCdpCommand("Network.enable", Map.of());
        driver.executeCdpCommand(
                "Network.emulateNetworkConditions",
                Map.of("offline", off, "latency", 0, "downloadThroughput", -1, "uploadThroughput", -1));
    }

    /** Presses a key, as a keyboard does: what the browser itself does with it, is done. */
    void press(CharSequence... keys) {
        actions().sendKeys(keys).perform();
    }

    /** What has the focus: its tag, its id, and what it says. */
    String focused() {
        return (String) run("const e = document.activeElement; return `${e.localName}#${e.id} ${e.textContent.trim().slice(0, 40)}`");
    }

    /** Draws a line within an element, from the middle on, with a finger or a pen. */
    void drag(PointerInput.Kind kind, String selector, int right, int down) {
        PointerInput pointer = new PointerInput(kind, kind.toString());
        PointerInput.Origin middle = PointerInput.Origin.fromElement(find(selector));
        Duration step = Duration.ofMillis(20);
        driver.perform(List.of(new Sequence(pointer, 0)
                .addAction(pointer.createPointerMove(Duration.ZERO, middle, -right / 2, -down / 2))
                .addAction(pointer.createPointerDown(PointerInput.MouseButton.LEFT.asArg()))
                .addAction(pointer.createPointerMove(step, middle, 0, 0))
                .addAction(pointer.createPointerMove(step, middle, right / 2, down / 2))
                .addAction(pointer.createPointerUp(PointerInput.MouseButton.LEFT.asArg()))));
    }

    /** Drops a file on an element, as from a folder. */
    void drop(String selector, Path file) {
        Rectangle place = find(selector).getRect();
        for (String type : List.of("dragEnter", "dragOver", "drop")) {
            command(
                    "Input.dispatchDragEvent",
                    Map.of(
                            "type", type,
                            "x", place.x + place.width / 2,
                            "y", place.y + place.height / 2,
                            "data",
                                    Map.of(
                                            "items", List.of(),
                                            "files", List.of(file.toAbsolutePath().toString()),
                                            "dragOperationsMask", 1)));
        }
    }

    /** Puts a PNG file into the clipboard and pastes it. */
    void paste(byte[] png) {
        command(
                "Browser.grantPermissions",
                Map.of("permissions", List.of("clipboardReadWrite", "clipboardSanitizedWrite")));
        assertThat(driver.executeAsyncScript(
                        "const [base64, done] = arguments;"
                                + "const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));"
                                + "navigator.clipboard.write([new ClipboardItem({'image/png': new Blob([bytes], {type: 'image/png'})})])"
                                + ".then(() => done('there'), failure => done(String(failure)));",
                        Base64.getEncoder().encodeToString(png)))
                .isEqualTo("there");
        actions().keyDown(Keys.CONTROL).sendKeys("v").keyUp(Keys.CONTROL).perform();
    }

    /** A command of the DevTools protocol, and what it answers. */
    Map<String, Object> command(String name, Map<String, Object> parameters) {
        return driver.executeCdpCommand(name, parameters);
    }

    /** What the page has logged since the last question, warnings and errors. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(entry -> entry.getMessage())
                .toList();
    }

    /** What axe-core finds serious or critical: rule and element, a line each. */
    List<String> barriers() {
        try (InputStream axe = Browser.class.getResourceAsStream("/axe.min.js")) {
            driver.executeScript(new String(axe.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Object found =
                driver.executeAsyncScript("const done = arguments[0]; axe.run().then(result => done(result.violations"
                        + ".filter(each => ['serious', 'critical'].includes(each.impact))"
                        + ".flatMap(each => each.nodes.map(node => each.id + ': ' + node.html))));");
        return ((List<?>) found).stream().map(String::valueOf).toList();
    }

    @Override
    public void close() {
        driver.quit();
    }
}
