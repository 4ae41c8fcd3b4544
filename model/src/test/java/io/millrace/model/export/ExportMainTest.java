// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.safetensors.Safetensors;
import io.millrace.contracts.safetensors.Tensor;
import io.millrace.model.checkpoint.CheckpointFile;
import io.millrace.model.checkpoint.CorruptCheckpointException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an export writes, and what it refuses. */
class ExportMainTest {
    private static final String ID = "run-a1-step-7";

    @TempDir
    private Path directory;

    private Path store;
    private Path source;
    private Path target;

    @BeforeEach
    void storeOneCheckpoint() throws IOException {
        store = directory.resolve("checkpoints");
        source = Stored.write(store, "run-a1", 7, Stored.RESIDUAL);
        target = directory.resolve("taken.home");
    }

    private String export(String checkpoint, String format, String form, String... more) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of(store.toString(), checkpoint, format, form, target.toString()));
        arguments.addAll(more.length == 0 ? List.of("new") : List.of(more));
        return ExportMain.export(arguments);
    }

    private String card() throws IOException {
        return Files.readString(directory.resolve("taken.home.md"));
    }

    @Test
    void aWholeFileHoldsTheWeightsAndWhatTheCheckpointSaysOfItself() throws IOException {
        assertThat(export(ID, "safetensors", "whole")).contains(target.toString(), ID);

        assertThat(target).hasSameBinaryContentAs(source);
        assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void aFileIsFoundByItsPathToo() throws IOException {
        export(source.toString(), "safetensors", "whole");

        assertThat(CheckpointFile.read(target).ref().checkpointId()).isEqualTo(ID);
    }

    @Test
    void aFoldedFileHoldsNoBatchNormAndSaysSo() throws IOException {
        export(ID, "safetensors", "folded");

        Safetensors content = Safetensors.read(target);
        assertThat(content.tensors())
                .extracting(Tensor::name)
                .contains("conv1.weight", "conv1.bias", "fc.weight")
                .noneMatch(name -> name.contains("bn") || name.contains("downsample.1"));
        assertThat(content.metadata()).containsEntry("folded", "true");
        assertThat(card()).contains("folded");
    }

    @Test
    void theCardSaysWhatItIsAndWhatIsNotKnown() throws IOException {
        export(ID, "torchscript", "whole");

        assertThat(card())
                .contains(
                        "# " + ID,
                        "float32 `[N,3,24,32]`",
                        "[\"cat\",\"a \\\"dog\\\"\",\"ü\",\"|\"]",
                        "zero_point = torch.tensor([25.5, 51.0, 76.5])",
                        "torch.jit.load(\"taken.home\")",
                        "Test split: not known here",
                        "{\"name\":\"quick\"}",
                        CheckpointFile.read(source).ref().sha256(),
                        "## Licence\n\nNone is stated");
    }

    @Test
    void theCardSaysHowGoodItIsWhereSomebodyKnows() throws IOException {
        export(ID, "safetensors", "whole", "new", "0.9876", "0.0432");

        assertThat(card()).contains("Test split of `pets`: accuracy 98.76 %, cross entropy 0.0432");
    }

    @Test
    void theCardSaysWhatItsConfidenceIsWorth() throws IOException {
        export(ID, "safetensors", "whole", "new", "0.9876", "0.0432", "0.7354", "0.0021");

        assertThat(card()).contains("`(logits / 0.7354).softmax(1)` is calibrated", "on the test split is 0.0021.");

        export(ID, "safetensors", "whole", "overwrite", "0.9876", "0.0432");
        assertThat(card()).contains("Confidence: not calibrated");
    }

    @Test
    void whatWasFoldedIsNotExportedOnceMore() throws IOException {
        export(ID, "safetensors", "folded");
        String folded = target.toString();
        target = directory.resolve("again.onnx");

        assertThatThrownBy(() -> export(folded, "onnx", "whole"))
                .hasMessageContainingAll(
                        folded, "exported with --folded", "export the checkpoint that it is of, " + ID);
        assertThat(target).doesNotExist();
    }

    @Test
    void whatIsThereIsOnlyReplacedWhenAskedFor() throws IOException {
        Files.writeString(target, "mine");

        assertThatThrownBy(() -> export(ID, "safetensors", "whole")).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(target).hasContent("mine");

        export(ID, "safetensors", "whole", "overwrite");
        assertThat(CheckpointFile.read(target).ref().checkpointId()).isEqualTo(ID);
    }

    @Test
    void theCheckpointItselfIsNeverReplaced() {
        target = source;

        assertThatThrownBy(() -> export(ID, "safetensors", "folded", "overwrite"))
                .hasMessageContainingAll(source.toString(), "the checkpoint itself", "-o FILE");
    }

    @Test
    void aCheckpointThatIsNotThereIsAnsweredWithWhatIs() throws IOException {
        Stored.write(store, "run-a1", 9, Stored.RESIDUAL);

        assertThatThrownBy(() -> export("run-a1-stop-7", "safetensors", "whole"))
                .hasMessageContainingAll(
                        "no checkpoint run-a1-stop-7", store.toString(), "nearest is " + ID, "run-a1-step-9");
        store = directory.resolve("elsewhere");
        assertThatThrownBy(() -> export(ID, "safetensors", "whole"))
                .hasMessageContainingAll("no checkpoint " + ID, store.toString(), "./millrace up");
    }

    @Test
    void aCheckpointThatWasAlteredIsNotExported() throws IOException {
        byte[] bytes = Files.readAllBytes(source);
        bytes[bytes.length - 2] ^= 1;
        Files.write(source, bytes);

        assertThatThrownBy(() -> export(ID, "safetensors", "whole"))
                .isInstanceOf(CorruptCheckpointException.class)
                .hasMessageContainingAll(source.toString(), "SHA-256");
        assertThat(target).doesNotExist();
    }

    @Test
    void weightsThatAreNoCheckpointAreNotExported() throws IOException {
        Path foreign = directory.resolve("foreign.safetensors");
        Files.write(
                foreign,
                Safetensors.of(Map.of(), Stored.weights(Stored.RESIDUAL)).toBytes());

        assertThatThrownBy(() -> export(foreign.toString(), "torchscript", "whole"))
                .isInstanceOf(CorruptCheckpointException.class)
                .hasMessageContainingAll(foreign.toString(), "format_version");
    }

    @Test
    void whatHasNothingToFoldIsNotFolded() throws IOException {
        Stored.write(store, "run-b2", 7, Stored.NORM_LAST);

        assertThatThrownBy(() -> export("run-b2-step-7", "torchscript", "folded"))
                .hasMessageContainingAll("narrow", "leave --folded out");
    }
}
