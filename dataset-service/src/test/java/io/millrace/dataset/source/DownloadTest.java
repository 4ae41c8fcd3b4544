// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against servers of this JVM, with files whose content is known by its digest. */
class DownloadTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    @TempDir
    private Path cache;

    private final List<HttpServer> servers = new ArrayList<>();
    /** Requests as {@code <path> <range>}. */
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void stop() {
        servers.forEach(server -> server.stop(0));
    }

    /** What a server does with a request for a file. */
    private interface Answer {
        void to(HttpExchange exchange, byte[] file, long from) throws IOException;
    }

    @Test
    void whatIsMissingIsDownloadedOnceAndVerified() throws IOException {
        // Given
        FileSet files = new FileSet();
        URI mirror = server(files, DownloadTest::whole);

        // When
        Path directory = files.download(cache, mirror).fetch();

        // Then
        assertThat(directory).isEqualTo(cache);
        assertThat(names()).containsExactlyInAnyOrderElementsOf(files.names());
        assertThat(requests).hasSize(4);
        files.download(cache, mirror).fetch();
        assertThat(requests).as("nothing is fetched again").hasSize(4);
    }

    @Test
    void aCachedFileThatWasChangedIsFetchedAgain() throws IOException {
        // Given
        FileSet files = new FileSet();
        URI mirror = server(files, DownloadTest::whole);
        Path cached =
                files.download(cache, mirror).fetch().resolve(files.names().get(1));
        byte[] good = Files.readAllBytes(cached);
        Files.write(cached, new byte[100]);

        // When
        files.download(cache, mirror).fetch();

        // Then
        assertThat(Files.readAllBytes(cached)).isEqualTo(good);
        assertThat(requests).hasSize(5);
    }

    @Test
    void aBrokenConnectionIsResumedWhereItBroke() throws IOException {
        // Given a server that breaks off each file half way, once
        FileSet files = new FileSet();
        URI mirror = server(files, (exchange, file, from) -> {
            if (from == 0) {
                half(exchange, file);
            } else {
                rest(exchange, file, from);
            }
        });

        // When
        files.download(cache, mirror).fetch();

        // Then
        assertThat(names()).containsExactlyInAnyOrderElementsOf(files.names());
        assertThat(requests).hasSize(8);
        assertThat(requests.get(1)).endsWith("bytes=" + files.zipped(0).length / 2 + "-");
    }

    @Test
    void aLaterProcessGoesOnWithWhatAnEarlierOneHas() throws IOException {
        // Given a mirror that fails for good half way
        FileSet files = new FileSet();
        boolean[] mended = new boolean[1];
        URI mirror = server(files, (exchange, file, from) -> {
            if (mended[0]) {
                rest(exchange, file, from);
            } else if (from == 0) {
                half(exchange, file);
            } else {
                status(exchange, 500);
            }
        });
        assertThatExceptionOfType(DatasetUnavailableException.class)
                .isThrownBy(() -> files.download(cache, mirror).fetch());
        requests.clear();

        // When
        mended[0] = true;
        files.download(cache, mirror).fetch();

        // Then
        assertThat(requests.get(0)).endsWith("bytes=" + files.zipped(0).length / 2 + "-");
        assertThat(names()).containsExactlyInAnyOrderElementsOf(files.names());
    }

    @Test
    void aFileThatChangedMeanwhileIsNotAppendedTo() throws IOException {
        // Given a server whose file has become another version, so that it ignores the range
        FileSet files = new FileSet();
        boolean[] broken = new boolean[1];
        URI mirror = server(files, (exchange, file, from) -> {
            if (!broken[0]) {
                broken[0] = true;
                half(exchange, file);
            } else {
                whole(exchange, file, from);
            }
        });

        // When
        files.download(cache, mirror).fetch();

        // Then
        assertThat(requests).hasSize(5);
        assertThat(names()).containsExactlyInAnyOrderElementsOf(files.names());
    }

    @Test
    void aRangeThatWasNotAskedForIsNotAppended() throws IOException {
        // Given a server that answers with another range
        FileSet files = new FileSet();
        boolean[] wrong = new boolean[1];
        URI mirror = server(files, (exchange, file, from) -> {
            if (from == 0 && !wrong[0]) {
                half(exchange, file);
            } else if (from > 0) {
                wrong[0] = true;
                rest(exchange, file, from + 7);
            } else {
                whole(exchange, file, from);
            }
        });

        // When
        files.download(cache, mirror).fetch();

        // Then
        assertThat(names()).containsExactlyInAnyOrderElementsOf(files.names());
    }

    @Test
    void wrongContentIsNotKeptAndTheNextMirrorIsAsked() throws IOException {
        // Given
        FileSet files = new FileSet();
        URI wrong = server(new FileSet(), DownloadTest::whole);
        URI noGzip = server(files, (exchange, file, from) -> send(exchange, 200, "<html>log in</html>".getBytes()));
        URI right = server(files, DownloadTest::whole);

        // When
        files.download(cache, wrong, noGzip, right).fetch();

        // Then
        assertThat(names()).containsExactlyInAnyOrderElementsOf(files.names());
        assertThat(requests).as("the mirror that answered is preferred").hasSize(3 + 3);
    }

    @Test
    void aFileIsTakenByTheMd5ThatItsPublisherGives() throws IOException {
        // Given a mirror with another file, and one with the right one
        FileSet files = new FileSet();
        String name = files.names().get(2);
        List<RemoteFile> wanted = List.of(RemoteFile.ofMd5(
                name, HexFormat.of().formatHex(ImageSet.digest("MD5").digest(files.zipped(2)))));
        URI wrong = server(new FileSet(), DownloadTest::whole);
        URI right = server(files, DownloadTest::whole);

        // Then
        assertThatExceptionOfType(DatasetUnavailableException.class)
                .isThrownBy(() -> new Download("CIFAR-10", wanted, List.of(wrong), cache, TIMEOUT).fetch())
                .withMessageContaining("CIFAR-10 cannot be downloaded")
                .withMessageContaining(wrong + ": it has MD5 ");
        new Download("CIFAR-10", wanted, List.of(wrong, right), cache, TIMEOUT).fetch();
        assertThat(Files.readAllBytes(cache.resolve(name))).isEqualTo(files.zipped(2));
    }

    @Test
    void whenAllMirrorsFailEachIsNamedWithItsReasonAndTheRemedy() throws IOException {
        // Given
        FileSet files = new FileSet();
        URI wrong = server(new FileSet(), DownloadTest::whole);
        URI missing = server(files, (exchange, file, from) -> status(exchange, 404));
        URI silent = server(files, (exchange, file, from) -> {});
        URI absent = URI.create("http://127.0.0.1:1/mnist/");
        URI unknown = URI.create("http://mirror.invalid/mnist/");

        // Then
        assertThatExceptionOfType(DatasetUnavailableException.class)
                .isThrownBy(() -> files.download(cache, wrong, missing, silent, absent, unknown)
                        .fetch())
                .withMessageContaining("no mirror gave " + files.names().get(0))
                .withMessageContaining(wrong + ": its content has SHA-256 ")
                .withMessageContaining(missing + ": HTTP status 404")
                .withMessageContaining(silent + ": no connection")
                .withMessageContaining(absent + ": no connection")
                .withMessageContaining(unknown + ": host unknown")
                .withMessageContaining("--data-dir")
                .withMessageContaining("strokes");
        assertThat(names()).isEmpty();
    }

    @Test
    void aCacheThatCannotBeWrittenIsNamed() throws IOException {
        Path file = Files.createFile(cache.resolve("file"));

        assertThatExceptionOfType(DatasetUnavailableException.class)
                .isThrownBy(() -> new FileSet()
                        .download(file, URI.create("http://127.0.0.1:1/"))
                        .fetch())
                .withMessageContaining("the cache directory " + file)
                .withMessageContaining("millrace.dataset.cache-dir");
    }

    private URI server(FileSet files, Answer answer) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/mnist/", exchange -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            String name = exchange.getRequestURI().getPath().replace("/mnist/", "");
            requests.add(name + " " + range);
            long from = range == null ? 0 : Long.parseLong(range.replaceAll("\\D", ""));
            if (range != null) {
                assertThat(exchange.getRequestHeaders().getFirst("If-Range")).isEqualTo("\"v1\"");
            }
            exchange.getResponseHeaders().set("ETag", "\"v1\"");
            answer.to(exchange, files.zipped(files.names().indexOf(name)), from);
        });
        server.start();
        servers.add(server);
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/mnist/");
    }

    private static void whole(HttpExchange exchange, byte[] file, long from) throws IOException {
        send(exchange, 200, file);
    }

    /** Announces all and sends half. */
    private static void half(HttpExchange exchange, byte[] file) throws IOException {
        exchange.sendResponseHeaders(200, file.length);
        exchange.getResponseBody().write(file, 0, file.length / 2);
        exchange.getResponseBody().flush();
        exchange.close();
    }

    private static void rest(HttpExchange exchange, byte[] file, long from) throws IOException {
        exchange.getResponseHeaders()
                .set("Content-Range", "bytes " + from + "-" + (file.length - 1) + "/" + file.length);
        send(exchange, from == 0 ? 200 : 206, Arrays.copyOfRange(file, (int) from, file.length));
    }

    private static void status(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals(".lock"))
                    .toList();
        }
    }

    /** Four files of random content. */
    private static final class FileSet {
        private final List<RemoteFile> files = new ArrayList<>();
        private final List<byte[]> zipped = new ArrayList<>();

        FileSet() {
            Random random = new Random();
            for (int k = 0; k < 4; k++) {
                byte[] content = new byte[50_000 + k];
                random.nextBytes(content);
                files.add(RemoteFile.ofContent("file-" + k + ".gz", sha256(content)));
                try {
                    zipped.add(IdxFixtures.gzip(content));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        private static String sha256(byte[] content) {
            return HexFormat.of().formatHex(ImageSet.sha256().digest(content));
        }

        byte[] zipped(int index) {
            return zipped.get(index);
        }

        List<String> names() {
            return files.stream().map(RemoteFile::name).toList();
        }

        Download download(Path cache, URI... mirrors) {
            return new Download("MNIST", files, List.of(mirrors), cache, TIMEOUT);
        }
    }
}
