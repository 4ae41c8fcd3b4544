// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.classify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.local.Refusal;
import io.millrace.local.stack.AccessToken;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against an HTTP server that behaves as inference-service does when it goes away; the real one is asked in ServeE2E. */
class FolderClassificationTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String ANSWER =
            "{\"label\": \"7, or so\", \"probability\": 0.5, \"model\": \"m\", \"version\": \"v\", \"timing\": {}}";
    private static final String WARNED =
            "{\"label\": \"7\", \"probability\": 0.5, \"model\": \"m\", \"version\": \"v\","
                    + " \"calibrated\": true, \"warnings\": [\"it is blank\", \"none of the classes\"]}";

    @TempDir
    private Path directory;

    private Path pictures;
    private Path csv;
    private int port;
    private HttpServer server;
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger away = new AtomicInteger();
    private final AtomicInteger mostInside = new AtomicInteger();

    @BeforeEach
    void folders() throws IOException {
        pictures = Files.createDirectory(directory.resolve("my pictures"));
        csv = directory.resolve("out.csv");
        serve(0);
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void serve(int wanted) throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", wanted), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext(
                "/models",
                exchange -> answer(exchange, 200, away.decrementAndGet() > 0 ? "[]" : "[{\"name\": \"m\"}]"));
        server.createContext("/classify", this::classify);
        server.start();
        port = server.getAddress().getPort();
    }

    private void classify(HttpExchange exchange) throws IOException {
        mostInside.accumulateAndGet(inside.incrementAndGet(), Math::max);
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        asked.incrementAndGet();
        inside.decrementAndGet();
        if (away.decrementAndGet() > 0) {
            answer(exchange, 503, "{\"detail\": \"no model yet\"}");
        } else if (body.startsWith("broken")) {
            answer(exchange, 400, "{\"detail\": \"it is no picture\"}");
        } else if (body.startsWith("cut")) {
            exchange.close();
        } else if (body.startsWith("strange")) {
            answer(exchange, 200, WARNED);
        } else {
            answer(exchange, 200, ANSWER);
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        exchange.sendResponseHeaders(status, body.length());
        exchange.getResponseBody().write(body.getBytes(UTF_8));
        exchange.close();
    }

    private void picture(String name, String content) throws IOException {
        Path file = pictures.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private FolderClassification work(boolean overwrite, Duration patience) throws InterruptedException {
        ClassifyClient client = new ClassifyClient(URI.create("http://127.0.0.1:" + port), AccessToken.NONE);
        return new FolderClassification(client, patience, pictures, csv, overwrite);
    }

    @Test
    void allPicturesAreWrittenInOrderWithTheReasonsOfThoseThatFailed() throws Exception {
        picture("b.PNG", "fine");
        picture("a/z.jpeg", "fine");
        picture("a/broken.gif", "broken");
        picture("cut.bmp", "cut");
        picture("notes.txt", "no picture");

        Tally tally = work(false, PATIENCE).run(done -> {});

        assertThat(tally.failed()).isTrue();
        assertThat(tally.summary())
                .startsWith("4 of 4 pictures, 2 failed")
                .contains("1 other files", "show 7, or so 2");
        List<String> lines = Files.readAllLines(csv);
        assertThat(lines.get(0)).isEqualTo("file,label,probability,model,version,reason,calibrated,warnings");
        assertThat(lines.get(1)).startsWith("a/broken.gif,,,,,").contains("status 400: it is no picture");
        assertThat(lines.get(2)).isEqualTo("a/z.jpeg,\"7, or so\",0.500000,m,v,,,");
        assertThat(lines.get(3)).isEqualTo("b.PNG,\"7, or so\",0.500000,m,v,,,");
        assertThat(lines.get(4)).startsWith("cut.bmp,,,,,").contains("was not answered");
        assertThat(lines).hasSize(5);
    }

    @Test
    void eachLineSaysWhetherItIsCalibratedAndWhatItIsWarnedOfInAnyFormatThatIsRead() throws Exception {
        picture("a.webp", "strange");
        picture("b.tif", "fine");
        picture("c.TIFF", "strange");

        Tally tally = work(false, PATIENCE).run(done -> {});

        assertThat(tally.failed()).isFalse();
        assertThat(Files.readAllLines(csv))
                .containsExactly(
                        "file,label,probability,model,version,reason,calibrated,warnings",
                        "a.webp,7,0.500000,m,v,,true,\"it is blank; none of the classes\"",
                        "b.tif,\"7, or so\",0.500000,m,v,,,",
                        "c.TIFF,7,0.500000,m,v,,true,\"it is blank; none of the classes\"");
    }

    @Test
    void severalAreAskedAtATimeAndNotMore() throws Exception {
        for (int i = 0; i < 200; i++) {
            picture(String.format("%03d.png", i), "fine");
        }

        Tally tally = work(false, PATIENCE).run(done -> {});

        assertThat(tally.failed()).isFalse();
        assertThat(mostInside.get()).isBetween(1, 8);
        assertThat(Files.readAllLines(csv).subList(1, 201)).isSorted();
    }

    @Test
    void aServerThatComesBackIsWaitedFor() throws Exception {
        for (int i = 0; i < 60; i++) {
            picture(String.format("%03d.png", i), "fine");
        }
        AtomicInteger told = new AtomicInteger();

        Tally tally = work(false, PATIENCE).run(done -> {
            if (told.incrementAndGet() == 10) {
                away.set(40);
            }
        });

        assertThat(away.get()).as("questions that it did not answer").isNotPositive();
        assertThat(tally.failed()).isFalse();
        assertThat(Files.readAllLines(csv)).hasSize(61);
    }

    @Test
    void aServerThatStaysAwayEndsItAndWhatIsDoneIsSaidAndKept() throws Exception {
        for (int i = 0; i < 60; i++) {
            picture(String.format("%03d.png", i), "fine");
        }
        AtomicInteger told = new AtomicInteger();

        FolderClassification work = work(false, Duration.ofMillis(500));
        assertThatThrownBy(() -> work.run(done -> {
                    if (told.incrementAndGet() == 10) {
                        server.stop(0);
                    }
                }))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("nothing has answered at http://127.0.0.1:" + port + "/classify")
                .hasMessageContaining(" of 60 pictures are in " + csv)
                .hasMessageContaining("--overwrite");
        assertThat(Files.readAllLines(csv)).hasSizeBetween(11, 60);
    }

    @Test
    void aFileThatIsThereIsReplacedOnlyWhenThatIsWanted() throws Exception {
        picture("a.png", "fine");
        Files.writeString(csv, "precious");

        assertThatThrownBy(() -> work(false, PATIENCE))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining(csv + " exists")
                .hasMessageContaining("--overwrite");
        assertThat(csv).hasContent("precious");

        work(true, PATIENCE).run(done -> {});
        assertThat(Files.readAllLines(csv)).hasSize(2);
    }

    @Test
    void aPlaceThatCannotBeWrittenToIsRefusedBeforeAnythingIsAsked() throws Exception {
        picture("a.png", "fine");
        csv = directory.resolve("nowhere/out.csv");

        FolderClassification work = work(false, PATIENCE);

        assertThatThrownBy(() -> work.run(done -> {}))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining(csv + " cannot be written");
        assertThat(asked.get()).isZero();
    }

    @Test
    void aFolderThatIsNoneOrHasNoPictureIsRefused() throws Exception {
        assertThatThrownBy(() -> work(false, PATIENCE))
                .hasMessageContaining("no picture in " + pictures)
                .hasMessageContaining("0 other files");
        picture("notes.txt", "no picture");
        assertThatThrownBy(() -> work(false, PATIENCE)).hasMessageContaining("1 other files");
        pictures = pictures.resolve("notes.txt");
        assertThatThrownBy(() -> work(false, PATIENCE)).hasMessageContaining("is no folder");
        pictures = directory.resolve("missing");
        assertThatThrownBy(() -> work(false, PATIENCE))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining(pictures + " does not exist");
        assertThat(csv).doesNotExist();
    }

    @Test
    void aServerThatDoesNotRunIsToldAtOnce() throws Exception {
        picture("a.png", "fine");
        server.stop(0);

        assertThatThrownBy(() -> work(false, PATIENCE))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("nothing answers at http://127.0.0.1:" + port + "/classify")
                .hasMessageContaining("./millrace up");
        assertThat(csv).doesNotExist();
    }
}
