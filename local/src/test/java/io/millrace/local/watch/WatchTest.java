// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.local.stack.AccessToken;
import io.millrace.local.stack.FreePorts;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against an HTTP server in the place of a service. */
class WatchTest {
    private static final String RUN = "{\"runId\": \"quick-1\", \"state\": \"running\", \"step\": 7%s}";

    private final Ports ports = FreePorts.find();
    private final List<Event> told = new ArrayList<>();
    private final Watch watch = new Watch(
            new Endpoints(ports, AccessToken.NONE),
            new Processes(told::add),
            Part.ALL,
            "quick-1",
            told::add,
            part -> {});
    private final List<HttpServer> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        servers.forEach(server -> server.stop(0));
        servers.clear();
    }

    /** A service that is ready, and answers 404 where no answer is given. */
    private void service(Part part, Map<String, String> answers) throws IOException {
        serve(ports.management(part), Map.of("/q/health/ready", "{\"status\": \"UP\"}"));
        serve(ports.of(part), answers);
    }

    private void serve(int port, Map<String, String> answers) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        answers.forEach((path, body) -> server.createContext(path, exchange -> answer(exchange, body)));
        server.start();
        servers.add(server);
    }

    private static void answer(HttpExchange exchange, String body) throws IOException {
        exchange.sendResponseHeaders(200, body.length());
        exchange.getResponseBody().write(body.getBytes(UTF_8));
        exchange.close();
    }

    @Test
    void ofSeveralWorkersItIsToldOnceWhoHasWhat() throws IOException {
        Watch pool = new Watch(
                new Endpoints(ports, AccessToken.NONE),
                new Processes(told::add),
                Part.workers(2),
                "quick-1",
                told::add,
                part -> {});
        service(Part.TRAINER, Map.of("/workers", """
                {"workers": [{"worker": "trainer-service", "slots": 1, "runId": "quick-1", "replicas": [0, 1]},
                             {"worker": "trainer-service-2", "slots": 1}]}"""));
        pool.poll();
        pool.poll();
        stop();
        pool.poll();

        assertThat(told)
                .filteredOn(Event.Shared.class::isInstance)
                .containsExactly(new Event.Shared(List.of(
                        new PoolWorker("trainer-service", "quick-1", List.of(0, 1)),
                        new PoolWorker("trainer-service-2", null, null))));
    }

    @Test
    void aServiceThatFallsSilentDoesNotServeWhatItServed() throws IOException {
        service(Part.INFERENCE, Map.of("/models", "[{\"name\": \"strokes\", \"version\": \"quick-1-0-step-5\"}]"));
        Snapshot before = watch.poll();
        assertThat(before.serving()).isTrue();
        assertThat(before.served()).contains(new ServedVersion("strokes", "quick-1-0-step-5"));

        stop();
        Snapshot after = watch.poll();

        assertThat(after.serving()).isFalse();
        assertThat(after.served()).isEqualTo(before.served());
    }

    @Test
    void whatHindersTheRunIsToldOnceWithTheReasonAndSoIsItsEnd() throws IOException {
        service(Part.TRAINER, Map.of("/run", RUN.formatted(", \"checkpointProblem\": \"No space left on device\"")));
        watch.glance();
        watch.glance();

        stop();
        service(Part.TRAINER, Map.of("/run", RUN.formatted("")));
        watch.glance();
        watch.glance();

        assertThat(told)
                .filteredOn(event -> event instanceof Event.Hindered || event instanceof Event.Solved)
                .satisfiesExactly(
                        first -> assertThat(((Event.Hindered) first).lines())
                                .satisfiesExactly(
                                        what -> assertThat(what).contains("checkpoints cannot be written", "make room"),
                                        why -> assertThat(why).contains("No space left on device")),
                        second -> assertThat(second).isEqualTo(new Event.Solved(Problem.STORE)));
    }

    @Test
    void aBucketThatTakesNothingIsToldWithItsOwnRemedy() throws IOException {
        service(
                Part.TRAINER,
                Map.of("/run", RUN.formatted(", \"checkpointProblem\": \"the checkpoint store s3://a/b: no bucket\"")));

        watch.glance();

        assertThat(told)
                .filteredOn(Event.Hindered.class::isInstance)
                .singleElement()
                .asString()
                .contains("cannot be written to their bucket", "s3://a/b: no bucket")
                .doesNotContain("disk");
    }

    @Test
    void aLogThatLacksAStepIsToldWithTheStep() throws IOException {
        service(Part.TRAINER, Map.of("/run", RUN.formatted(", \"lacks\": 8")));

        watch.glance();

        assertThat(told)
                .filteredOn(Event.Hindered.class::isInstance)
                .singleElement()
                .asString()
                .contains("lacks step 8", "published again", "dataset-service");
    }

    @Test
    void aRunThatAReadyServiceDoesNotKnowWasDeleted() throws IOException {
        assertThat(watch.poll().order()).isEmpty();

        service(Part.DATASET, Map.of());

        assertThat(watch.poll().order()).hasValueSatisfying(order -> {
            assertThat(order.failed()).isTrue();
            assertThat(order.reason()).contains("removed");
        });
    }
}
