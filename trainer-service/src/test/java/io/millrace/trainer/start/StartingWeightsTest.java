// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Position;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.ResidualLayout;
import io.millrace.contracts.event.ResidualLayout.Block;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Start;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.RefusedRequestException;
import io.millrace.model.checkpoint.CheckpointMetadata;
import io.millrace.model.checkpoint.CheckpointStore;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import io.millrace.model.checkpoint.TrainingState;
import io.millrace.model.network.Networks;
import io.millrace.trainer.Fixtures;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against files, a store, and a server of this JVM. */
class StartingWeightsTest {
    private static final int NOT_FOUND = 404;
    private static final int UNAVAILABLE = 503;

    /** What the server does with a request for the bytes from a place on. */
    private interface Answer {
        void to(HttpExchange exchange, int from) throws IOException;
    }

    @TempDir
    private Path folder;

    private final List<Tensor> given = Networks.initialWeights(network(3, 7), 99);
    private final List<String> ranges = new CopyOnWriteArrayList<>();
    private byte[] bytes;
    private String sha256;
    private Path file;
    private CheckpointStore store;
    private HttpServer server;
    private volatile Answer answer = this::rest;

    private static Network network(int channels, int classes) {
        ResidualLayout layout = new ResidualLayout(Block.BASIC, List.of(1), List.of(4), null, null, null, null);
        return new Network("small", Network.Stem.CIFAR, channels, classes, layout);
    }

    @BeforeEach
    void write() throws Exception {
        bytes = Safetensors.of(Map.of(), given).toBytes();
        sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        file = Files.write(folder.resolve("small.safetensors"), bytes);
        store = new DirectoryCheckpointStore(folder.resolve("store"));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                String range = exchange.getRequestHeaders().getFirst("Range");
                ranges.add(String.valueOf(range));
                answer.to(exchange, range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=|-", "")));
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/small.safetensors";
    }

    private void rest(HttpExchange exchange, int from) throws IOException {
        exchange.getResponseHeaders().set("ETag", "\"v1\"");
        if (from > 0) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, bytes.length - from);
        exchange.getResponseBody().write(bytes, from, bytes.length - from);
    }

