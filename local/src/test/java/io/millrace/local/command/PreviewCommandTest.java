// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.millrace.local.Millrace;
import io.millrace.local.stack.FreePorts;
import io.millrace.local.stack.Part;
import io.millrace.local.stack.Ports;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Against a server of this JVM in the place of dataset-service. */
class PreviewCommandTest {
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', (byte) 0xff, 0};
    private static final String RUNS = """
            [{"runId":"older","state":"finished","spec":null},
             {"runId":"photos-1","state":"running","spec":{"runId":"photos-1","createdAt":"2026-11-20T20:45:00Z",
              "model":"photos","dataset":{"name":"photos","digest":"d","trainSamples":9,"testSamples":3,"channels":3,
              "height":32,"width":32,"classes":["a","b"],"normalization":{"scale":[1,1,1],"zeroPoint":[0,0,0]},
              "input":"photo"},"network":{"name":"resnet9","stem":"cifar","inputChannels":3,"classes":2},
              "recipe":{"name":"quick","epochs":1,"batchSize":2,"optimizer":{"kind":"sgd","momentum":0.9,"nesterov":true,
              "weightDecay":0},"schedule":{"kind":"constant","learningRate":0.1,"warmupFraction":0},"labelSmoothing":0,
              "augmentation":{"shift":0},"precision":"auto","channelsLast":true,"checkpointEverySteps":0},"shards":1,
              "seed":1,"batchesPerEpoch":4,"encoding":"uint8","priority":0}}]""";

    @TempDir
    private Path directory;

    private Ports ports;
    private HttpServer server;
    private final List<String> asked = new ArrayList<>();
    private int status = 200;
    private byte[] answer = PNG;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void start() throws IOException {
        ports = FreePorts.find();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.of(Part.DATASET)), 0);
        server.createContext("/", exchange -> {
            boolean preview = exchange.getRequestMethod().equals("POST");
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            asked.add(exchange.getRequestURI() + (preview ? " " + body : ""));
            byte[] sent = preview ? answer : RUNS.getBytes(UTF_8);
            exchange.sendResponseHeaders(preview ? status : 200, sent.length);
            exchange.getResponseBody().write(sent);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private int execute(String... arguments) {
        CommandLine command = Millrace.commandLine();
        command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        List<String> all = new ArrayList<>(List.of("preview", "--port", Integer.toString(ports.base())));
        all.addAll(List.of(arguments));
        return command.execute(all.toArray(String[]::new));
    }

    @Test
    void thePictureOfADataSetAndARecipeIsWritten() throws IOException {
        Path file = directory.resolve("flips.png");

        assertThat(execute(
                        "--dataset",
                        "cifar10",
                        "--set",
                        "augmentation.randomHorizontalFlip.p=0.5",
                        "--seed",
                        "7",
                        "--epoch",
                        "3",
                        "--output",
                        file.toString()))
                .as(err.toString())
                .isZero();
        assertThat(Files.readAllBytes(file)).isEqualTo(PNG);
        assertThat(out.toString()).isEqualToIgnoringNewLines("wrote " + file);
        assertThat(asked)
                .containsExactly(
                        "/preview?epoch=3 {\"recipe\":{\"name\":\"quick\",\"augmentation\":{\"randomHorizontalFlip\":{\"p\":0.5}}},"
                                + "\"dataset\":\"cifar10\",\"seed\":7}");
    }

    @Test
    void withoutADataSetItIsThatOfTheLatestRun() {
        assertThat(execute("-o", directory.resolve("a.png").toString()))
                .as(err.toString())
                .isZero();
        assertThat(asked)
                .last()
                .asString()
                .isEqualTo("/preview?epoch=0 {\"recipe\":{\"name\":\"quick\"},\"dataset\":\"photos\","
                        + "\"network\":{\"name\":\"resnet9\",\"stem\":\"cifar\"}}");
    }

    @Test
    void whatTheServiceRefusesIsSaidAndNothingIsWritten() {
        status = 422;
        answer = "{\"detail\":\"dataset is nothing; it must be one of mnist\",\"field\":\"dataset\"}".getBytes(UTF_8);
        Path file = directory.resolve("none.png");

        assertThat(execute("--dataset", "nothing", "-o", file.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("dataset is nothing; it must be one of mnist");
        assertThat(file).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --epoch -1                                     | --epoch -1 will not do; it must be a whole number from 0 on
            -o preview.jpg                                 | --output preview.jpg will not do; it must be a file *.png
            -o nowhere/at/all.png                          | in a directory that there is
            --set millrace.dataset.cache-dir=x             | use --work-dir
            --set millrace.dataset.image-size=8x8          | it belongs to the stack, which runs already
            --set augmentation.randomHorizontalFlip.p=2    | a number from 0 to 1
            """)
    void whatMakesNoSenseIsRefusedBeforeAnybodyIsAsked(String arguments, String remedy) {
        assertThat(execute(arguments.split(" "))).isEqualTo(2);
        assertThat(err.toString()).contains(remedy);
        assertThat(asked).isEmpty();
    }
}
