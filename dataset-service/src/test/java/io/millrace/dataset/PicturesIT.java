// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static io.millrace.dataset.DatasetProcess.awaitPublished;
import static io.millrace.dataset.DatasetProcess.startRun;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.millrace.contracts.Topic;
import io.millrace.contracts.batch.ImageBatch;
import io.millrace.contracts.event.RunSpec;
import io.millrace.dataset.source.folder.Pictures;
import io.millrace.image.Picture;
import io.millrace.image.PictureReader;
import io.millrace.image.ReadLimits;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures of one's own, where the service sees them and where it does not, up to the log. */
class PicturesIT {
    private static final String ORDER =
            "{\"dataset\":\"%s\",\"recipe\":{\"epochs\":2,\"batchSize\":4,\"validation\":0.2},\"seed\":3}";

    @TempDir
    private static Path directory;

    private static TestBroker broker;
    private static ServiceProcess service;
    private static byte[] archive;

    @BeforeAll
    static void start() throws IOException {
        broker = TestBroker.start();
        Path zip = Pictures.zip(directory.resolve("My Pictures.zip"), Pictures.three());
        archive = Files.readAllBytes(zip);
        service = DatasetProcess.start(
                        broker.bootstrapServers(),
                        Map.of(
                                "millrace.dataset.data-dir", zip.toString(),
                                "millrace.dataset.uploads-dir",
                                        directory.resolve("uploads").toString(),
                                "millrace.dataset.max-upload", "1M"))
                .awaitReady();
    }

    @AfterAll
    static void stop() {
        service.close();
        broker.close();
    }

    private static HttpResponse<String> upload(String path, byte[] body) {
        return service.send(service.request("/datasets/" + path)
                .header("Content-Type", "application/zip")
                .POST(BodyPublishers.ofByteArray(body)));
    }

    private static HttpResponse<String> address(String name, String uri, String sha256) {
        return service.post("/datasets/" + name, "{\"uri\":\"" + uri + "\",\"sha256\":\"" + sha256 + "\"}");
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    @Test
    void whatLiesInTheDataDirectoryIsSaidAndPublishedWithAPartForValidation() {
        // When
        String runId = startRun(service, ORDER.formatted("folder"));
        awaitPublished(service, runId);

        // Then
        assertThat(runId).startsWith("my-pictures-");
        RunSpec run = DatasetProcess.run(service, runId);
        assertThat(run.model()).isEqualTo("my-pictures");
        List<ImageBatch> batches = new PublishedBatches(broker.bootstrapServers())
                .read(Topic.batches(run.incarnation()), 0, run.incarnation());
        assertThat(batches).hasSize((int) run.steps());
        assertThat(batches).allMatch(batch -> batch.channels() == 3 && batch.height() == 10 && batch.width() == 12);
        assertThat(new PublishedBatches(broker.bootstrapServers())
                        .read(Topic.TEST_BATCHES, 0, run.dataset().validation().digest()))
                .hasSize(1);
        JsonNode contents = service.json("/datasets/folder").path("contents");
        assertThat(contents.path("kind").asText()).isEqualTo("folders of classes");
        assertThat(contents.path("classes")).hasSize(3);
        assertThat(service.json("/datasets"))
                .extracting(set -> set.path("name").asText())
                .contains("my-pictures");
    }

    @Test
    void anUploadIsTrainedOnByItsNameUntilItIsDeleted() throws Exception {
        // When
        HttpResponse<String> response = upload("mine", archive);

        // Then
        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
        JsonNode accepted = ServiceProcess.json(response);
        assertThat(accepted.path("sha256").asText()).isEqualTo(sha256(archive));
        assertThat(accepted.at("/contents/classes")).hasSize(3);
        String runId = startRun(service, ORDER.formatted("mine"));
        awaitPublished(service, runId);
        assertThat(upload("mine", archive).statusCode())
                .as("the same again is no matter")
                .isEqualTo(201);

        // When another one comes under that name
        Map<String, byte[]> other = new TreeMap<>(Pictures.three());
        other.put("cats & dogs/new.png", Pictures.picture("png", 12, 10, false, 99));
        byte[] another = Files.readAllBytes(Pictures.zip(directory.resolve("other.zip"), other));
        assertThat(upload("mine", another).statusCode()).isEqualTo(409);
        assertThat(service.delete("/datasets/mine").statusCode()).isEqualTo(204);
        assertThat(service.status("/datasets/mine")).isEqualTo(404);
        assertThat(service.delete("/datasets/mine").statusCode()).isEqualTo(404);
        HttpResponse<String> streamed = service.send(service.request("/datasets/mine?sha256=" + sha256(another))
                .header("Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(another))));
        assertThat(streamed.statusCode()).as(streamed.body()).isEqualTo(201);
    }

    @Test
    void whatWillNotDoIsNotKept() throws Exception {
        assertRefused(upload("bad-name_", archive), 422, "lower-case letters");
        assertRefused(upload("mnist", archive), 409, "stands for another data set");
        assertRefused(upload("my-pictures", archive), 409, "stands for another data set");
        assertRefused(upload("text", "hello".getBytes(UTF_8)), 422, "the archive is neither a directory, a zip");
        assertRefused(upload("large", new byte[(1 << 20) + 1]), 413, "1048576 bytes of millrace.dataset.max-upload");
        assertRefused(
                service.send(service.request("/datasets/large")
                        .header("Content-Type", "application/zip")
                        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[3 << 20])))),
                413,
                "1048576 bytes");
        assertRefused(upload("wrong?sha256=" + "ab".repeat(32), archive), 422, "expected abab");
        byte[] one = Files.readAllBytes(Pictures.zip(
                directory.resolve("one.zip"), Map.of("cat/1.png", Pictures.picture("png", 9, 9, true, 1))));
        assertRefused(upload("one", one), 422, "only one class with pictures");
        await().untilAsserted(() -> {
            try (Stream<Path> files = Files.list(directory.resolve("uploads"))) {
                assertThat(files.map(file -> file.getFileName().toString()))
                        .isSubsetOf("mine", "fetched", ".fetched.part", ".fetched.part.version");
            }
        });
        assertThat(service.post("/runs", ORDER.formatted("one")).statusCode()).isEqualTo(422);
    }