    /** Promises all and breaks off half way, once. */
    private void half(HttpExchange exchange, int from) throws IOException {
        if (from > 0) {
            rest(exchange, from);
            return;
        }
        exchange.getResponseHeaders().set("ETag", "\"v1\"");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes, 0, bytes.length / 2);
        exchange.getResponseBody().flush();
    }

    private static Answer status(int status) {
        return (exchange, from) -> exchange.sendResponseHeaders(status, -1);
    }

    private StartingWeights load(String weights, String digest) throws IOException {
        RunSpec run = Fixtures.withNetwork(Fixtures.run("starts", 1, 3, 1), network(1, 4));
        return StartingWeights.of(
                Fixtures.withStart(run, new Start(weights, digest)),
                store,
                new WeightsCache(folder.resolve("weights"), Duration.ofSeconds(5), () -> false));
    }

    private void assertRefused(String weights, String digest, String... said) {
        assertThatThrownBy(() -> load(weights, digest))
                .isInstanceOf(RefusedRequestException.class)
                .hasMessageContainingAll(said);
    }

    private void assertLoaded(StartingWeights loaded, String weights) {
        assertThat(loaded.lineage().weights()).isEqualTo(weights);
        assertThat(loaded.lineage().sha256()).isEqualTo(sha256);
        assertThat(loaded.lineage().adaptations())
                .containsExactly(
                        "conv1.weight of 3 channels is summed to 1",
                        "fc is begun anew: the weights have it as [7, 4], 4 classes need [4, 4]");
        assertThat(loaded.weights().get(1)).isEqualTo(given.get(1));
    }

    @Test
    void aFileIsReadByItsPathOrAddress() throws IOException {
        assertLoaded(load(file.toString(), null), file.toString());
        assertLoaded(load(file.toUri().toString(), sha256), file.toUri().toString());
    }

    @Test
    void aFileThatIsNotThereOrAnotherOneIsRefused() {
        assertRefused(
                "/nowhere.safetensors", null, "the weights /nowhere.safetensors are no file that the trainer can");
        assertRefused(
                file.toString(), "ab".repeat(32), "have SHA-256 " + sha256 + ", expected abab", "the right digest");
    }

    @Test
    void whatTorchSavesIsRefusedUnderAnyNameWithTheWayOut() throws IOException {
        for (byte[] head : List.of(new byte[] {'P', 'K', 3, 4, 0, 0}, new byte[] {(byte) 0x80, 2, '}', 'q', 0})) {
            Files.write(file, head);
            assertRefused(
                    file.toString(),
                    null,
                    "are a pickle or a zip archive; they must be safetensors",
                    "safetensors.torch.save_file(torch.load(");
        }
    }

    @Test
    void whatIsNoSafetensorsIsRefused() throws IOException {
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
        assertRefused(file.toString(), null, "cannot be read: malformed safetensors (WRONG_DATA_LENGTH)");
    }

    @Test
    void aCheckpointIsFoundByItsIdInTheStore() throws IOException {
        RunSpec run = Fixtures.withNetwork(Fixtures.run("before", 1, 3, 1), network(3, 7));
        Compute compute = new Compute(Precision.FP32, false, "cpu", 1, "a processor", "an engine");
        Position position = new Position(3, 3, 1, 12, 0, Map.of(), "d", 1, 0, 1);
        CheckpointMetadata metadata = CheckpointMetadata.of(run, position, compute);
        TrainingState state = new TrainingState(List.of(), position, 1, true);
        CheckpointRef ref = store.write(metadata, given, state, "3 line\n");
        String id = ref.checkpointId();

        StartingWeights loaded = load(id, null);

        assertThat(loaded.weights().get(1)).isEqualTo(given.get(1));
        assertThat(load(id, loaded.lineage().sha256())).isEqualTo(loaded);
        assertRefused(id, "ab".repeat(32), "there is no checkpoint " + id + " of SHA-256 abab", "step-3-");
        assertRefused(id + "3", null, "there is no checkpoint " + id + "3 in the store; of that run there are [");
        assertRefused("other-k3v9-step-3", null, "there is none of that run");
        List<Tensor> mean = Networks.initialWeights(network(3, 7), 100);
        String average = store.writeAverage(ref, metadata, 0.9, mean).checkpointId();
        assertThat(load(average, null).weights().get(5)).isEqualTo(mean.get(5));
    }

    @Test
    void anAddressIsFetchedOnceAndReadFromTheCacheAfterwards() throws IOException {
        assertLoaded(load(address(), sha256), address());
        answer = status(NOT_FOUND);

        assertLoaded(load(address(), sha256), address());
        assertThat(ranges).containsExactly("null");
    }

    @Test
    void aCachedFileThatWasChangedIsFetchedAgain() throws IOException {
        load(address(), sha256);
        Files.write(folder.resolve("weights").resolve(sha256 + ".safetensors"), new byte[9]);

        assertLoaded(load(address(), sha256), address());
        assertThat(ranges).hasSize(2);
    }

    @Test
    void aDownloadThatBrokeOffIsGoneOnWith() throws IOException {
        answer = this::half;

        assertLoaded(load(address(), sha256), address());
        assertThat(ranges).containsExactly("null", "bytes=" + bytes.length / 2 + "-");
    }

    @Test
    void anotherFileThanTheOneOrderedIsRefusedAndNotKept() throws IOException {
        assertRefused(address(), "ab".repeat(32), address() + " has SHA-256 " + sha256 + ", expected abab");
        try (var files = Files.list(folder.resolve("weights"))) {
            assertThat(files).containsExactly(folder.resolve("weights").resolve(".lock"));
        }
    }

    @Test
    void anAddressWithoutAFileIsRefused() {
        answer = status(NOT_FOUND);
        assertRefused(address(), sha256, address() + " cannot be fetched: HTTP status 404; order the run with another");
    }

    @Test
    void aServerThatIsOutOfOrderMayBeMended() throws IOException {
        answer = status(UNAVAILABLE);
        assertThatThrownBy(() -> load(address(), sha256))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(address() + " cannot be fetched now: ")
                .hasMessageContaining("HTTP status 503");
        answer = this::rest;
        assertLoaded(load(address(), sha256), address());
    }

    @Test
    void aProcessThatIsToStopLeavesADownloadWhereItIs() {
        assertThatThrownBy(() -> new WeightsCache(folder.resolve("weights"), Duration.ofSeconds(5), () -> true)
                        .fetch(java.net.URI.create(address()), sha256))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the process is asked to stop");
    }
}
