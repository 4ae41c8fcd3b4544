// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.millrace.inference.InferenceConfig;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.runtime.VertxHttpConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerRequestInternal;
import io.vertx.ext.web.Router;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GrpcPortTest {
    private static final int PATIENCE_SECONDS = 30;
    private static final String LIVE = GrpcCalls.SERVICE + "ServerLive";

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient(
            new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
    private final CompletableFuture<Void> inside = new CompletableFuture<>();
    private final CompletableFuture<Void> release = new CompletableFuture<>();
    private final GrpcPort port = port(Duration.ofHours(1));

    private GrpcPort port(Duration idle) {
        return new GrpcPort(
                vertx,
                config(VertxHttpConfig.class, Map.of("host", "127.0.0.1", "port", 1, "idleTimeout", idle)),
                config(InferenceConfig.class, Map.of("grpcPort", Optional.of(0))));
    }

    @BeforeEach
    void open() {
        Router router = Router.router(vertx);
        router.post(GrpcCalls.SERVICE + "Slow").handler(routing -> {
            inside.complete(null);
            release.thenRun(() -> routing.end("slow"));
        });
        router.route().handler(routing -> routing.end("routed"));
        port.register(router);
        port.open(new StartupEvent());
    }

    @AfterEach
    void close() {
        release.complete(null);
        vertx.close();
    }

    @Test
    void whoSpeaksHttp1IsToldSoAndHungUpOn() throws Exception {
        assertThat(spokenOverHttp1()).startsWith("HTTP/1.1 426 ");
    }

    /** What comes over a connection until it is closed. */
    private String spokenOverHttp1() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", port.port())) {
            socket.setSoTimeout(PATIENCE_SECONDS * 1_000);
            socket.getOutputStream().write("GET /v2 HTTP/1.1\r\nHost: here\r\n\r\n".getBytes(US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), US_ASCII);
        }
    }

    @Test
    void whoSaysNothingIsHungUpOn() throws Exception {
        GrpcPort impatient = port(Duration.ofMillis(200));
        impatient.open(new StartupEvent());

        try (Socket socket = new Socket("127.0.0.1", impatient.port())) {
            socket.setSoTimeout(PATIENCE_SECONDS * 1_000);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void onlyMethodsOfTheServiceAreRouted() throws Exception {
        assertThat(answered(port.port(), LIVE)).isEqualTo("routed");
        for (String path : new String[] {
            "/api/dataset/runs",
            GrpcCalls.SERVICE,
            GrpcCalls.SERVICE + "../api/dataset/runs",
            GrpcCalls.SERVICE + "%2e%2e/api",
            GrpcCalls.SERVICE + "ServerLive/../../api",
            GrpcCalls.SERVICE + "ServerLive;x=1",
        }) {
            assertThat(answered(port.port(), path)).as(path).isEqualTo("status 12");
        }
    }

    @Test
    void whatWasAskedForIsNoLabelOfAMetric() throws Exception {
        CompletableFuture<Object> countedUnder = new CompletableFuture<>();
        HttpServer server = await(vertx.createHttpServer()
                .requestHandler(request -> {
                    port.take(request);
                    countedUnder.complete(
                            ((HttpServerRequestInternal) request).context().getLocal("UrlPathTemplate"));
                })
                .listen(0, "127.0.0.1"));

        answered(server.actualPort(), "/made/up");

        assertThat(countedUnder.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("NONE");
    }

    @Test
    void callsThatAreInsideAreAnsweredWhenItCloses() throws Exception {
        Socket http1 = new Socket("127.0.0.1", port.port());
        http1.getOutputStream().write("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\n".getBytes(US_ASCII));
        http1.getInputStream().read();
        CompletableFuture<String> slow =
                CompletableFuture.supplyAsync(() -> answeredUnchecked(port.port(), GrpcCalls.SERVICE + "Slow"));
        inside.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        vertx.setTimer(100, now -> release.complete(null));

        assertThatCode(() -> port.close(new ShutdownEvent())).doesNotThrowAnyException();

        assertThat(slow.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("slow");
        http1.close();
    }

    private String answeredUnchecked(int where, String path) {
        try {
            return answered(where, path);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private String answered(int where, String path) throws Exception {
        return await(client.request(HttpMethod.POST, where, "127.0.0.1", path)
                .compose(request -> request.send())
                .compose(response -> response.body()
                        .map(body -> response.getHeader("grpc-status") == null
                                ? body.toString()
                                : "status " + response.getHeader("grpc-status"))));
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static <T> T config(Class<T> type, Map<String, Object> values) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, none) -> values.get(method.getName())));
    }
}
