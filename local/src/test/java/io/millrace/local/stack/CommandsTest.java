// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.local.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
    private static final RunOrder QUICK = new RunOrder(
            "quick-1",
            "quick",
            "mnist",
            Optional.of("strokes"),
            Optional.empty(),
            Optional.of(2),
            Optional.empty(),
            Optional.of(7L),
            Optional.empty());

    @TempDir
    private Path directory;

    private List<String> command(Part part) throws IOException {
        try (WorkDir workDir = WorkDir.open(directory)) {
            return new Commands(
                            new Installation(Path.of("/opt/millrace")),
                            workDir,
                            new Ports(9000),
                            QUICK,
                            Map.of("millrace.trainer.threads", "8"))
                    .of(part)
                    .command();
        }
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
                        "-Dmillrace.dataset.run.epochs=2",
                        "-Dmillrace.dataset.cache-dir=" + directory.resolve("cache"))
                .noneMatch(argument -> argument.startsWith("-Dmillrace.dataset.run.batch-size"))
                .endsWith("-jar", "/opt/millrace/dataset-service/target/quarkus-app/quarkus-run.jar");
    }

    @Test
    void aSettingGivenByHandGoesToEveryService() throws IOException {
        for (Part service : Part.SERVICES) {
            assertThat(command(service)).contains("-Dmillrace.trainer.threads=8");
        }
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
            assertThat(command(service)).contains("-Dmillrace.checkpoints.dir=" + directory.resolve("checkpoints"));
        }
    }

    @Test
    void theBrokerListensOnThisMachineOnlyAndKeepsItsDataInTheWorkDirectory() throws IOException {
        String settings = command(Part.BROKER).get(command(Part.BROKER).size() - 1);

        assertThat(Files.readString(Path.of(settings)))
                .contains("listeners=PLAINTEXT\\://127.0.0.1\\:9012,CONTROLLER\\://127.0.0.1\\:9013")
                .contains("auto.create.topics.enable=false")
                .contains("message.max.bytes=16777216")
                .contains("log.dirs=" + directory.resolve("kafka/data"));
    }
}
