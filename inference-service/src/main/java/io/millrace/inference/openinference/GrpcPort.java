// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import io.millrace.inference.InferenceConfig;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.vertx.http.runtime.VertxHttpConfig;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerRequestInternal;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * A port for HTTP/2 without TLS, where gRPC is spoken and nothing else: what comes goes the way of all requests. At the service's own
 * port there is none, since Quarkus could not take a request over HTTP/2 that was read to its end. Opened where a port is set.
 */
@Singleton
public final class GrpcPort {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int UPGRADE_REQUIRED = 426;
    /** As it is sent: the router would take other spellings, and come to other resources by them. */
    private static final Pattern METHOD = Pattern.compile(Pattern.quote(GrpcCalls.SERVICE) + "[A-Za-z]+");

    private final Vertx vertx;
    private final VertxHttpConfig http;
    private final InferenceConfig config;
    /** Those that are open, and what completes when they no more are. */
    private final Map<HttpConnection, CompletableFuture<Void>> connections = new ConcurrentHashMap<>();

    private volatile boolean closing;
    private Router router;
    private HttpServer server;

    GrpcPort(Vertx vertx, VertxHttpConfig http, InferenceConfig config) {
        this.vertx = vertx;
        this.http = http;
        this.config = config;
    }

    void register(@Observes Router all) {
        router = all;
    }

    void open(@Observes StartupEvent event) {
        if (config.grpcPort().isEmpty()) {
            return;
        }
        // No longer than at the service's own port.
        HttpServerOptions options = new HttpServerOptions()
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout(
                        (int) Math.min(Integer.MAX_VALUE, http.idleTimeout().toMillis()));
        server = vertx.createHttpServer(options)
                .connectionHandler(this::connected)
                .requestHandler(this::take);
        int port = config.grpcPort().get();
        try {
            server.listen(port, http.host())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new ConfigurationException("millrace.inference.grpc-port is " + port + ", where nobody can listen at "
                    + http.host() + " (" + e.getMessage() + "); choose another one");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        Log.infof("Listening for gRPC. host=%s port=%d", http.host(), server.actualPort());
    }

    private void connected(HttpConnection connection) {
        CompletableFuture<Void> over = new CompletableFuture<>();
        connections.put(connection, over);
        connection.closeHandler(closed -> {
            connections.remove(connection);
            over.complete(null);
        });
        if (closing) {
            connection.close();
        }
    }

    void take(HttpServerRequest request) {
        // No label of the requests' metrics, whatever it is; filters say so of what they see.
        ((HttpServerRequestInternal) request).context().putLocal("UrlPathTemplate", "NONE");
        if (request.version() != HttpVersion.HTTP_2) {
            request.response()
                    .setStatusCode(UPGRADE_REQUIRED)
                    .putHeader(HttpHeaders.UPGRADE, "h2c")
                    .putHeader(HttpHeaders.CONNECTION, "Upgrade, close")
                    .end("this port speaks gRPC, over HTTP/2; HTTP/1.1 is spoken at " + http.port() + "\n")
                    .onComplete(sent -> request.connection().close());
        } else if (!METHOD.matcher(request.path()).matches()) {
            GrpcCalls.refuseMethod(request.response(), request.path());
        } else {
            // Who is known is asked first, and that may take a moment; nothing of the body is to be lost meanwhile.
            request.pause();
            // What HTTP/2 has instead of Host.
            if (!request.headers().contains(HttpHeaders.HOST) && request.authority() != null) {
                request.headers().set(HttpHeaders.HOST, request.authority().toString());
            }
            router.handle(request);
        }
    }

    /** Where it listens; 0 where it does not. */
    public int port() {
        return server == null ? 0 : server.actualPort();
    }

    /** Calls that are inside are answered; no more are taken. */
    void close(@Observes ShutdownEvent event) {
        if (server == null) {
            return;
        }
        closing = true;
        CompletableFuture<?>[] over = connections.values().toArray(CompletableFuture[]::new);
        connections.keySet().forEach(GrpcPort::stop);
        try {
            CompletableFuture.allOf(over).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            Log.warnf("Calls over gRPC were not answered within %d s", PATIENCE.toSeconds());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            // Would break off the calls that are inside.
            server.close();
        }
    }

    private static void stop(HttpConnection connection) {
        try {
            connection.shutdown(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (UnsupportedOperationException http1) {
            connection.close();
        } catch (RuntimeException e) {
            Log.warn("A connection of gRPC was not closed", e);
        }
    }
}
