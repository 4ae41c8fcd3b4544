// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.local.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnfinishedRunTest {
    private static final Map<String, String> NONE = Map.of();

    @TempDir
    private Path directory;

    private static WantedRun run(String runId, long seed, Map<String, String> settings) {
        return new WantedRun(
                runId,
                JsonNodeFactory.instance.objectNode().put("name", "quick"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "strokes",
                Optional.empty(),
                Optional.empty(),
                Optional.of(seed),
                Optional.empty(),
                settings);
    }

    private static WantedRun run(String runId, long seed) {
        return run(runId, seed, NONE);
    }

    private WantedRun recall(WantedRun run) {
        return new UnfinishedRun(directory.resolve("run")).recall(run);
    }

    @Test
    void theSameOptionsGoOnWithTheSameRunHoweverOften() {
        assertThat(recall(run("quick-1", 1))).isEqualTo(run("quick-1", 1));
        assertThat(recall(run("quick-2", 1))).isEqualTo(run("quick-1", 1));
        assertThat(recall(run("quick-3", 1))).isEqualTo(run("quick-1", 1));
    }

    @Test
    void otherOptionsAreAnotherRunWhichIsRememberedFromThenOn() {
        recall(run("quick-1", 1));

        assertThat(recall(run("quick-2", 2)).runId()).isEqualTo("quick-2");
        assertThat(recall(run("quick-3", 2)).runId()).isEqualTo("quick-2");
        assertThat(recall(run("quick-4", 1)).runId()).isEqualTo("quick-4");
    }

    @Test
    void whatIsNotAskedForAnyMoreIsRememberedUntilItIsStopped() throws IOException {
        UnfinishedRun unfinished = new UnfinishedRun(directory.resolve("run"));
        recall(run("quick-1", 1));
        assertThat(unfinished.former()).isEmpty();
        recall(run("quick-2", 2));
        recall(run("quick-3", 3));
        assertThat(unfinished.former()).containsExactly("quick-1", "quick-2");
        assertThat(recall(run("quick-4", 3)).runId()).isEqualTo("quick-3");

        unfinished.stopped("quick-1");
        assertThat(unfinished.former()).containsExactly("quick-2");
        unfinished.ended();
        assertThat(unfinished.former()).containsExactly("quick-2");
        assertThat(recall(run("quick-5", 3)).runId()).isEqualTo("quick-5");
        assertThat(unfinished.former()).containsExactly("quick-2");
        unfinished.stopped("quick-2");
        assertThat(unfinished.former()).isEmpty();
    }

    @Test
    void aSettingOfTheDataIsAnotherRunAndOneOfTheMachineIsNot() {
        recall(run("quick-1", 1));

        assertThat(recall(run("quick-2", 1, Map.of("millrace.trainer.threads", "1")))
                        .runId())
                .isEqualTo("quick-1");
        assertThat(recall(run("quick-3", 1, Map.of("millrace.dataset.strokes.seed", "7")))
                        .runId())
                .isEqualTo("quick-3");
    }

    @Test
    void aRunThatHasEndedIsForgotten() throws IOException {
        recall(run("quick-1", 1));
        new UnfinishedRun(directory.resolve("run")).ended();

        assertThat(recall(run("quick-2", 1)).runId()).isEqualTo("quick-2");
    }

    @Test
    void whatCannotBeReadIsNamedWithTheRemedy() throws IOException {
        Files.writeString(directory.resolve("run"), "id=\\uNONE");

        assertThatThrownBy(() -> recall(run("quick-1", 1)))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining(directory.resolve("run").toString())
                .hasMessageContaining("delete it");
    }
}
