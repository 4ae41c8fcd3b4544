// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.millrace.local.stack.AccessToken;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Asks the services over HTTP. What does not answer, not with success, or not as the
 * service would, gives an empty answer. Thread-safe. */
public final class Endpoints {
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    /** No token, or one without the role. */
    private static final Set<Integer> LOCKED = Set.of(401, 403);

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final Ports ports;
    private final AccessToken token;

    /**
     * @param ports where
     * @param token with which
     */
    public Endpoints(Ports ports, AccessToken token) {
        this.ports = ports;
        this.token = token;
    }

    public Ports ports() {
        return ports;
    }

    /** How a process stands: a service by its health, the broker by taking a connection. */
    public Condition condition(Part part) {
        if (part == Part.BROKER) {
            return connects(part) ? Condition.READY : Condition.SILENT;
        }
        Optional<Health> ready = health(part, "/q/health/ready");
        if (ready.filter(Health::up).isPresent()) {
            return Condition.READY;
        }
        return health(part, "/q/health/live").filter(Health::up).isPresent()
                ? Condition.notReady(ready.map(Health::reason).orElse(""))
                : Condition.SILENT;
    }

    private boolean connects(Part part) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", ports.of(part)), (int) PATIENCE.toMillis());
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private Optional<Health> health(Part service, String path) {
        return send(HttpRequest.newBuilder(ports.managementUri(service).resolve(path)))
                .flatMap(response -> read(response.body(), new TypeReference<>() {}));
    }

    /** MicroProfile Health's answer: 200 when up, 503 when down. */
    private record Health(String status, List<Check> checks) {
        boolean up() {
            return "UP".equals(status);
        }

        /** What the first check says that is down and gives a reason. */
        String reason() {
            return checks == null
                    ? ""
                    : checks.stream()
                            .filter(check -> !"UP".equals(check.status()) && check.data() != null)
                            .flatMap(check -> Stream.ofNullable(check.data().get("reason")))
                            .map(String::valueOf)
                            .findFirst()
                            .orElse("");
        }

        private record Check(String status, Map<String, Object> data) {}
    }

    /** Why services that answer say nothing to this command; empty where they do. */
    public Optional<String> locked() {
        return send(request(Part.DATASET, "/runs"))
                .filter(response -> LOCKED.contains(response.statusCode()))
                .flatMap(response -> read(response.body(), new TypeReference<Refused>() {}))
                .map(Refused::detail);
    }

    private record Refused(String detail) {}

    /** What a trainer is at, or heard of last. */
    public Optional<TrainerRun> training(Part worker) {
        return get(worker, "/run", new TypeReference<>() {});
    }

    /** The pool, as a trainer knows it; empty before there is one. */
    List<PoolWorker> workers(Part worker) {
        return get(worker, "/workers", new TypeReference<Workers>() {})
                .map(Workers::workers)
                .orElse(List.of());
    }

    private record Workers(List<PoolWorker> workers) {}

    /** All runs, oldest first. */
    public List<OrderedRun> runs() {
        return knownRuns().orElse(List.of());
    }

    /** All runs, oldest first; empty when nobody answers. */
    public Optional<List<OrderedRun>> knownRuns() {
        return get(Part.DATASET, "/runs", new TypeReference<>() {});
    }

    /** One run. */
    public Optional<OrderedRun> run(String runId) {
        return get(Part.DATASET, "/runs/" + runId, new TypeReference<>() {});
    }

    /** Whether a service that answers does not know a run. */
    boolean unknown(String runId) {
        return send(request(Part.DATASET, "/runs/" + runId))
                .filter(response -> response.statusCode() == 404)
                .isPresent();
    }

    /** Asks for a run to be stopped; the status of the answer, empty when there is none. */
    public Optional<Integer> stop(String runId) {
        return ask(runId, "stop");
    }

    /** Asks for a run that was stopped to go on, as well. */
    public Optional<Integer> resume(String runId) {
        return ask(runId, "resume");
    }

    private Optional<Integer> ask(String runId, String what) {
        return send(request(Part.DATASET, "/runs/" + runId + "/" + what).POST(BodyPublishers.noBody()))
                .map(HttpResponse::statusCode);
    }

    /** Which data sets can be had. */
    public List<Availability> datasets() {
        return list(Part.DATASET, "/datasets", new TypeReference<>() {});
    }

    /** What was found in a data set. */
    public Optional<DatasetContents> contents(String dataset) {
        return get(Part.DATASET, "/datasets/" + dataset, new TypeReference<Described>() {})
                .map(Described::contents);
    }

    private record Described(DatasetContents contents) {}

    /** All evaluated checkpoints, best first. */
    public List<Standing> leaderboard() {
        return list(Part.EVALUATOR, "/leaderboard", new TypeReference<>() {});
    }

    /** What is served. */
    public List<ServedVersion> models() {
        return list(Part.INFERENCE, "/models", new TypeReference<>() {});
    }

    private <T> List<T> list(Part service, String path, TypeReference<List<T>> type) {
        return get(service, path, type).orElse(List.of());
    }

    private <T> Optional<T> get(Part service, String path, TypeReference<T> type) {
        return send(request(service, path))
                .filter(response -> response.statusCode() == 200)
                .flatMap(response -> read(response.body(), type));
    }

    private HttpRequest.Builder request(Part service, String path) {
        return token.on(HttpRequest.newBuilder(ports.uri(service).resolve(path)));
    }

    private Optional<HttpResponse<String>> send(HttpRequest.Builder request) {
        try {
            return Optional.of(http.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString()));
        } catch (IOException e) {
            // Not there yet, restarting, or overloaded: whoever asks does so again.
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static <T> Optional<T> read(String body, TypeReference<T> type) {
        try {
            return Optional.ofNullable(JSON.readValue(body, type));
        } catch (IOException e) {
            // It is not the service that answers, but another program at its port.
            return Optional.empty();
        }
    }
}
