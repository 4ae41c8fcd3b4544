// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.page;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Stands for the dataset-service: says what it was asked, and some paths do what services do at times. The trainer is said to be
 * where nobody listens, and where the evaluator is, nobody says.
 */
public final class Echo implements QuarkusTestResourceLifecycleManager {
    static final String FIRST = "first ";
    static final String REST = "and the rest";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final CountDownLatch released = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;

    @Override
    public Map<String, String> start() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
        return Map.of(
                "millrace.page.dataset",
                        "http://127.0.0.1:" + server.getAddress().getPort(),
                "millrace.page.trainer", "http://127.0.0.1:1",
                "millrace.page.grafana", "http://localhost:3000/d/millrace",
                "millrace.page.timeout", "5s");
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            switch (exchange.getRequestURI().getPath()) {
                case "/runs/silent" -> await(ended);
                case "/runs/refused" -> {
                    exchange.getResponseHeaders().add("Content-Type", "application/problem+json");
                    exchange.getResponseHeaders().add("Retry-After", "5");
                    say(exchange, 422, "{\"status\": 422, \"detail\": \"no\", \"field\": \"recipe.epochs\"}");
                }
                case "/datasets/slow" -> inTwoParts(exchange);
                case "/runs/release" -> {
                    released.countDown();
                    say(exchange, 200, "{}");
                }
                default -> echo(exchange);
            }
        }
    }

    private void inTwoParts(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(FIRST.getBytes(StandardCharsets.UTF_8));
            body.flush();
            await(released);
            body.write(REST.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void echo(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        ObjectNode told = JSON.createObjectNode();
        told.put("method", exchange.getRequestMethod());
        told.put("uri", exchange.getRequestURI().toString());
        told.put("bytes", body.length);
        told.put("body", body.length > 1000 ? "" : new String(body, StandardCharsets.UTF_8));
        ObjectNode headers = told.putObject("headers");
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.getResponseHeaders().add("Set-Cookie", "from=behind");
        exchange.getResponseHeaders().add("X-Frame-Options", "ALLOWALL");
        say(exchange, 200, JSON.writeValueAsString(told));
    }

    private static void say(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void stop() {
        ended.countDown();
        released.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
