// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.Millrace;
import io.millrace.local.stack.FreePorts;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What is refused before a stack is asked, or because there is none. */
class ReportCommandTest {
    @TempDir
    private Path directory;

    private final StringWriter err = new StringWriter();

    private int execute(String... arguments) {
        CommandLine line = Millrace.commandLine();
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    @Test
    void aFileThatIsThereIsNotReplacedUnlessAskedFor() throws Exception {
        Path file = Files.writeString(directory.resolve("r.html"), "mine");
        String port = Integer.toString(FreePorts.find().base());

        assertThat(execute("report", "a", "--html", file.toString(), "--port", port))
                .isEqualTo(1);
        assertThat(err.toString()).contains("r.html exists already. --overwrite replaces it");
        assertThat(execute("report", "a", "--html", file.toString(), "--overwrite", "--port", port))
                .isEqualTo(1);
        assertThat(err.toString()).contains("no stack answers at http://127.0.0.1:");
        assertThat(file).hasContent("mine");
    }

    @Test
    void whatCannotBeWrittenIsRefusedBeforeTheWork() {
        assertThat(execute("report", "a", "--html", directory.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("is a directory; name a file");
        assertThat(execute(
                        "report", "a", "--html", directory.resolve("no/r.html").toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("Name a file in a directory that exists and is writable");
    }

    @Test
    void howManyMistakesIsOutOfRange() {
        assertThat(execute("report", "a", "--mistakes", "201")).isEqualTo(2);
        assertThat(err.toString()).contains("--mistakes 201 will not do; it must be a whole number from 0 to 200");
    }
}
