// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.local.Millrace;
import io.millrace.local.Refusal;
import io.millrace.local.tune.Search.Stopped;
import io.millrace.local.tune.SearchStandIn;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What is refused before a stack is asked. */
class TuneCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int execute(String arguments) {
        CommandLine line = Millrace.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        List<String> all = new ArrayList<>(List.of("tune"));
        all.addAll(List.of(arguments.split(" ")));
        return line.execute(all.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --dataset mnist                                   | Missing required option: '--trials=N'
            --trials 1                                        | --trials 1 will not do; it must be at least 2
            --trials 2                                        | --trials 2 will not do; it must be at least --eta, which is 3
            --trials 9 --epochs 2                             | --epochs 2 will not do; it must be at least --eta, which is 3
            --trials 9 --epochs 9 --rungs 4                   | --rungs 4 will not do; it must be a whole number from 2 to 3
            --trials 1001                                     | --trials 1001 will not do; it must be at most 1000
            --trials 9 --rate 1e999                           | --rate 1e999 will not do; it must be of numbers that can be computed with
            --trials 9 --rate 1e-300:1e300                    | --rate 1.0E-300:1.0E300 will not do; it must be narrower
            --trials 9 --decay 0.1:1e999                      | --decay 0.1:1e999 will not do
            --trials 9 --recipe accurate --augmentation 0:101 | --augmentation 0.0:101.0 will not do; it must be of numbers from 0 to 100
            --trials 9 --rate 0.3:0.003                       | --rate 0.3:0.003 will not do; it must be a range from the least
            --trials 9 --rate 0:1                             | --rate 0.0:1.0 will not do; it must be of numbers above 0
            --trials 9 --rate 0                               | --rate: recipe.schedule.learningRate
            --trials 9 --decay 0.1:3                          | --decay: recipe.optimizer.weightDecay
            --trials 9 --augmentation 0:1                     | --augmentation 0:1 will not do; it must be left out: recipe quick
            --trials 9 --recipe accurate --augmentation 2:0   | --augmentation 2:0 will not do
            --trials 9 --set earlyStopping.patience=2         | with earlyStopping will not do; it must be without
            --trials 9 --name Mine                            | --name Mine will not do; it must be lower-case letters
            --trials 9 --out mine.txt                         | --out mine.txt will not do; it must be the name of a file that ends with .json
            --trials 9 --out nowhere/mine.json                | --out nowhere/mine.json will not do; it must be a file in a directory
            --trials 9 --dataset minst                        | --dataset minst will not do
            --trials 9 --data-dir .                           | it belongs to the stack, which runs already
            """)
    void whatMakesNoSenseIsNamedWithWhatItMayBe(String arguments, String remedy) {
        assertThat(execute(arguments)).as(err.toString()).isEqualTo(2);
        assertThat(err.toString()).contains(remedy);
    }

    @Test
    void theHelpSaysWhatIsSearchedAndByWhat() {
        assertThat(execute("--help")).isZero();
        assertThat(out.toString())
                .contains("--trials", "--rate=LOW:HIGH", "--decay=LOW:HIGH", "--augmentation=LOW:HIGH", "--name=NAME")
                .contains("validation", "may serve trials meanwhile");
    }

    @Test
    void anErrorStopsTheTrialsAndSaysWhich() {
        TuneCommand tune = tune();
        SearchStandIn begun = new SearchStandIn();
        begun.refuse("s-4");

        assertThatThrownBy(() -> tune.run(begun.search(), "s", Path.of("s.json")))
                .isInstanceOf(Refusal.class)
                .hasMessage("this token is for reading");

        assertThat(begun.stopped()).containsExactly("s-1", "s-2", "s-3");
        assertThat(out.toString()).contains("stopped    search s: s-1, s-2, s-3 wait where they are");
    }

    private TuneCommand tune() {
        CommandLine line = Millrace.commandLine();
        line.setOut(new PrintWriter(out, true));
        return (TuneCommand) line.getSubcommands().get("tune").getCommand();
    }

    @Test
    void whatCouldNotBeStoppedIsNamedWithReasonAndRemedy() {
        assertThat(TuneCommand.left("s", new Stopped(List.of("s-1"), Map.of("s-2", "no answer"))))
                .satisfiesExactly(
                        first -> assertThat(first).startsWith("stopped    search s: s-1 wait"),
                        second -> assertThat(second)
                                .startsWith("NOT stopped  s-2, which may go on: no answer")
                                .endsWith("./millrace stop RUN stops one"));
        assertThat(TuneCommand.left("s", new Stopped(List.of(), Map.of("s-2", "no answer"))))
                .singleElement()
                .asString()
                .startsWith("NOT stopped");
        assertThat(TuneCommand.left("s", new Stopped(List.of(), Map.of())))
                .singleElement()
                .asString()
                .contains("none of its trials was being trained");
    }
}
