// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.insight;

import static io.millrace.evaluator.Fixtures.NOON;
import static io.millrace.evaluator.Fixtures.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.event.EvaluationCompleted;
import io.millrace.contracts.event.EvaluationCompleted.ClassScore;
import io.millrace.evaluator.insight.ConfusionPlot.Theme;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfusionPlotTest {
    private static EvaluationCompleted evaluation(List<List<Integer>> matrix) {
        List<ClassScore> classes = IntStream.range(0, matrix.size())
                .mapToObj(k -> new ClassScore("class number " + k, 1, 1, 1, 10))
                .toList();
        return new EvaluationCompleted(
                checkpoint("run-1", 5),
                "m",
                "d",
                null,
                null,
                5,
                1,
                true,
                20,
                0.5,
                1,
                0,
                classes,
                matrix,
                0.1,
                null,
                NOON);
    }

    private static BufferedImage drawn(EvaluationCompleted evaluation, Theme theme) throws Exception {
        return ImageIO.read(new ByteArrayInputStream(ConfusionPlot.png(evaluation, theme)));
    }

    private static long pixels(BufferedImage image, Color colour) {
        return IntStream.range(0, image.getWidth() * image.getHeight())
                .filter(k -> image.getRGB(k % image.getWidth(), k / image.getWidth()) == colour.getRGB())
                .count();
    }

    @Test
    void whatIsWhollyOfOneColourIsAllOfARow() throws Exception {
        // Given all of the first class right, all of the second wrong: one column is dark, the other light
        BufferedImage image = drawn(evaluation(List.of(List.of(10, 0), List.of(10, 0))), Theme.LIGHT);

        long most = pixels(image, new Color(0x0b4a8f));
        long least = pixels(image, new Color(0xf3f6fb));
        assertThat(most).isGreaterThan(20_000);
        assertThat((double) most / least).isBetween(0.8, 1.2);
        assertThat(image.getRGB(2, 2)).isEqualTo(Color.WHITE.getRGB());
    }

    @Test
    void itCanStandOnADarkGround() throws Exception {
        BufferedImage image = drawn(evaluation(List.of(List.of(10, 0), List.of(0, 10))), Theme.DARK);

        assertThat(image.getRGB(2, 2)).isEqualTo(new Color(0x0d1117).getRGB());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 25, 300})
    void anyNumberOfClassesHasAPictureOfASizeToLookAt(int classes) throws Exception {
        List<Integer> row = Stream.generate(() -> 1).limit(classes).toList();

        BufferedImage image =
                drawn(evaluation(Stream.generate(() -> row).limit(classes).toList()), Theme.LIGHT);

        assertThat(image.getWidth()).isBetween(1000, 2300);
    }
}
