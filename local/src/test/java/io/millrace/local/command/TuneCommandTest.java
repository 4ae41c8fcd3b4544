// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.Millrace;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
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
                .contains("validation");
    }
}
