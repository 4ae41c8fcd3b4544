// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.Compute;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.StrictJson;
import io.millrace.model.Calibration.Measured;
import io.millrace.model.checkpoint.DirectoryCheckpointStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CalibrationTest {
    @TempDir
    Path folder;

    private final List<String> said = new ArrayList<>();
    private final List<String> trials = new ArrayList<>();
    private Path file;

    @BeforeAll
    static void needsBf16() {
        assumeThat(Torch.supportsBf16()).as("this machine multiplies bf16").isTrue();
    }

    @BeforeEach
    void place() {
        file = folder.resolve("work/calibration.json");
    }

    private Calibration calibration(double fp32Millis, double bf16Millis) {
        return calibration(new CalibrationMemory.InFile(file), fp32Millis, bf16Millis);
    }

    private Calibration calibration(CalibrationMemory memory, double fp32Millis, double bf16Millis) {
        return new Calibration(memory, said::add, (run, subject) -> {
            trials.add(run.runId());
            return new Measured(subject, fp32Millis, bf16Millis);
        });
    }

    private static RunSpec run(Precision precision, int shards) {
        return run(precision, shards, 1);
    }

    private static RunSpec run(Precision precision, int shards, int slices) {
        return run(precision, shards, Map.of("accumulate", slices));
    }

    private static RunSpec run(Precision precision, int shards, Map<String, ?> members) {
        ObjectNode recipe = (ObjectNode) StrictJson.tree(Given.recipe(0.9, true, 5e-4, 0.1, precision, true));
        recipe.setAll((ObjectNode) StrictJson.tree(members));
        Dataset dataset = new Dataset(
                "noise",
                "ab",
                1000,
                10,
                1,
                Given.SIDE,
                Given.SIDE,
                Collections.nCopies(Given.CLASSES, "c"),
                Given.NORMALIZATION);
        return new RunSpec(
                "run-1",
                Instant.EPOCH,
                "noise",
                dataset,
                Given.NETWORK,
                StrictJson.read(recipe, Recipe.class, ""),
                shards,
                1,
                100,
                Encoding.UINT8,
                0);
    }

    private static RunSpec auto() {
        return run(Precision.AUTO, 1);
    }

    @Test
    void whatTheRecipeSaysIsNotMeasured() {
        Calibration calibration = calibration(1, 2);

        assertThat(calibration.resolve(run(Precision.BF16, 1))).isEqualTo(Torch.compute(Precision.BF16, true));
        assertThat(calibration.resolve(run(Precision.FP32, 1))).isEqualTo(Torch.compute(Precision.FP32, true));
        assertThat(trials).isEmpty();
    }

    @Test
    void autoIsTheFaster() {
        assertThat(calibration(20, 10).resolve(auto()).precision()).isEqualTo(Precision.BF16);
        assertThat(said).singleElement().asString().contains("20.0 ms in fp32", "10.0 ms in bf16");
        place(); // as another installation
        file = file.resolveSibling("other.json");
        assertThat(calibration(10, 20).resolve(auto()).precision()).isEqualTo(Precision.FP32);
    }

    @Test
    void whatWasMeasuredHoldsWhileTheFileIsThere() throws IOException {
        Compute first = calibration(10, 20).resolve(auto());

        assertThat(calibration(20, 10).resolve(auto())).isEqualTo(first);
        assertThat(trials).hasSize(1);

        Files.delete(file);
        assertThat(calibration(20, 10).resolve(auto())).isNotEqualTo(first);
    }

    @Test
    void anotherBatchIsMeasuredForItself() {
        Compute first = calibration(10, 20).resolve(auto());
        Compute second = calibration(20, 10).resolve(run(Precision.AUTO, 2));

        assertThat(second.precision()).isNotEqualTo(first.precision());
        assertThat(calibration(1, 1).resolve(auto())).isEqualTo(first);
        assertThat(calibration(1, 1).resolve(run(Precision.AUTO, 2))).isEqualTo(second);
        assertThat(trials).hasSize(2);
    }

    @Test
    void aSliceIsMeasuredAsTheBatchThatItIs() {
        calibration(10, 20).resolve(auto());
        calibration(20, 10).resolve(run(Precision.AUTO, 2, 2));
        assertThat(trials).hasSize(1);

        new Calibration(file, said::add).resolve(run(Precision.AUTO, 1, 2));
        assertThat(said.get(said.size() - 1)).contains("ms in fp32");
    }

    @Test
    void whatIsNeverTrainedIsMeasuredForItselfAndWhatIsFrozenAtFirstIsNot() {
        Map<String, ?> frozen = Map.of("freeze", Map.of("what", List.of("backbone")));
        Map<String, ?> atFirst = Map.of("epochs", 2, "freeze", Map.of("what", List.of("backbone"), "untilEpoch", 1));
        calibration(10, 20).resolve(auto());

        calibration(20, 10).resolve(run(Precision.AUTO, 1, atFirst));
        assertThat(trials).hasSize(1);
        calibration(20, 10).resolve(run(Precision.AUTO, 1, frozen));
        assertThat(trials).hasSize(2);
    }

    @Test
    void aStoreKeepsEachMeasurementAndReadsTheFileOfBefore() throws IOException {
        // Given a file in the store, as it was before measurements had objects of their own
        file = folder.resolve("calibration.json");
        calibration(10, 20).resolve(run(Precision.AUTO, 2));
        CalibrationMemory store = new CalibrationMemory.InStore(new DirectoryCheckpointStore(folder));

        // When
        Compute known = calibration(store, 20, 10).resolve(run(Precision.AUTO, 2));
        Compute measured = calibration(store, 20, 10).resolve(run(Precision.AUTO, 1));
        Compute again = calibration(store, 10, 20).resolve(run(Precision.AUTO, 1));

        // Then
        assertThat(known.precision()).isEqualTo(Precision.FP32);
        assertThat(measured.precision()).isEqualTo(Precision.BF16);
        assertThat(again).isEqualTo(measured);
        assertThat(trials).hasSize(2);
        try (Stream<Path> notes = Files.list(folder.resolve("calibration"))) {
            assertThat(notes).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{\"measured\": [",
                "{}",
                "{\"measured\": [null]}",
                "{\"measured\": [{\"fp32Millis\": 1}]}",
                "[1]"
            })
    void aDamagedFileIsSaidAndMeasuredAnew(String content) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);

        assertThat(calibration(20, 10).resolve(auto()).precision()).isEqualTo(Precision.BF16);

        assertThat(said.get(0)).contains(file.toString(), "measured anew");
        assertThat(calibration(10, 20).resolve(auto()).precision()).isEqualTo(Precision.BF16);
        assertThat(trials).hasSize(1);
    }

    @Test
    void whatALaterVersionKnowsMoreIsPassedOver() throws IOException {
        calibration(20, 10).resolve(auto());
        Files.writeString(file, Files.readString(file).replace("\"fp32Millis\"", "\"spread\": 0.1, \"fp32Millis\""));

        calibration(10, 20).resolve(auto());

        assertThat(trials).hasSize(1);
    }

    @Test
    void aFileThatCannotBeWrittenIsSaidAndTheRunBeginsAllTheSame() throws IOException {
        Files.writeString(folder.resolve("work"), "in the way");

        assertThat(calibration(20, 10).resolve(auto()).precision()).isEqualTo(Precision.BF16);

        assertThat(said).anyMatch(line -> line.contains("cannot be written"));
    }

    @Test
    void nothingHalfWrittenStaysBehind() throws IOException {
        calibration(20, 10).resolve(auto());

        try (Stream<Path> files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void realStepsAreMeasured() {
        Compute compute = new Calibration(file, said::add).resolve(auto());

        assertThat(compute.precision()).isNotEqualTo(Precision.AUTO);
        assertThat(said).singleElement().asString().contains("ms in fp32");
    }
}
