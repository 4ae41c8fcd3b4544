// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.contracts.event.Start;
import io.millrace.local.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
    private static final WantedRun QUICK = new WantedRun(
            "quick-1",
            JsonNodeFactory.instance.objectNode().put("name", "quick").put("epochs", 2),
            Optional.of("resnet9"),
            Optional.of("cifar"),
            Optional.of(new Start("imagenet", null)),
            "mnist",
            Optional.of("strokes"),
            Optional.empty(),
            Optional.of(7L),
            Optional.of(2),
            Map.of("millrace.trainer.threads", "8"));

    @TempDir
    private Path directory;

    private List<String> command(Part part) throws IOException {
        return command(part, Map.of());
    }

    private List<String> command(Part part, Map<String, String> more) throws IOException {
        return command(part, QUICK, more);
    }

    private List<String> command(Part part, WantedRun run, Map<String, String> more) throws IOException {
        return command(part, run, 1, more);
    }

    private List<String> command(Part part, WantedRun run, int workers, Map<String, String> more) throws IOException {
        try (WorkDir workDir = WorkDir.open(directory)) {
            return new Commands(
                            new Installation(Path.of("/opt/millrace")),
                            workDir,
                            new Ports(9000),
                            AccessToken.NONE,
                            run,
                            workers)
                    .of(part, more)
                    .command();
        }
    }

    @Test
    void theTokenStandsOnNoCommandLineAndItsDigestInAFileForAllServices() throws IOException {
        Path file = directory.resolve("my.token");
        AccessToken token = AccessToken.readOrMake(file);
        try (WorkDir workDir = WorkDir.open(directory)) {
            Commands commands =
                    new Commands(new Installation(Path.of("/opt/millrace")), workDir, new Ports(9000), token, QUICK, 1);
            for (Part service : Part.SERVICES) {
                assertThat(commands.of(service, Map.of()).command())
                        .contains("-Dmillrace.auth.tokens-file=" + directory.resolve("tokens"))
                        .noneMatch(argument -> argument.contains(read(file)));
            }
        }
        assertThat(directory.resolve("tokens"))
                .hasContent(token.digestLine().orElseThrow())
                .content()
                .doesNotContain(read(file));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theModelIsKnownBeforeTheDataSetOnlyIfThatCanBeNoOther() {
        assertThat(QUICK.model()).isEmpty();
        assertThat(run(Optional.empty(), Map.of()).model()).contains("mnist");
        assertThat(run(Optional.of("strokes"), Map.of("millrace.dataset.run.model", "digits"))
                        .model())
                .contains("digits");
    }

    private static WantedRun run(Optional<String> fallback, Map<String, String> settings) {
        return new WantedRun(
                "quick-2",
                QUICK.recipe(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "mnist",
                fallback,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                settings);
    }

    @Test
    void thePageIsToldWhereTheOtherServicesAre() throws IOException {
        assertThat(command(Part.INFERENCE))
                .contains(
                        "-Dmillrace.page.dataset=http://127.0.0.1:9001",
                        "-Dmillrace.page.trainer=http://127.0.0.1:9002",
                        "-Dmillrace.page.evaluator=http://127.0.0.1:9003");
        assertThat(command(Part.TRAINER)).noneMatch(argument -> argument.startsWith("-Dmillrace.page."));
    }

    @Test
    void whatIsKnownLaterIsToldAsWellAndASettingGivenByHandWins() throws IOException {
        assertThat(command(Part.INFERENCE, Map.of("millrace.inference.model", "strokes")))
                .contains("-Dmillrace.inference.model=strokes");
        assertThat(command(Part.TRAINER, Map.of("millrace.trainer.threads", "1")))
                .contains("-Dmillrace.trainer.threads=8")
                .doesNotContain("-Dmillrace.trainer.threads=1");
    }

    @Test
    void severalWorkersShareTheProcessorsUnlessSomebodySaysOtherwise() throws IOException {
        WantedRun plain = run(Optional.empty(), Map.of());
        int processors = Runtime.getRuntime().availableProcessors();

        assertThat(Part.all(3)).hasSize(7).doesNotHaveDuplicates().containsAll(Part.ALL);
        assertThat(command(Part.TRAINER_3, plain, 3, Map.of()))
                .contains(
                        "-Dquarkus.http.port=9005",
                        "-Dmillrace.trainer.pool.worker=trainer-service-3",
                        "-Dmillrace.trainer.threads=" + Math.max(1, processors / 3))
                .endsWith("-jar", "/opt/millrace/trainer-service/target/quarkus-app/quarkus-run.jar");
        assertThat(command(Part.TRAINER, plain, 1, Map.of()))
                .noneMatch(argument -> argument.startsWith("-Dmillrace.trainer.threads="));
        assertThat(command(Part.TRAINER_2, QUICK, 2, Map.of())).contains("-Dmillrace.trainer.threads=8");
    }

    @Test
    void datasetServiceIsToldTheRunAndOnlyWhatWasAskedFor() throws IOException {
        assertThat(command(Part.DATASET))
                .contains(
                        "-javaagent:/opt/millrace/local/target/millrace-tether.jar",
                        "-Dkafka.bootstrap.servers=127.0.0.1:9012",
                        "-Dquarkus.http.host=127.0.0.1",
                        "-Dquarkus.http.port=9001",
                        "-Dmillrace.dataset.run.enabled=true",
                        "-Dmillrace.dataset.run.id=quick-1",
                        "-Dmillrace.dataset.run.dataset=mnist",
                        "-Dmillrace.dataset.run.fallback=strokes",
                        "-Dmillrace.dataset.run.recipe={\"name\":\"quick\",\"epochs\":2}",
                        "-Dmillrace.dataset.run.network=resnet9",
                        "-Dmillrace.dataset.run.stem=cifar",
                        "-Dmillrace.dataset.run.weights=imagenet",
                        "-Dmillrace.dataset.run.seed=7",
                        "-Dmillrace.dataset.cache-dir=" + directory.resolve("cache"))
                .noneMatch(argument -> argument.startsWith("-Dmillrace.dataset.data-dir"))
                .endsWith("-jar", "/opt/millrace/dataset-service/target/quarkus-app/quarkus-run.jar");
    }

    @Test
    void aSettingGivenByHandGoesToEveryService() throws IOException {
        for (Part service : Part.SERVICES) {
            assertThat(command(service)).contains("-Dmillrace.trainer.threads=8");
        }
    }

    @Test
    void whatNetworksAreMadeOfIsSaidByTheModelInAProcessOfItsOwn() {
        String jars = "/opt/millrace/trainer-service/target/quarkus-app/";
        assertThat(ModelProgram.summary(new Installation(Path.of("/opt/millrace")))
                        .command(List.of("catalog", "1x28x28")))
                .containsSequence(
                        "-cp", jars + "lib/main/*:" + jars + "lib/boot/*:" + jars + "app/*:" + jars + "quarkus/*")
                .endsWith("io.millrace.model.graph.SummaryMain", "catalog", "1x28x28");
    }

    @Test
    void aSourceTreeWhosePathJavaWouldCutIsRefused() {
        assertThatThrownBy(() -> new Installation(Path.of("/opt/a=b")))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("/opt/a=b")
                .hasMessageContaining("Move");
    }

    @Test
    void whoReadsOrWritesCheckpointsKnowsWhereTheyAre() throws IOException {
        for (Part service : List.of(Part.TRAINER, Part.EVALUATOR, Part.INFERENCE)) {
            assertThat(command(service))
                    .contains("-Dmillrace.checkpoints.uri=file:" + directory.resolve("checkpoints"));
        }
    }

    @Test
    void checkpointsInABucketAreOneSettingGivenByHand() throws IOException {
        Map<String, String> bucket = Map.of("millrace.checkpoints.uri", "s3://pictures/runs");

        for (Part service : List.of(Part.TRAINER, Part.EVALUATOR, Part.INFERENCE)) {
            assertThat(command(service, run(Optional.empty(), bucket), Map.of()))
                    .filteredOn(argument -> argument.startsWith("-Dmillrace.checkpoints.uri="))
                    .containsExactly("-Dmillrace.checkpoints.uri=s3://pictures/runs");
        }
    }

    @Test
    void theBrokerListensOnThisMachineOnlyAndKeepsItsDataInTheWorkDirectory() throws IOException {
        String settings = command(Part.BROKER).get(command(Part.BROKER).size() - 1);

        assertThat(Files.readString(Path.of(settings)))
                .contains("listeners=PLAINTEXT\\://127.0.0.1\\:9012,CONTROLLER\\://127.0.0.1\\:9013")
                .contains("auto.create.topics.enable=false")
                .contains("log.dirs=" + directory.resolve("kafka/data"))
                .as("records fit into what every broker takes as it comes")
                .doesNotContain("max.bytes");
    }
}
