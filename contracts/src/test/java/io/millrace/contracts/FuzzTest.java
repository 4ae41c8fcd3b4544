// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.contracts.batch.BatchCodec;
import io.millrace.contracts.batch.MalformedBatchException;
import io.millrace.contracts.delta.DeltaCodec;
import io.millrace.contracts.delta.MalformedDeltaException;
import io.millrace.contracts.event.CheckpointPublished;
import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.MalformedEventException;
import io.millrace.contracts.event.MetricPoint;
import io.millrace.contracts.event.ModelPromoted;
import io.millrace.contracts.event.NetworkFile;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.safetensors.MalformedSafetensorsException;
import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.test.Fuzz;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What others wrote, and what became of it on the way, is taken or refused. */
class FuzzTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    /** The golden files are small; a header may say otherwise. */
    private static final long MOST = 4 << 20;

    private static List<byte[]> golden(String pattern) throws IOException {
        try (Stream<Path> files = Files.list(GOLDEN)) {
            return files.filter(file -> file.getFileName().toString().matches(pattern))
                    .sorted()
                    .map(FuzzTest::bytes)
                    .toList();
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void safetensors() throws Exception {
        new Fuzz("safetensors", golden(".*\\.safetensors"), MalformedSafetensorsException.class, MOST)
                .run(input -> Safetensors.parse(ByteBuffer.wrap(input)));
    }

    @Test
    void batches() throws Exception {
        new Fuzz("batches", golden("(train|test|mixed|float32)-batch.*"), MalformedBatchException.class, MOST)
                .run(input -> BatchCodec.decode(ByteBuffer.wrap(input)));
    }

    @Test
    void deltas() throws Exception {
        new Fuzz("deltas", golden("(delta|gradients)-v1.*"), MalformedDeltaException.class, MOST)
                .run(input -> DeltaCodec.decode(ByteBuffer.wrap(input)));
    }

    /** What was taken can be written again. */
    @TestFactory
    Stream<DynamicTest> events() {
        Map<String, Class<?>> types = Map.of(
                "run-(with|v1).*\\.json", RunSpec.class,
                "run-status.*\\.json", RunStatus.class,
                "checkpoint-(with|of).*\\.json", CheckpointPublished.class,
                "metric.*\\.json", MetricPoint.class,
                "evaluation.*\\.json", EvaluationCompleted.class,
                "promotion.*\\.json", ModelPromoted.class);
        return types.entrySet().stream()
                .map(type -> DynamicTest.dynamicTest(type.getValue().getSimpleName(), () -> new Fuzz(
                                "events " + type.getValue().getSimpleName(),
                                golden(type.getKey()),
                                MalformedEventException.class,
                                MOST)
                        .run(input -> EventCodec.encode(EventCodec.decode(input, type.getValue())))));
    }

    @Test
    void networksOfOnesOwn() throws Exception {
        List<byte[]> files = Stream.of(
                        "{\"name\": \"mine\", \"block\": \"basic\", \"depths\": [3, 3, 6, 3]}",
                        "{\"block\": \"bottleneck\", \"depths\": [1, 2]}",
                        "{\"block\": \"pooled\", \"depths\": [1, 0], \"widths\": [16, 32], \"stemWidth\": 8, \"stem\": \"cifar\"}",
                        "\"resnet18\"")
                .map(text -> text.getBytes(UTF_8))
                .toList();
        new Fuzz("networks", files, RefusedFieldException.class, MOST)
                .run(input -> NetworkFile.read(new String(input, UTF_8), null));
    }
}
