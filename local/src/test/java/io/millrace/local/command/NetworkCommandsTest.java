// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.Millrace;
import io.millrace.local.stack.WantedRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** What {@code networks} and {@code summary} take, and what they refuse before anything is built for them. */
class NetworkCommandsTest {
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

    private int execute(String... arguments) {
        CommandLine line = Millrace.commandLine();
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "networks",
                "networks --shape 3x32x32 --classes 100 --batch-size 16 --stem cifar",
                "summary",
                "summary resnet50 --shape 3x64x64",
                "summary --network resnet9-lightning",
            })
    void whatCanBeShownWouldBe(String command) {
        assertThat(execute(command.split(" "))).as(err.toString()).isEqualTo(Rehearsal.WOULD_START);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            networks --shape 28x28                | --shape 28x28      | such as 1x28x28
            networks --classes 1                  | --classes 1        | from 2 to 65536
            networks --batch-size 0               | --batch-size 0     | from 1 to 1000000
            networks --stem mnist                 | --stem mnist       | one of imagenet, cifar
            networks resnet18                     | resnet18           | --help
            summary resnet81                      | network resnet81   | the nearest is resnet18; or a file, FILE.json
            summary resnet18 --network resnet9    | --network resnet9  | left out beside resnet18
            summary resnet9 --stem imagenet       | network resnet9    | with the stem cifar it takes these
            summary nowhere.json                  | network nowhere.json | a file that exists
            """)
    void whatCannotIsNamedWithWhatItMayBe(String command, String value, String remedy) {
        assertThat(execute(command.split(" "))).isEqualTo(2);
        assertThat(err.toString()).contains(value).contains(remedy);
    }

    @Test
    void aNetworkOfOnesOwnIsAFileAndCalledLikeIt() throws IOException {
        String file = file("wide.json", "{\"block\": \"basic\", \"depths\": [1], \"widths\": [256]}");

        assertThat(execute("summary", file)).as(err.toString()).isEqualTo(Rehearsal.WOULD_START);
        assertThat(wanted("--network", file, "--stem", "cifar"))
                .isEqualTo("{\"block\":\"basic\",\"depths\":[1],\"widths\":[256],\"name\":\"wide\"} cifar");
        assertThat(wanted("--network", "resnet50")).isEqualTo("resnet50 ");
        assertThat(wanted()).isEqualTo(" ");
        assertThat(wanted("--network", file("resnet18.json", "{\"block\": \"basic\", \"depths\": [1]}")))
                .as("a known name is no name for another network")
                .doesNotContain("name");
    }

    private String file(String name, String json) throws IOException {
        return Files.writeString(directory.resolve(name), json).toString();
    }

    /** Network and stem as dataset-service is told them. */
    private static String wanted(String... arguments) {
        RunOptions options = new RunOptions();
        CommandLine line =
                new CommandLine(CommandSpec.create().addMixin("run", CommandSpec.forAnnotatedObject(options)));
        line.parseArgs(arguments);
        WantedRun run = options.wanted(Clock.systemUTC());
        return run.network().orElse("") + " " + run.stem().orElse("");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"block": "basic", "depth": [1]}   | the nearest is depths
            {"block": "basic", "depths": [0]}  | network.depths is 0; it must be a whole number from 1
            {"block": "basic", "depths": [1    | JSON
            [1]                                | an object with block
            """)
    void aFileThatWillNotDoIsNamedWithItsField(String json, String remedy) throws IOException {
        String file = file("mine.json", json);
        for (String[] command : new String[][] {{"summary", file}, {"up", "--network", file}}) {
            assertThat(execute(command)).isEqualTo(2);
            assertThat(err.toString()).contains(file).contains(remedy);
        }
    }
}
