// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.Millrace;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What {@code export} takes, and what it refuses before anything is built for it. */
class ExportCommandTest {
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    @BeforeEach
    void rehearse() {
        System.setProperty("millrace.rehearsal", "true");
    }

    @AfterEach
    void end() {
        System.clearProperty("millrace.rehearsal");
    }

    private int export(String... arguments) {
        CommandLine line = Millrace.commandLine();
        line.setErr(new PrintWriter(err, true));
        return line.execute(
                Stream.concat(Stream.of("export"), Arrays.stream(arguments)).toArray(String[]::new));
    }

    @Test
    void eachFormatWouldBeWritten() {
        for (String format : new String[] {"safetensors", "torchscript", "onnx"}) {
            String file = directory.resolve("taken." + format).toString();
            assertThat(export("run-a1-step-7", "--format", format, "-o", file))
                    .as(err.toString())
                    .isEqualTo(Rehearsal.WOULD_START);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            torchscrip | one of safetensors, torchscript, onnx | the nearest is torchscript
            onxx       | one of safetensors, torchscript, onnx | the nearest is onnx
            """)
    void anUnknownFormatIsNamedWithWhatThereIs(String format, String remedy, String more) {
        assertThat(export("run-a1-step-7", "--format", format)).isEqualTo(2);
        assertThat(err.toString()).contains("--format " + format, remedy, more);
    }

    @Test
    void aFormatIsAskedFor() {
        assertThat(export("run-a1-step-7")).isEqualTo(2);
        assertThat(err.toString()).contains("--format=FORMAT");
    }

    @Test
    void whatIsThereStaysUnlessItIsToBeReplaced() throws IOException {
        Path file = Files.writeString(directory.resolve("mine.pt"), "mine");
        String[] arguments = {"run-a1-step-7", "--format", "torchscript", "-o", file.toString()};

        assertThat(export(arguments)).isEqualTo(1);
        assertThat(err.toString()).contains(file + " exists already", "--overwrite", "-o FILE");

        String[] replacing = {"run-a1-step-7", "--format", "torchscript", "-o", file.toString(), "--overwrite"};
        assertThat(export(replacing)).isEqualTo(Rehearsal.WOULD_START);
        assertThat(file).hasContent("mine");
    }

    @Test
    void aModelCardThatIsThereStaysToo() throws IOException {
        Files.writeString(directory.resolve("new.pt.md"), "mine");

        assertThat(export(
                        "a-step-1",
                        "--format",
                        "torchscript",
                        "-o",
                        directory.resolve("new.pt").toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("new.pt.md exists already");
    }

    @Test
    void aPlaceThatCannotBeWrittenIsNamed() {
        Path nowhere = directory.resolve("nowhere");

        assertThat(export(
                        "a-step-1",
                        "--format",
                        "torchscript",
                        "-o",
                        nowhere.resolve("a.pt").toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("nothing can be written in " + nowhere, "no directory", "-o FILE");

        assertThat(export("a-step-1", "--format", "torchscript", "-o", directory.toString(), "--overwrite"))
                .isEqualTo(1);
        assertThat(err.toString()).contains(directory + " is a directory");
    }
}
