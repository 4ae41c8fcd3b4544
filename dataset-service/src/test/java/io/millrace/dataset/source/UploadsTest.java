// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.millrace.dataset.Configs;
import io.millrace.dataset.source.folder.Pictures;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What uploads leave on the disk, and names that they take. Archives as they are sent, servers of this JVM. */
@Timeout(60)
class UploadsTest {
    private static final Decoders DECODERS = new Decoders();
    private static final String DIGEST = "ab".repeat(32);
    private static final int MOST = 100_000;

    @TempDir
    private Path directory;

    private Path cache;
    private Uploads uploads;

    @BeforeEach
    void prepare() {
        cache = directory.resolve("cache");
        uploads = new Uploads(
                Configs.of(Map.of("cache-dir", cache.toString(), "max-upload", Integer.toString(MOST))), DECODERS);
    }

    @AfterAll
    static void stop() {
        DECODERS.close();
    }

    private Uploads.Accepted send(String name, Map<String, byte[]> pictures) throws Exception {
        Pictures.tar(uploads.begin(name), pictures, true);
        return uploads.accept(name, null);
    }

    /** Names of files in a folder of the cache. */
    private List<String> names(String folder, String ending) throws IOException {
        Path path = cache.resolve(folder);
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(ending))
                    .toList();
        }
    }

    @Test
    void whatWasUnpackedOfAnArchiveGoesWithIt() throws Exception {
        assertThat(send("mine", Pictures.three()).contents().classes()).hasSize(3);
        List<String> unpacked = names("mine", ".tar");
        assertThat(unpacked).hasSize(1);

        Files.copy(cache.resolve("uploads/mine"), uploads.begin("mine"));
        assertThat(uploads.accept("mine", null).contents().classes()).hasSize(3);
        assertThat(names("mine", ".tar")).as("the same again is no other file").isEqualTo(unpacked);
        assertThat(names("uploads", "")).containsExactly("mine");

        uploads.delete("mine");
        assertThat(names("mine", ".tar")).isEmpty();
    }

    @Test
    void nothingStaysOfAnArchiveThatIsRefused() {
        assertThatThrownBy(() -> send("one", Map.of("cat/1.png", Pictures.picture("png", 9, 9, true, 1))))
                .isInstanceOf(Uploads.RefusedException.class)
                .hasMessageContaining("only one class with pictures");

        assertThat(cache.resolve("one"))
                .satisfies(one -> assertThat(names("one", ".tar")).isEmpty());
        assertThat(cache.resolve("uploads")).isEmptyDirectory();
    }

    @Test
    void whatAnEarlierProcessDidNotFinishIsDeletedAtTheStart() throws Exception {
        send("mine", Pictures.three());
        List<Path> unfinished = List.of(
                cache.resolve("uploads/.other.part"),
                cache.resolve("uploads/.other.part.version"),
                cache.resolve("mine/unpacking123.part"));
        for (Path file : unfinished) {
            Files.writeString(file, "half");
        }

        uploads.tidy(null);

        assertThat(unfinished).noneMatch(Files::exists);
        assertThat(names("uploads", "")).containsExactly("mine");
        assertThat(names("mine", ".tar")).hasSize(1);
    }

    /** A server that would send for ever, and says how much it is or not. */
    @Test
    void aDownloadEndsWhereItIsTooLarge() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        CountDownLatch hungUp = new CountDownLatch(2);
        server.createContext("/", exchange -> {
            boolean said = exchange.getRequestURI().getPath().contains("said");
            exchange.sendResponseHeaders(200, said ? 1L << 40 : 0);
            try (OutputStream body = exchange.getResponseBody()) {
                while (true) {
                    body.write(new byte[1 << 16]);
                }
            } catch (IOException e) {
                hungUp.countDown();
            }
        });
        server.setExecutor(task -> {
            Thread thread = new Thread(task, "endless");
            thread.setDaemon(true);
            thread.start();
        });
        server.start();
        String address = "http://127.0.0.1:" + server.getAddress().getPort();
        try {
            for (String path : List.of("/said.zip", "/unsaid.zip")) {
                assertThatThrownBy(() -> uploads.fetch("large", address + path, DIGEST))
                        .isInstanceOf(Uploads.RefusedException.class)
                        .hasMessageContaining(
                                path + " has more than the " + MOST + " bytes of millrace.dataset.max-upload");
                assertThat(cache.resolve("uploads")).isEmptyDirectory();
            }
            assertThat(hungUp.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aDownloadThatFailsInWhateverWayLeavesItsNameFree() throws Exception {
        // Given what no header can carry
        Files.createDirectories(cache.resolve("uploads"));
        Files.writeString(cache.resolve("uploads/.mine.part"), "half");
        Files.writeString(cache.resolve("uploads/.mine.part.version"), "a\nb");

        assertThatThrownBy(() -> uploads.fetch("mine", "http://127.0.0.1:1/x.zip", DIGEST))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(send("mine", Pictures.three()).name()).isEqualTo("mine");
    }
}
