// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.test.TestImages;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Stands for dataset-service, trainer and evaluator, with answers as they give them, about one run of events of {@link Events}.
 * What it was told to do last stands at {@code GET dataset:/runs/last}, for tests live in another class loader.
 */
public final class Peers implements QuarkusTestResourceLifecycleManager {
    private static final Map<String, String> ANSWERS = Map.ofEntries(
            Map.entry("/datasets", """
                    [{"name": "digits", "state": "available", "available": true},
                     {"name": "kmnist", "state": "untried", "available": true}]"""),
            Map.entry("/datasets/digits", """
                    {"name": "digits", "state": "available", "available": true, "contents": {
                      "kind": "folders of classes", "digest": "0123456789abcdef0123", "shape": "1x28x28",
                      "classes": [{"name": "0", "train": 2000, "test": 60}, {"name": "1", "train": 1200, "test": 40}],
                      "mean": [0.13], "deviation": [0.3], "duplicates": 0, "skippedFiles": 1,
                      "skipped": [{"file": "0/<b>notes</b>.txt", "reason": "this is no picture that is read"}],
                      "notes": ["the classes are not balanced"]}}"""),
            Map.entry("/recipes", """
                    [{"name": "quick", "description": "One epoch", "epochs": 1, "batchSize": 128,
                      "schedule": {"kind": "triangle", "learningRate": 0.05}, "augmentation": {"shift": 0}},
                     {"name": "accurate", "description": "Ten epochs", "epochs": 10, "batchSize": 128,
                      "schedule": {"kind": "triangle", "learningRate": 0.05}, "augmentation": {"shift": 2}}]"""),
            Map.entry("/networks", """
                    [{"name": "resnet18", "stem": "imagenet", "parameters": 11000000}]"""),
            Map.entry("/workers", """
                    {"workers": [{"worker": "trainer-service", "slots": 1, "runId": "first", "replicas": [0, 1],
                      "imagesPerSecond": 1000.0, "waitRatio": 0.01, "memoryBytes": 2147483648}],
                     "waiting": [{"runId": "third", "reason": "no worker is free"}]}"""),
            Map.entry("/system", """
                    {"up": true, "checks": [{"name": "kafka", "up": true}], "startedAt": "2026-11-20T20:45:00Z",
                     "memory": {"heap": 100000000, "maxHeap": 500000000, "resident": 600000000},
                     "disks": [{"name": "checkpoints", "free": 1000000000, "total": 100000000000}]}"""));

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;
    private volatile String last = "{}";

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
        String address = "http://127.0.0.1:" + server.getAddress().getPort();
        return Map.of(
                "millrace.page.dataset", address,
                "millrace.page.trainer", address,
                "millrace.page.evaluator", address,
                "millrace.page.grafana", "http://localhost:3000");
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            byte[] sent = exchange.getRequestBody().readAllBytes();
            String body = new String(sent, UTF_8);
            if (path.endsWith(".png") || path.equals("/preview")) {
                byte[] image = new byte[32 * 32];
                Arrays.fill(image, (byte) 120);
                say(exchange, 200, "image/png", TestImages.file(TestImages.grey(32, 32, image), "png"));
            } else if (path.startsWith("/datasets/") && exchange.getRequestMethod().equals("POST")) {
                upload(exchange, path, sent);
            } else if (path.equals("/datasets/mine")) {
                json(exchange, 200, ANSWERS.get("/datasets/digits").replace("\"digits\"", "\"mine\""));
            } else if (ANSWERS.containsKey(path)) {
                json(exchange, 200, ANSWERS.get(path));
            } else if (path.equals("/plan") && body.contains("\"batchSize\":9999")) {
                json(exchange, 422, """
                        {"status": 422, "field": "recipe.batchSize",
                         "detail": "recipe.batchSize is 9999; it must be at most 3200: digits has 3200 training samples"}""");
            } else if (path.equals("/plan")) {
                json(exchange, 200, "{\"recipe\": {\"epochs\": 1}, \"steps\": 25, \"samples\": 3200}");
            } else if (path.equals("/runs/last")) {
                json(exchange, 200, last);
            } else if (path.startsWith("/evaluations/")) {
                json(exchange, 200, path.endsWith("/misclassified") ? mistakes(exchange) : evaluation(path));
            } else if (path.equals("/leaderboard")) {
                json(exchange, 200, "[]");
            } else if (path.equals("/models")) {
                json(exchange, 200, """
                        [{"model": "digits", "previous": "first-step-10", "shadow": "first-step-5"}]""");
            } else {
                last = "{\"said\": \"%s %s\", \"body\": %s}"
                        .formatted(exchange.getRequestMethod(), path, body.isEmpty() ? "null" : body);
                json(exchange, 200, "{\"runId\": \"ordered\", \"notes\": [\"nearer checkpoints\"]}");
            }
        }
    }

    /** A file of zip is taken as what "digits" is, whatever is in it. */
    private void upload(HttpExchange exchange, String path, byte[] sent) throws IOException {
        if (sent.length > 1 && sent[0] == 'P' && sent[1] == 'K') {
            last = "{\"said\": \"upload %s of %d bytes\"}".formatted(path, sent.length);
            json(exchange, 201, ANSWERS.get("/datasets/digits"));
        } else {
            json(exchange, 422, "{\"status\": 422, \"detail\": \"the archive is neither a zip nor a tar\"}");
        }
    }

    private static String mistakes(HttpExchange exchange) {
        boolean cell = String.valueOf(exchange.getRequestURI().getQuery()).contains("label=0&predicted=1");
        return """
                {"checkpointId": "x", "samples": 100, "total": %d, "mistakes": [{"n": 0, "index": 3, "label": "%s",
                 "predicted": "%s", "probability": 0.9, "labelProbability": 0.05}]}""".formatted(cell ? 1 : 5, cell ? "0" : "1", cell ? "1" : "0");
    }

    private static String evaluation(String path) {
        return """
                {"checkpoint": {"checkpointId": "%s"}, "model": "digits", "samples": 100, "accuracy": 0.9, "loss": 0.1,
                 "calibrationError": 0.02, "confusionMatrix": [[57, 3], [7, 33]],
                 "classes": [{"label": "0", "precision": 0.9, "recall": 0.95, "f1": 0.92, "support": 60},
                             {"label": "1", "precision": 0.9, "recall": 0.82, "f1": 0.86, "support": 40}],
                 "confidence": [{"samples": 20, "correct": 11, "confidence": 0.4}, {"samples": 80, "correct": 79, "confidence": 0.99}]}""".formatted(path.substring("/evaluations/".length()));
    }

    private static void json(HttpExchange exchange, int status, String text) throws IOException {
        say(exchange, status, status < 400 ? "application/json" : "application/problem+json", text.getBytes(UTF_8));
    }

    private static void say(HttpExchange exchange, int status, String type, byte[] bytes) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void stop() {
        server.stop(0);
        threads.shutdownNow();
    }
}
