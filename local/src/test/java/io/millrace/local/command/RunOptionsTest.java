// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.stack.RunOrder;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
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

    private static RunOrder order(String... arguments) {
        Holder holder = new Holder();
        new CommandLine(holder).parseArgs(arguments);
        return holder.options.order(CLOCK);
    }

    @Test
    void withNoOptionItIsMnistQuicklyOrElseStrokes() {
        RunOrder order = order();

        assertThat(order.runId()).isEqualTo("quick-20260102-030405");
        assertThat(order.recipe()).isEqualTo("quick");
        assertThat(order.dataset()).isEqualTo("mnist");
        assertThat(order.fallback()).contains("strokes");
        assertThat(order.epochs()).isEmpty();
    }

    @Test
    void aDataSetThatIsAskedForHasNoSubstitute() {
        assertThat(order("--dataset", "mnist").fallback()).isEmpty();
        assertThat(order("--dataset", "strokes").dataset()).isEqualTo("strokes");
    }

    @Test
    void filesThatAreGivenAreMnistWithoutSubstitute(@TempDir Path directory) {
        RunOrder order = order("--data-dir", directory.toString());

        assertThat(order.dataset()).isEqualTo("mnist");
        assertThat(order.dataDir()).contains(directory);
        assertThat(order.fallback()).isEmpty();
    }

    @Test
    void overridesAreTakenOver() {
        RunOrder order = order(
                "--recipe", "textbook", "--epochs", "3", "--batch-size", "64", "--seed", "5", "--precision", "fp32");

        assertThat(order.recipe()).isEqualTo("textbook");
        assertThat(order.epochs()).contains(3);
        assertThat(order.batchSize()).contains(64);
        assertThat(order.seed()).contains(5L);
        assertThat(order.precision()).contains("fp32");
    }
}
