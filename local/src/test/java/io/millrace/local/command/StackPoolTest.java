// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.millrace.local.Refusal;
import io.millrace.local.stack.AccessToken;
import io.millrace.local.stack.FreePorts;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import io.millrace.local.tune.Pool.Answer;
import io.millrace.local.watch.Endpoints;
import io.millrace.local.watch.Samples;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Beside an HTTP server that answers as dataset-service does, without a broker. */
class StackPoolTest {
    private static final ObjectNode RECIPE = JsonNodeFactory.instance.objectNode();

    private final Ports ports = FreePorts.find();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer dataset;
    private int status = 200;
    private StackPool pool;

    @BeforeEach
    void start() throws Exception {
        dataset = HttpServer.create(new InetSocketAddress("127.0.0.1", ports.of(Part.DATASET)), 0);
        dataset.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI().getPath());
            byte[] body = "{\"detail\": \"the reason\"}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        dataset.start();
        pool = new StackPool(
                ports,
                new RunRequests(ports, AccessToken.NONE),
                new Endpoints(ports, AccessToken.NONE),
                trial -> RECIPE,
                Duration.ofMillis(10));
    }

    @AfterEach
    void stop() {
        pool.close();
        dataset.stop(0);
    }

    @ParameterizedTest
    @CsvSource({"200, DONE", "404, CHANGED", "409, CHANGED", "500, SILENT", "503, SILENT"})
    void whatIsAnsweredToAStopIsHeard(int code, Answer.Kind kind) throws Exception {
        status = code;

        assertThat(pool.stop("s-1").kind()).isEqualTo(kind);
        assertThat(asked).containsExactly("/runs/s-1/stop");
    }

    @Test
    void aStopThatIsRefusedIsSoWithTheReason() {
        status = 403;

        assertThatThrownBy(() -> pool.stop("s-1")).isInstanceOf(Refusal.class).hasMessage("the reason");
    }

    @Test
    void whereNobodyListensThereIsNoAnswer() throws Exception {
        dataset.stop(0);

        assertThat(pool.stop("s-1").kind()).isEqualTo(Answer.Kind.SILENT);
    }

    @Test
    void curvesThatCannotBeReadAreRefusedWithTheirAddressAndARemedy() {
        assertThatThrownBy(() -> pool.requireFigures())
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("cannot be read at " + ports.bootstrapServers())
                .hasMessageContaining("./millrace up");
    }

    @Test
    void whoIsInterruptedWhileCurvesAreReadIsToldSoInJavasWay() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> pool.figure(Samples.RUN, 1)).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }
}
