// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.millrace.local.stack.FreePorts;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against an HTTP server in the place of a service. */
class WatchTest {
    private final Ports ports = FreePorts.find();
    private final List<Event> told = new ArrayList<>();
    private final Watch watch =
            new Watch(new Endpoints(ports), new Processes(told::add), "quick-1", told::add, part -> {});
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", ports.of(Part.INFERENCE)), 0);
        answer("/q/health/ready", "{}");
        answer("/models", "[{\"name\": \"strokes\", \"version\": \"quick-1-step-5\"}]");
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(String path, String body) {
        server.createContext(path, exchange -> {
            exchange.sendResponseHeaders(200, body.length());
            exchange.getResponseBody().write(body.getBytes(UTF_8));
            exchange.close();
        });
    }

    @Test
    void aServiceThatFallsSilentDoesNotServeWhatItServed() {
        Snapshot before = watch.poll();
        assertThat(before.serving()).isTrue();
        assertThat(before.served()).contains(new ServedModel("strokes", "quick-1-step-5"));

        stop();
        Snapshot after = watch.poll();

        assertThat(after.serving()).isFalse();
        assertThat(after.served()).isEqualTo(before.served());
    }
}
