// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.millrace.local.Millrace;
import io.millrace.local.stack.FreePorts;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import io.millrace.local.stack.Running;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Against an HTTP server that answers as evaluator-service does. */
class StatusCommandTest {
    @Test
    void onlyCheckpointsThatAreKeptAreShownAndThoseOfAServiceThatDoesNotSay() throws IOException {
        StringBuilder board = new StringBuilder("[");
        for (int step = 9; step > 3; step--) {
            board.append(line(step, ", \"kept\": false")).append(',');
        }
        board.append(line(2, ", \"kept\": true"))
                .append(',')
                .append(line(1, ""))
                .append(']');

        assertThat(status(board.toString()).lines().filter(line -> line.startsWith("evaluated")))
                .containsExactly(
                        "evaluated  a-0-step-2  accuracy 20.00 %, loss 0.1000",
                        "evaluated  a-0-step-1  accuracy 10.00 %, loss 0.1000");
    }

    @Test
    void anotherStackWhereAFurtherTrainerWouldListenIsNoneOfThisOne(@TempDir Path work) throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self")), "skipped: no /proc");
        Files.createDirectories(work.resolve("checkpoints"));
        Ports ports = FreePorts.find();
        HttpServer stranger =
                HttpServer.create(new InetSocketAddress("127.0.0.1", ports.management(Part.TRAINER_2)), 0);
        answer(stranger, "/q/health/ready", "{\"status\": \"UP\"}");
        stranger.start();
        Process own = null;
        try {
            assertThat(status(ports, "[]")).contains("evaluator-service").doesNotContain("trainer-service-2");

            // When a process of this stack says that it is that trainer
            own = new ProcessBuilder(
                            "/bin/sh",
                            "-c",
                            "read line",
                            "sh",
                            "-Dmillrace.part=trainer-service-2",
                            "-Dmillrace.port=" + ports.base(),
                            "-Dmillrace.work-dir=" + work)
                    .start();
            await().until(() -> Running.at(ports).containsKey(Part.TRAINER_2));

            // Then
            assertThat(status(ports, "[]"))
                    .containsPattern("trainer-service-2 +127.0.0.1:" + ports.of(Part.TRAINER_2) + " +ready");
        } finally {
            stranger.stop(0);
            if (own != null) {
                own.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void theHelpNamesThePortsOfAllWorkers() {
        Ports ports = new Ports(1);
        int most = Part.workers(Part.MOST_WORKERS).stream()
                .mapToInt(ports::of)
                .max()
                .orElseThrow();

        assertThat(Millrace.commandLine()
                        .getSubcommands()
                        .get("status")
                        .getUsageMessage()
                        .replaceAll("\\s+", " "))
                .contains("further trainers on N+" + (ports.of(Part.TRAINER_2) - 1) + " to N+" + (most - 1));
    }

    private static String line(int step, String more) {
        return "{\"checkpointId\": \"a-0-step-" + step + "\", \"runId\": \"a\", \"step\": " + step
                + ", \"accuracy\": 0." + step + ", \"loss\": 0.1" + more + "}";
    }

    private static String status(String leaderboard) throws IOException {
        return status(FreePorts.find(), leaderboard);
    }

    private static String status(Ports ports, String leaderboard) throws IOException {
        HttpServer evaluator = HttpServer.create(new InetSocketAddress("127.0.0.1", ports.of(Part.EVALUATOR)), 0);
        answer(evaluator, "/leaderboard", leaderboard);
        evaluator.start();
        HttpServer management =
                HttpServer.create(new InetSocketAddress("127.0.0.1", ports.management(Part.EVALUATOR)), 0);
        answer(management, "/q/health/ready", "{\"status\": \"UP\"}");
        management.start();
        try {
            StringWriter out = new StringWriter();
            CommandLine line = Millrace.commandLine();
            line.setOut(new PrintWriter(out, true));
            line.execute("status", "--port", Integer.toString(ports.base()));
            return out.toString();
        } finally {
            evaluator.stop(0);
            management.stop(0);
        }
    }

    private static void answer(HttpServer server, String path, String body) {
        server.createContext(path, exchange -> {
            exchange.sendResponseHeaders(200, body.length());
            exchange.getResponseBody().write(body.getBytes(UTF_8));
            exchange.close();
        });
    }
}
