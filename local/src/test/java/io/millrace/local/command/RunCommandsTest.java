// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.Millrace;
import io.millrace.local.stack.FreePorts;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What is refused before, or because, no stack is asked. */
class RunCommandsTest {
    private final StringWriter err = new StringWriter();

    private int execute(List<String> arguments) {
        CommandLine line = Millrace.commandLine();
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "runs",
                "workers",
                "start",
                "start --from a-1-step-3",
                "preview",
                "tune --trials 4",
                "stop a",
                "resume a",
                "extend a --epochs 1",
                "rm a"
            })
    void withoutAStackEachSaysHowToGetOne(String command) {
        List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
        arguments.addAll(List.of("--port", Integer.toString(FreePorts.find().base())));

        assertThat(execute(arguments)).isEqualTo(1);
        assertThat(err.toString())
                .startsWith("millrace: no stack answers at http://127.0.0.1:")
                .contains("Start one with ./millrace up, or name the port of the one that runs with --port N")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            extend a --epochs 0                            | --epochs 0 will not do; it must be a whole number from 1 on
            extend a --epochs -2                           | --epochs -2 will not do; it must be a whole number from 1 on
            extend a --epochs many                         | is not an int
            extend a                                       | Missing required option: '--epochs=N'
            extend --epochs 1                              | Missing required parameter: 'RUN'
            stop                                           | Missing required parameter: 'RUN'
            stop a b                                       | Unmatched argument at index 2: 'b'
            rm ../a                                        | RUN "../a" will not do; it must be the id of a run
            resume A                                       | RUN "A" will not do; it must be the id of a run
            start --from weights.pth                       | torch.load(
            start --set millrace.trainer.threads=1         | it belongs to the stack, which runs already
            start --data-dir .                             | it belongs to the stack, which runs already
            start --epochs 0                               | a whole number from 1 to 999999999
            """)
    void whatMakesNoSenseIsNamedWithWhatItMayBe(String command, String remedy) {
        assertThat(execute(List.of(command.split(" ")))).isEqualTo(2);
        assertThat(err.toString()).contains(remedy);
    }
}
