// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.StrictJson;
import io.millrace.local.Millrace;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class RecipesCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    private int execute(String... arguments) {
        CommandLine line = Millrace.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    @Test
    void allAreListedWithWhatTheyAreFor() {
        assertThat(execute("recipes")).isZero();
        assertThat(out.toString().lines()).containsAll(Recipes.NAMES);
        assertThat(out.toString()).contains("CIFAR-10 with resnet9 as in DAWNBench");
    }

    @Test
    void everyKeyOfOneIsSaidWithItsValueItsDefaultItsUnitAndItsMeaning() {
        assertThat(execute("recipes", "transfer")).isZero();
        assertThat(out.toString().lines().map(line -> line.replaceAll(" {2,}", " | ")))
                .first()
                .asString()
                .startsWith("transfer: From weights that are there");
        assertThat(out.toString().lines().map(line -> line.replaceAll(" {2,}", " | ")))
                .contains(
                        "key | value | default | unit | meaning",
                        "epochs | 10 | of the base | epochs | passes over the training split",
                        "groups.pattern | head | must be said | parameters, such as head, backbone or layer4.*",
                        "freeze.untilEpoch | 3 | never trained | epochs | in which they are not",
                        "augmentation.randomResizedCrop.scale | [0.35,1.0] | [0.08, 1] | of the picture's area |"
                                + " least and largest part that is cut out",
                        "augmentation.randomCrop.padding | - | must be said | pixels |"
                                + " on each side; a part of the former size is cut out");
    }

    @Test
    void aFileOfOnesOwnIsShownWithWhatItDiffersFrom() throws IOException {
        Path file = Files.writeString(directory.resolve("mine.json"), "{\"name\": \"accurate\", \"epochs\": 3}");

        assertThat(execute("recipes", file.toString(), "--json"))
                .as(err.toString())
                .isZero();
        assertThat(Recipes.of(StrictJson.tree(out.toString())))
                .isEqualTo(Recipes.of(StrictJson.tree("{\"name\": \"accurate\", \"epochs\": 3}")));
    }

    @Test
    void whatIsPrintedAsJsonIsAFileToBeginWith() throws JsonProcessingException {
        assertThat(execute("recipes", "dawnbench", "--json")).isZero();
        assertThat(Recipes.of(StrictJson.tree(out.toString()))).isEqualTo(Recipes.named("dawnbench"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            recipes slow          | slow: recipe is "slow"; it must be one of quick, accurate, textbook, dawnbench
            recipes nowhere.json  | nowhere.json will not do; it must be a file that exists and can be read
            recipes --json        | --json will not do; it must be given with the name of a recipe
            recipes quick quick   | Unmatched argument
            """)
    void whatMakesNoSenseIsNamedWithWhatItMayBe(String command, String remedy) {
        assertThat(execute(command.split(" "))).isEqualTo(2);
        assertThat(err.toString()).contains(remedy);
    }
}
