// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.process;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.contracts.event.CheckpointRef;
import io.millrace.model.Learner;
import io.millrace.model.Predictions;
import io.millrace.model.Scorer;
import io.millrace.test.ServiceProcess;
import io.millrace.test.TestBroker;
import io.millrace.test.TestImages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the evaluator scores is what the service answers: for all 10,000 test images of MNIST, sent as PNG files, the
 * labels equal those of the model module's {@link Scorer}, which the evaluator scores with.
 */
class MnistIT {
    private static final Logger LOGGER = Logger.getLogger(MnistIT.class);
    private static final int STEPS = 40;
    private static final int BATCH = 64;
    private static final int PER_REQUEST = 250;
    private static final int SINGLES = 200;

    @TempDir
    private Path dir;

    @Test
    void everyTestImageIsAnsweredAsItWasScored() throws IOException {
        boolean there = Files.isDirectory(Mnist.directory());
        LOGGER.infof("MNIST at %s: %s", Mnist.directory(), there ? "found" : "not found, so this test is skipped");
        assumeTrue(there, "no MNIST");

        // Given
        Mnist test = Mnist.read("t10k");
        int[] scored = new int[test.size()];
        CheckpointRef checkpoint = trainAndScore(Mnist.read("train"), test, scored);
        try (TestBroker broker = TestBroker.start();
                Promoter promoter = new Promoter(broker.bootstrapServers());
                ServiceProcess service =
                        InferenceProcess.start(broker.bootstrapServers(), dir.resolve("checkpoints"), Map.of())) {
            promoter.promote("mnist", checkpoint);
            service.awaitReady();

            // When
            List<Integer> classified = new ArrayList<>();
            for (int from = 0; from < test.size(); from += PER_REQUEST) {
                classified.addAll(classify(service, test, from));
            }
            List<Integer> alone = IntStream.range(0, SINGLES)
                    .mapToObj(index -> ServiceProcess.json(InferenceProcess.classify(service, png(test, index)))
                            .path("label")
                            .asInt())
                    .toList();

            Path cases = Mnist.directory().resolve("../../cases");
            if (Files.isDirectory(cases)) {
                whatOtherProgramsSendIsAnsweredAsTheControl(service, cases);
            }

            // Then
            long right = IntStream.range(0, test.size())
                    .filter(index -> classified.get(index) == test.labels()[index])
                    .count();
            LOGGER.infof("%d of %d test images are classified right", right, test.size());
            assertThat(right).isGreaterThan(test.size() / 2);
            assertThat(classified).isEqualTo(IntStream.of(scored).boxed().toList());
            assertThat(alone).isEqualTo(classified.subList(0, SINGLES));
        }
    }

    /** Whatever the model makes of the digit as it was, it has to make of the digit in other clothes. */
    private static void whatOtherProgramsSendIsAnsweredAsTheControl(ServiceProcess service, Path cases)
            throws IOException {
        String four = label(service, cases, "ok_digit4.png");
        for (String file : List.of("black_on_white_4.png", "blue_ink_4.png", "canvas_black_on_transparent_4.png")) {
            assertThat(label(service, cases, file)).as(file).isEqualTo(four);
        }
        String seven = label(service, cases, "ok_digit7.png");
        for (String file : List.of("corner_7.png", "digit7.webp", "digit7.tiff")) {
            assertThat(label(service, cases, file)).as(file).isEqualTo(seven);
        }
        HttpResponse<String> truncated =
                InferenceProcess.classify(service, Files.readAllBytes(cases.resolve("truncated.bmp")));
        assertThat(truncated.statusCode()).isEqualTo(422);
        assertThat(truncated.body()).contains("the BMP image cannot be read: it ends too early");
    }

    private static String label(ServiceProcess service, Path cases, String file) throws IOException {
        return ServiceProcess.json(InferenceProcess.classify(service, Files.readAllBytes(cases.resolve(file))))
                .path("label")
                .asText();
    }

    private CheckpointRef trainAndScore(Mnist train, Mnist test, int[] scored) throws IOException {
        try (Learner learner = Checkpoints.learner(1)) {
            for (int step = 0; step < STEPS; step++) {
                learner.step(List.of(train.batch(step * BATCH, (step + 1) * BATCH)), 0.02);
            }
            try (Scorer scorer = Scorer.of(Checkpoints.NETWORK, Checkpoints.NORMALIZATION, 28, 28, learner.weights())) {
                for (int from = 0; from < test.size(); from += PER_REQUEST) {
                    Predictions predictions = scorer.score(test.batch(from, from + PER_REQUEST));
                    for (int i = 0; i < PER_REQUEST; i++) {
                        scored[from + i] = predictions.predicted(i);
                    }
                }
            }
            return new Checkpoints(dir.resolve("checkpoints")).write("run-mnist", STEPS, learner);
        }
    }

    private static List<Integer> classify(ServiceProcess service, Mnist test, int from) throws IOException {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        for (int index = from; index < from + PER_REQUEST; index++) {
            String head = "--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + index
                    + ".png\"\r\nContent-Type: image/png\r\n\r\n";
            form.write(head.getBytes(US_ASCII));
            form.write(png(test, index));
            form.write("\r\n".getBytes(US_ASCII));
        }
        form.write("--limit--\r\n".getBytes(US_ASCII));
        HttpResponse<String> response = InferenceProcess.classify(
                service, "multipart/form-data; boundary=limit", BodyPublishers.ofByteArray(form.toByteArray()));
        assertThat(response.statusCode()).isEqualTo(200);
        List<Integer> labels = new ArrayList<>();
        for (JsonNode result : ServiceProcess.json(response).path("results")) {
            labels.add(result.path("label").asInt());
        }
        return labels;
    }

    private static byte[] png(Mnist test, int index) {
        return TestImages.file(TestImages.grey(28, 28, test.image(index)), "png");
    }
}
