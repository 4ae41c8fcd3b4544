// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.checkpoint;

import static io.millrace.model.checkpoint.Given.RUN;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.CheckpointRef;
import io.millrace.contracts.event.InputConvention;
import io.millrace.contracts.safetensors.Safetensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What earlier and later versions have written can be gone on from. */
class GoldenCheckpointTest {
    private static final String SHA256 = "b8ab01f327cde5043d4dab623920aca29718df767c0683b375c81ddb140a2224";
    private static final String AVERAGE_SHA256 = "8858682d1521dce96dde1be7f9f279f4d89126159c28532a03bc843d5220060c";
    private static final String NAME = RUN + "/step-9-" + SHA256.substring(0, 12);
    private static final String WEIGHTS = NAME + ".safetensors";
    private static final String STATE = NAME + ".state.safetensors";

    @TempDir
    Path root;

    private CheckpointStore store;

    @BeforeEach
    void copy() throws IOException, URISyntaxException {
        Path golden = Path.of(getClass().getResource("/golden/store-v1").toURI());
        try (Stream<Path> files = Files.walk(golden)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = root.resolve(golden.relativize(file));
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
        store = new DirectoryCheckpointStore(root);
    }

    @Test
    void anAverageOfTheFirstFormatIsRead() throws IOException, URISyntaxException {
        CheckpointRef raw = store.open(RUN).at().orElseThrow().ref();
        String uri = RUN + "/step-9-" + AVERAGE_SHA256.substring(0, 12) + ".average.safetensors";
        CheckpointRef average = new CheckpointRef(RUN + "-step-9-average", "run-1", uri, AVERAGE_SHA256, 892, true);
        Path golden =
                Path.of(getClass().getResource("/golden/store-with-average-v1").toURI());

        assertThat(new DirectoryCheckpointStore(golden).read(average))
                .isEqualTo(new Checkpoint(Given.averaged(raw, 9), Given.weights(4.5f)));
        assertThat(Given.average(store, raw, 9)).as("as it is written now").isEqualTo(average);
    }

    @Test
    void aRunOfTheFirstFormatGoesOn() throws IOException {
        CheckpointStore.Opening opening = store.open(RUN);

        CheckpointRef ref =
                new CheckpointRef(RUN + "-step-9", "run-1", WEIGHTS, SHA256, Files.size(root.resolve(WEIGHTS)));
        assertThat(opening.passedOver()).isEmpty();
        assertThat(opening.at())
                .contains(new ResumePoint(
                        ref,
                        new Checkpoint(Given.metadata(RUN, 9), Given.weights(9)),
                        Given.state(9).of(SHA256)));
        assertThat(store.read(ref).metadata().compute()).isEqualTo(Given.COMPUTE);
        assertThat(store.batches(RUN)).isEqualTo(Given.batches(1, 9).lines().toList());
        assertThat(store.noteAttempt(RUN, 9))
                .isEqualTo(new CheckpointStore.Attempts(2, Optional.of("java.lang.OutOfMemoryError")));
    }

    @Test
    void whatALaterVersionHasAddedIsPassedOver() throws IOException {
        CheckpointRef ref = rewrite(WEIGHTS, strings -> {
            strings.put("palette", "{\"colours\":\"few\"}");
            strings.computeIfPresent("compute", GoldenCheckpointTest::withUnknownMember);
            strings.computeIfPresent("normalization", GoldenCheckpointTest::withUnknownMember);
        });
        rewrite(STATE, strings -> {
            strings.put("average", "0.999");
            strings.computeIfPresent("position", GoldenCheckpointTest::withUnknownMember);
            strings.put("weights_sha256", ref.sha256());
        });

        ResumePoint at = store.open(RUN).at().orElseThrow();

        assertThat(at.checkpoint().metadata()).isEqualTo(Given.metadata(RUN, 9));
        assertThat(at.state()).isEqualTo(Given.state(9).of(ref.sha256()));
        assertThat(store.read(ref)).isEqualTo(at.checkpoint());
    }

    @Test
    void whatAnEarlierVersionDidNotTellHasADefault() throws IOException {
        CheckpointRef ref = rewrite(WEIGHTS, strings -> {
            strings.remove("incarnation");
            strings.remove("compute");
            strings.put("precision", "bf16");
        });

        CheckpointMetadata metadata = store.read(ref).metadata();

        assertThat(metadata.incarnation()).isEqualTo("run-1");
        assertThat(metadata.compute()).isNull();
        assertThat(metadata.input()).isEqualTo(InputConvention.INK);
        assertThat(metadata.model()).isEqualTo("pets-model");
    }

    private static String withUnknownMember(String key, String json) {
        return json.replaceFirst("\\{", "{\"later\":{\"a\":[1]},");
    }

    /** The file with other metadata, as a version would write it that knows those. */
    private CheckpointRef rewrite(String key, Consumer<Map<String, String>> change) throws IOException {
        Path file = root.resolve(key);
        Safetensors content = Safetensors.read(file);
        Map<String, String> strings = new HashMap<>(content.metadata());
        change.accept(strings);
        if (strings.containsKey(CheckpointFormat.CONTENT)) {
            String digest = CheckpointFormat.contentDigest(strings, List.copyOf(content.tensors()));
            strings.put(CheckpointFormat.CONTENT, digest);
        }
        byte[] bytes = Safetensors.of(strings, List.copyOf(content.tensors())).toBytes();
        Files.write(file, bytes);
        return new CheckpointRef(RUN + "-step-9", "run-1", key, Sha256.of(ByteBuffer.wrap(bytes)), bytes.length);
    }
}
