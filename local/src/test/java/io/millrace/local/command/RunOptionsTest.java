// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.Start;
import io.millrace.contracts.event.StrictJson;
import io.millrace.contracts.event.Sync;
import io.millrace.local.stack.WantedRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RunOptionsTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

    @CommandLine.Command
    static final class Holder {
        @CommandLine.Mixin
        private RunOptions options;
    }

    private static WantedRun wanted(String... arguments) {
        Holder holder = new Holder();
        new CommandLine(holder).parseArgs(arguments);
        return holder.options.wanted(CLOCK);
    }

    @Test
    void withNoOptionItIsMnistQuicklyOrElseStrokes() {
        WantedRun run = wanted();

        assertThat(run.runId()).isEqualTo("quick-20260102-030405");
        assertThat(run.recipe()).hasToString("{\"name\":\"quick\"}");
        assertThat(run.dataset()).isEqualTo("mnist");
        assertThat(run.fallback()).contains("strokes");
        assertThat(run.seed()).isEmpty();
    }

    @Test
    void aDataSetThatIsAskedForHasNoSubstitute() {
        assertThat(wanted("--dataset", "mnist").fallback()).isEmpty();
        assertThat(wanted("--dataset", "strokes").dataset()).isEqualTo("strokes");
    }

    @Test
    void whatIsGivenWithoutANameIsFoundOut(@TempDir Path directory) throws IOException {
        WantedRun run = wanted("--data-dir", directory.toString(), "--size", "64x48");

        assertThat(run.dataset()).isEqualTo("folder");
        assertThat(run.model()).as("what lies there has a name of its own").isEmpty();
        assertThat(run.dataDir()).contains(directory);
        assertThat(run.fallback()).isEmpty();
        assertThat(run.settings()).containsEntry("millrace.dataset.image-size", "64x48");
        Path archive = Files.createFile(directory.resolve("pictures.zip"));
        assertThat(wanted("--data-dir", archive.toString()).dataDir()).contains(archive);
    }

    @Test
    void overridesAreTakenOver() {
        WantedRun run = wanted(
                "--recipe",
                "textbook",
                "--epochs",
                "3",
                "--batch-size",
                "64",
                "--seed",
                "5",
                "--precision",
                "fp32",
                "--validation",
                "0.1");

        assertThat(run.recipe())
                .hasToString("{\"name\":\"textbook\",\"epochs\":3,\"batchSize\":64,\"precision\":\"fp32\","
                        + "\"validation\":0.1}");
        assertThat(run.seed()).contains(5L);
    }

    @Test
    void shardsAreTrainedInRoundsOfAsManyStepsAsIsSaid() {
        assertThat(wanted().shards()).isEmpty();
        WantedRun usual = wanted("--shards", "2");
        assertThat(usual.shards()).contains(2);
        assertThat(Recipes.of(usual.recipe()).sync().everySteps()).isEqualTo(Sync.USUAL_STEPS);
        assertThat(wanted("--shards", "1").recipe()).hasToString("{\"name\":\"quick\"}");

        assertThat(wanted("--shards", "4", "--sync-every", "8", "--set", "sync.outer.momentum=0.9")
                        .recipe())
                .hasToString("{\"name\":\"quick\",\"sync\":{\"everySteps\":8,\"outer\":{\"momentum\":0.9}}}");
    }

    @Test
    void weightsToStartFromAreTakenOverAndAFileIsOneForTheTrainer() throws IOException {
        String digest = "ab".repeat(32);
        Path file = Path.of("weights-of-a-test.safetensors");
        Files.writeString(file, "");
        try {
            assertThat(wanted("--weights", file.toString()).start())
                    .contains(new Start(file.toAbsolutePath().toString(), null));
        } finally {
            Files.delete(file);
        }
        assertThat(wanted("--weights", "https://example.org/a.safetensors", "--sha256", digest)
                        .start())
                .contains(new Start("https://example.org/a.safetensors", digest));
        assertThat(wanted().start()).isEmpty();
    }

    @Test
    void weightsThatWillNotDoAreRefusedByTheirOption() {
        assertThatThrownBy(() -> wanted("--weights", "https://example.org/a.safetensors"))
                .hasMessageContaining("--sha256 is missing; it must be the digest of");
        assertThatThrownBy(() -> wanted("--weights", "imagenet", "--network", "resnet9"))
                .hasMessageContaining("--weights imagenet will not do")
                .hasMessageContaining("not for resnet9");
    }

    @Test
    void anyMemberOfTheRecipeCanBeSetAndWhatIsSetInAnotherOrderIsTheSame() {
        WantedRun run = wanted(
                "--set",
                "schedule.kind=cosine",
                "--set",
                "optimizer.nesterov=false",
                "--set",
                "optimizer.momentum=0.95",
                "--set",
                "description=");

        assertThat(run.recipe())
                .hasToString(
                        "{\"name\":\"quick\",\"description\":\"\",\"optimizer\":{\"momentum\":0.95,\"nesterov\":false},"
                                + "\"schedule\":{\"kind\":\"cosine\"}}");
        assertThat(run.settings()).isEmpty();
        assertThat(wanted("--set", "augmentation.shift=1", "--set", "labelSmoothing=0.2")
                        .recipe()
                        .toString())
                .isEqualTo(wanted("--set", "labelSmoothing=0.2", "--set", "augmentation.shift=1")
                        .recipe()
                        .toString());
    }

    @Test
    void aRecipeCanLieInAFileAndOptionsReplaceWhatItSays(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("mine.json"), """
                {"epochs": 3, "optimizer": {"kind": "adamw"}, "schedule": {"learningRate": 0.001}}
                """);

        WantedRun run = wanted("--recipe", file.toString(), "--epochs", "5", "--set", "optimizer.beta2=0.98");

        assertThat(run.runId()).isEqualTo("quick-20260102-030405");
        assertThat(Recipes.of(run.recipe())).isEqualTo(Recipes.of(StrictJson.tree("""
                        {"name": "quick", "epochs": 5, "optimizer": {"kind": "adamw", "beta2": 0.98},
                         "schedule": {"learningRate": 0.001}}
                        """)));
    }

    @Test
    void whatAFileLacksCanBeSaidBesideIt(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(
                directory.resolve("mine.json"), "{\"name\": \"textbook\", \"optimizer\": {\"kind\": \"adam\"}}");

        WantedRun run = wanted("--recipe", file.toString(), "--set", "schedule.learningRate=0.001");

        assertThat(run.runId()).startsWith("textbook-");
        assertThat(Recipes.of(run.recipe()).schedule().learningRate()).isEqualTo(0.001);
    }

    @Test
    void keysOfTheServicesAreTheirConfigurationAndNotTheRecipes() {
        WantedRun run = wanted("--set", "millrace.trainer.threads=1", "--set", "kafka.security.protocol=PLAINTEXT");

        assertThat(run.settings())
                .containsOnly(
                        Map.entry("millrace.trainer.threads", "1"), Map.entry("kafka.security.protocol", "PLAINTEXT"));
        assertThat(run.recipe()).hasToString("{\"name\":\"quick\"}");
    }
}
