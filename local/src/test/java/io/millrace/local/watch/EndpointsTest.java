// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.millrace.contracts.event.EventCodec;
import io.millrace.local.stack.AccessToken;
import io.millrace.local.stack.FreePorts;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndpointsTest {
    @TempDir
    private Path directory;

    @Test
    void anotherProgramAtThePortIsNoService() throws IOException {
        Ports ports = FreePorts.find();
        byte[] page = "<html>Welcome</html>".getBytes(UTF_8);
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", ports.of(Part.TRAINER)), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        server.start();
        try {
            Endpoints endpoints = new Endpoints(ports, AccessToken.NONE);

            assertThat(endpoints.condition(Part.TRAINER)).isEqualTo(Condition.SILENT);
            assertThat(endpoints.training(Part.TRAINER)).isEmpty();
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aServiceThatIsNotReadySaysWhy() throws IOException {
        Ports ports = FreePorts.find();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", ports.management(Part.TRAINER)), 0);
        answer(server, "/q/health/live", 200, "{\"status\": \"UP\", \"checks\": []}");
        answer(server, "/q/health/ready", 503, """
                {"status": "DOWN", "checks": [
                  {"name": "channels", "status": "UP", "data": {"reason": "none"}},
                  {"name": "disk", "status": "DOWN"},
                  {"name": "trainer", "status": "DOWN", "data": {"reason": "Kafka refuses the password"}}]}
                """);
        server.start();
        try {
            assertThat(new Endpoints(ports, AccessToken.NONE).condition(Part.TRAINER))
                    .isEqualTo(Condition.notReady("Kafka refuses the password"));
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aRunIsReadWithWhatItsRecipeChooses() throws IOException {
        Ports ports = FreePorts.find();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", ports.of(Part.DATASET)), 0);
        String spec = new String(EventCodec.encode(Samples.RUN), UTF_8);
        answer(
                server,
                "/runs/quick-1",
                200,
                "{\"runId\": \"quick-1\", \"state\": \"running\", \"spec\": " + spec + "}");
        server.start();
        try {
            assertThat(new Endpoints(ports, AccessToken.NONE)
                            .run("quick-1")
                            .orElseThrow()
                            .spec())
                    .isEqualTo(Samples.RUN);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void theTokenGoesWithWhatIsAskedAndNotWithTheQuestionHowAServiceIs() throws IOException {
        Ports ports = FreePorts.find();
        Path file = directory.resolve("token");
        AccessToken token = AccessToken.readOrMake(file);
        List<String> carried = new ArrayList<>();
        HttpServer service = HttpServer.create(new InetSocketAddress("127.0.0.1", ports.of(Part.DATASET)), 0);
        HttpServer management =
                HttpServer.create(new InetSocketAddress("127.0.0.1", ports.management(Part.DATASET)), 0);
        for (HttpServer server : List.of(service, management)) {
            server.createContext("/", exchange -> {
                carried.add(exchange.getRequestURI() + " "
                        + exchange.getRequestHeaders().getFirst("Authorization"));
                exchange.sendResponseHeaders(401, -1);
                exchange.close();
            });
            server.start();
        }
        try {
            Endpoints endpoints = new Endpoints(ports, token);
            endpoints.runs();
            endpoints.condition(Part.DATASET);

            assertThat(carried)
                    .containsExactly(
                            "/runs Bearer " + Files.readString(file).strip(),
                            "/q/health/ready null",
                            "/q/health/live null");
        } finally {
            service.stop(0);
            management.stop(0);
        }
    }

    private static void answer(HttpServer server, String path, int status, String body) {
        server.createContext(path, exchange -> {
            exchange.sendResponseHeaders(status, body.length());
            exchange.getResponseBody().write(body.getBytes(UTF_8));
            exchange.close();
        });
    }
}
