// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

    private static RunOrder order(String runId, long seed) {
        return new RunOrder(
                runId,
                "quick",
                "strokes",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(seed),
                Optional.empty());
    }

    private RunOrder recall(RunOrder order, Map<String, String> settings) {
        return new UnfinishedRun(directory.resolve("run")).recall(order, settings);
    }

    @Test
    void theSameOptionsGoOnWithTheSameRunHoweverOften() {
        assertThat(recall(order("quick-1", 1), NONE)).isEqualTo(order("quick-1", 1));
        assertThat(recall(order("quick-2", 1), NONE)).isEqualTo(order("quick-1", 1));
        assertThat(recall(order("quick-3", 1), NONE)).isEqualTo(order("quick-1", 1));
    }

    @Test
    void otherOptionsAreAnotherRunWhichIsRememberedFromThenOn() {
        recall(order("quick-1", 1), NONE);

        assertThat(recall(order("quick-2", 2), NONE).runId()).isEqualTo("quick-2");
        assertThat(recall(order("quick-3", 2), NONE).runId()).isEqualTo("quick-2");
        assertThat(recall(order("quick-4", 1), NONE).runId()).isEqualTo("quick-4");
    }

    @Test
    void aSettingOfTheDataIsAnotherRunAndOneOfTheMachineIsNot() {
        recall(order("quick-1", 1), NONE);

        assertThat(recall(order("quick-2", 1), Map.of("millrace.trainer.threads", "1"))
                        .runId())
                .isEqualTo("quick-1");
        assertThat(recall(order("quick-3", 1), Map.of("millrace.dataset.strokes.seed", "7"))
                        .runId())
                .isEqualTo("quick-3");
    }

    @Test
    void aRunThatHasEndedIsForgotten() throws IOException {
        recall(order("quick-1", 1), NONE);
        new UnfinishedRun(directory.resolve("run")).ended();

        assertThat(recall(order("quick-2", 1), NONE).runId()).isEqualTo("quick-2");
    }

    @Test
    void whatCannotBeReadIsNamedWithTheRemedy() throws IOException {
        Files.writeString(directory.resolve("run"), "id=\\uNONE");

        assertThatThrownBy(() -> recall(order("quick-1", 1), NONE))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining(directory.resolve("run").toString())
                .hasMessageContaining("delete it");
    }
}
