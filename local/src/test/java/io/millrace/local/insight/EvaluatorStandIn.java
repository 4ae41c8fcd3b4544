// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.insight;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import io.millrace.local.stack.AccessToken;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** An HTTP server that answers as evaluator-service does. */
public final class EvaluatorStandIn implements AutoCloseable {
    /** One grey pixel. */
    public static final byte[] PIXEL = Base64.getDecoder()
            .decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==");

    private final HttpServer server;
    private final Map<String, Integer> refused = new ConcurrentHashMap<>();
    private final Map<String, Integer> asked = new ConcurrentHashMap<>();

    /** Of a checkpoint with one mistake. */
    public static EvaluatorStandIn of(String checkpointId) throws IOException {
        return new EvaluatorStandIn(checkpointId, 0);
    }

    private EvaluatorStandIn(String checkpointId, int port) throws IOException {
        String base = "/evaluations/" + checkpointId;
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        answer(base + "/report", "a table\n\ncalibration error 0.0100 over 15 bins\n".getBytes(UTF_8));
        answer(base + "/confusion.png", PIXEL);
        answer(base + "/misclassified/0.png", PIXEL);
        answer(
                base + "/misclassified",
                ("{\"total\": 2, \"new\": 1, \"mistakes\": [{\"n\": 0, \"index\": 17, \"label\": \"cat\", \"predicted\": \"dog\","
                                + " \"probability\": 0.9, \"labelProbability\": 0.05, \"cam\": \"" + base
                                + "/misclassified/0.png?cam=true\"}]}")
                        .getBytes(UTF_8));
        server.start();
    }

    private void answer(String path, byte[] body) {
        server.createContext(path, exchange -> {
            asked.merge(exchange.getRequestURI().getPath(), 1, Integer::sum);
            int status = refused.getOrDefault(exchange.getRequestURI().getPath(), 200);
            byte[] sent = status == 200 ? body : "{\"detail\": \"the weights are gone\"}".getBytes(UTF_8);
            exchange.sendResponseHeaders(status, sent.length);
            exchange.getResponseBody().write(sent);
            exchange.close();
        });
    }

    /** A path is refused from now on. */
    public void refuse(String path, int status) {
        refused.put(path, status);
    }

    /** A path is answered again. */
    public void mend(String path) {
        refused.remove(path);
    }

    /** How often a path was asked for. */
    public int asked(String path) {
        return asked.getOrDefault(path, 0);
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** A client of it. */
    public EvaluatorClient client() {
        return client(Duration.ZERO);
    }

    /** A client of it that asks again for so long. */
    public EvaluatorClient client(Duration patience) {
        return new EvaluatorClient(uri(), patience, AccessToken.NONE);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