    @Test
    void anUploadThatCannotBeWrittenLeavesItsNameFree() throws Exception {
        // Given a directory where the file is to be
        Path inTheWay = Files.createDirectories(directory.resolve("uploads/.again.part/x"));
        assertThat(upload("again", archive).statusCode()).isEqualTo(500);

        // When it is mended
        Files.delete(inTheWay);
        Files.deleteIfExists(inTheWay.getParent());

        // Then
        await().untilAsserted(
                        () -> assertThat(upload("again", archive).statusCode()).isEqualTo(201));
        assertThat(service.delete("/datasets/again").statusCode()).isEqualTo(204);
    }

    @Test
    void anAddressIsFetchedByItsDigest() throws Exception {
        // Given
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/pictures.zip", exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"1\"");
            exchange.sendResponseHeaders(200, archive.length);
            exchange.getResponseBody().write(archive);
            exchange.close();
        });
        server.start();
        String uri = "http://127.0.0.1:" + server.getAddress().getPort() + "/pictures.zip";
        try {
            // Then
            assertRefused(address("fetched", uri, "ab".repeat(32)), 422, "expected abab");
            assertRefused(
                    address("fetched", uri.replace("pictures", "gone"), sha256(archive)), 502, "cannot be downloaded");
            assertRefused(address("fetched", "http://example.org/x.zip", sha256(archive)), 422, "https: address");
            assertRefused(address("fetched", uri, "short"), 422, "64 hex digits");
            HttpResponse<String> response = address("fetched", uri, sha256(archive));
            assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
            assertThat(ServiceProcess.json(response).path("bytes").asLong()).isEqualTo(archive.length);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void whatARunWouldBeTrainedOnIsShownAndNothingIsStarted() throws Exception {
        // Given
        String order = """
                {"dataset":"folder","seed":3,"recipe":{"epochs":2,"batchSize":4,"validation":0.2,
                 "augmentation":{"randomResizedCrop":{"scale":[0.2,0.5]},"colorJitter":{"brightness":0.5}}}}""";
        int runs = service.json("/runs").size();

        // When
        byte[] first = preview("/preview", order);

        // Then
        Picture sheet = new PictureReader(ReadLimits.DEFAULT).read(first);
        assertThat(sheet.width()).as("eight of 10x12, nine times as large").isEqualTo(2 + 8 * (9 * 12 + 2));
        assertThat(preview("/preview?epoch=0", order)).isEqualTo(first);
        assertThat(preview("/preview?epoch=1", order)).isNotEqualTo(first);
        assertThat(service.json("/runs")).hasSize(runs);
        assertRefused(
                service.post("/preview?epoch=2", order), 422, "epoch is \"2\"; it must be a whole number from 0 to 1");
        assertRefused(service.post("/preview", order.replace("0.2,0.5", "0.5,0.2")), 422, "randomResizedCrop.scale");
        assertRefused(service.post("/preview", order.replace("folder", "nothing")), 422, "dataset");
        assertRefused(
                service.post(
                        "/preview",
                        "{\"dataset\":\"folder\",\"recipe\":{\"batchSize\":4,\"augmentation\":{"
                                + "\"randomCrop\":{\"padding\":10}}}}"),
                422,
                "recipe.augmentation.randomCrop.padding is 10; it must be a whole number from 1 to 9");
    }

    private static byte[] preview(String path, String order) throws Exception {
        HttpResponse<byte[]> response = HttpClient.newHttpClient()
                .send(
                        service.request(path)
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(order))
                                .build(),
                        BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).as(new String(response.body(), UTF_8)).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("image/png");
        return response.body();
    }

    private static void assertRefused(HttpResponse<String> response, int status, String why) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
        assertThat(ServiceProcess.json(response).path("detail").asText()).contains(why);
    }
}
