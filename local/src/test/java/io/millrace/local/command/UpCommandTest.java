// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.command;

import static org.assertj.core.api.Assertions.assertThat;

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

/** What is refused before anything is started. */
class UpCommandTest {
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    private int execute(String... arguments) {
        CommandLine line = Millrace.commandLine();
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --dataset    | imagenet | one of mnist, fashion-mnist, kmnist, cifar10, cifar100, strokes, folder
            --recipe     | slow     | one of quick, accurate, textbook, dawnbench, cifar-quick, cifar-resnet18, transfer; or a file, FILE.json
            --recipe     | /nowhere/mine.json | a file that exists and can be read
            --precision  | fp64     | one of auto, fp32, bf16
            --network    | resnet81 | the nearest is resnet18
            --weights    | weights.pth | torch.load(
            --weights    | imagnet  | the absolute path of a safetensors file
            --weights    | /nowhere.safetensors | a file that exists and can be read
            --weights    | s3://bucket/key | s3: addresses cannot be read yet
            --sha256     | abcd     | left out without --weights
            --set        | millrace.dataset.run.weights=imagenet | use --weights
            --stem       | mnist    | one of imagenet, cifar
            --set        | millrace.dataset.run.network=resnet9 | use --network
            --epochs     | 0        | a whole number from 1 to 999999999
            --epochs     | -3       | a whole number from 1 to 999999999
            --epochs     | many     | is not an int
            --batch-size | 1        | a whole number from 2 to 999999999
            --seed       | x        | is not a long
            --dataset    | folder   | given with --data-dir
            --size       | 64       | height and width in pixels, such as 64x64
            --data-dir   | /nowhere | a directory that exists
            --workers    | 0        | a whole number from 1 to 8
            --workers    | 9        | a whole number from 1 to 8
            --shards     | 0        | a whole number from 1 to 64
            --shards     | 65       | a whole number from 1 to 64
            --sync-every | 16       | given with --shards W
            --set        | millrace.dataset.run.shards=2      | use --shards
            --set        | sync.everySteps=2                  | use --sync-every
            --colour     | red      | Unknown option
            --set        | x        | KEY=VALUE
            --set        | quarkus.http.port=1                | use --port
            --set        | millrace.dataset.run.seed=2        | use --seed
            --set        | millrace.dataset.run.recipe=quick  | use --recipe
            --set        | epochs=2                           | use --epochs
            --set        | validation=0.1                     | use --validation
            --validation | 1                                  | a number from 0 to less than 1
            --validation | much                               | is not a double
            --set        | batchSize=2                        | use --batch-size
            --set        | name=quick                         | use --recipe
            --set        | seed=2                             | use --seed
            --set        | optimizer.momentum=1.5             | a number from 0 to less than 1
            --set        | optimizer.momentum=much            | a number
            --set        | schedule.kind=square               | one of
            --set        | schedule.kind=one-cylce            | the nearest is one-cycle
            --set        | accumulate=3                       | by which recipe.batchSize, 128, can be divided
            --set        | clipNorm=0                         | a number above 0
            --set        | optimiser=0.9                      | no such field
            --set        | optimizer.speed=1                  | no such field
            --set        | checkpointEverySteps=0.5           | a whole number
            --set        | .momentum=1                        | name a member of the recipe
            --set        | millrace.dataset.run.id=mine       | leave it out
            --set        | millrace.checkpoints.dir=/else     | use --work-dir
            --set        | millrace.checkpoints.uri=file:/a   | use --work-dir
            --set        | millrace.checkpoints.uri=s3:/a     | it takes s3://bucket/prefix
            --set        | millrace.checkpoints.uri=ftp://a/b | it takes s3://bucket/prefix
            --port       | 70000    | 1 to 64525
            --port       | 0        | 1 to 64525
            """)
    void aValueThatWillNotDoIsNamedWithWhatItMayBe(String option, String value, String remedy) {
        int exitCode = execute("up", option, value);

        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString())
                .contains(option)
                .contains(value)
                .contains(remedy)
                .contains("--help");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[] | a file with a JSON object",
                "{\"epochs\": 2 | it must be JSON: ",
                "{\"name\": \"mine\"} | recipe is \"mine\"; it must be one of quick, accurate, textbook",
                "{\"optimizer\": {\"kind\": \"adamw\"}} | recipe.schedule.learningRate is missing; it must be given with another optimizer",
                "{\"schedule\": {\"kind\": \"cosine\", \"minimun\": 0}} | recipe.schedule.minimun is 0; it must be left out",
                "{\"epochs\": 2, \"epochs\": 3} | Duplicate field 'epochs'"
            })
    void aRecipeInAFileThatWillNotDoIsRefusedWithTheFilesName(String json, String reason) throws IOException {
        Path file = Files.writeString(directory.resolve("mine.json"), json);

        assertThat(execute("up", "--recipe", file.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("--recipe " + file).contains(reason);
    }

    @Test
    void anOptionThatDoesNotSuitARecipeInAFileIsNamedItself() throws IOException {
        Path file = Files.writeString(directory.resolve("mine.json"), "{\"accumulate\": 4}");

        assertThat(execute("up", "--recipe", file.toString(), "--batch-size", "1"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--batch-size 1 will not do; it must be a whole number from 2");
    }

    @Test
    void roundsOfNoStepAreRefusedByTheirOption() {
        assertThat(execute("up", "--shards", "2", "--sync-every", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--sync-every 0 will not do; it must be a whole number from 1");
    }

    @Test
    void anotherOptimizerNeedsARate() {
        assertThat(execute("up", "--set", "optimizer.kind=adam")).isEqualTo(2);
        assertThat(err.toString())
                .contains("--set schedule.learningRate=... is missing; it must be given with another optimizer, 0.05 is"
                        + " for that of quick; 0.001 is usual for adam");
    }

    @Test
    void filesForADataSetThatHasNoneAreRefused() {
        assertThat(execute("up", "--dataset", "strokes", "--data-dir", directory.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("strokes has no files");
    }

    @Test
    void aWorkDirectoryOfAnEarlierVersionIsRefusedBeforeAnythingIsBuilt() throws IOException {
        Files.createDirectories(directory.resolve("kafka/data/millrace.batches.v1-0"));
        System.setProperty("millrace.rehearsal", "true");
        try {
            assertThat(execute("up", "--work-dir", directory.toString())).isEqualTo(1);
        } finally {
            System.clearProperty("millrace.rehearsal");
        }
        assertThat(err.toString())
                .contains(directory.toString())
                .contains("an earlier version")
                .contains("--work-dir");
    }

    @Test
    void aCommandThatDoesNotExistIsRefused() {
        assertThat(execute("down")).isEqualTo(2);
        assertThat(err.toString()).contains("down");
    }
}
