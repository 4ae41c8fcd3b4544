// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.watch.DatasetContents.OfClass;
import io.millrace.local.watch.DatasetContents.Skipped;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DatasetContentsTest {
    @Test
    void whatWasFoundIsSaidInAFewLines() {
        DatasetContents contents = new DatasetContents(
                "folders of classes",
                "3x224x224",
                "640x480 to 4032x3024",
                List.of(new OfClass("cat", 80, 20), new OfClass("it's a \"dog\"", 8, 2)),
                1,
                List.of(new Skipped("cat/notes.txt", "it is no picture")),
                List.of("the classes are not balanced"));

        assertThat(contents.lines("photos"))
                .containsExactly(
                        "found photos: folders of classes, 2 classes, 88 images to train and 22 to test on, 3x224x224"
                                + " (as files 640x480 to 4032x3024)",
                        "  cat 80+20, it's a \"dog\" 8+2",
                        "  skipped 1 file:",
                        "    cat/notes.txt: it is no picture",
                        "  the classes are not balanced");
    }

    @Test
    void howeverMuchThereIs() {
        DatasetContents contents = new DatasetContents(
                "IDX files",
                "1x28x28",
                null,
                IntStream.range(0, 500)
                        .mapToObj(k -> new OfClass("c" + k, 1, 1))
                        .toList(),
                300,
                IntStream.range(0, 100)
                        .mapToObj(k -> new Skipped("f" + k, "broken"))
                        .toList(),
                List.of());

        assertThat(contents.lines("many")).hasSize(8);
        assertThat(contents.lines("many").get(1)).endsWith("c11 1+1, …");
    }
}
