// SPDX-License-Identifier: Apache-2.0
package io.millrace.model.schedule;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.contracts.Normalization;
import io.millrace.contracts.batch.ImageBatch.Encoding;
import io.millrace.contracts.event.Augmentation;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.EventCodec;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Optimizer;
import io.millrace.contracts.event.Precision;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.Recipes;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Schedule;
import io.millrace.contracts.event.Schedule.Anneal;
import io.millrace.contracts.event.Schedule.Constant;
import io.millrace.contracts.event.Schedule.Cosine;
import io.millrace.contracts.event.Schedule.MultiStep;
import io.millrace.contracts.event.Schedule.OneCycle;
import io.millrace.contracts.event.Schedule.Plateau;
import io.millrace.contracts.event.Schedule.Triangle;
import io.millrace.contracts.event.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
    private static JsonNode fixture;

    @BeforeAll
    static void read() throws IOException {
        try (InputStream in = LearningRateScheduleTest.class.getResourceAsStream("/io/millrace/model/schedules.json")) {
            fixture = new ObjectMapper().readTree(in);
        }
    }

    /** {@code schedules.json} was written by {@code schedules.py}. */
    @Test
    void theyAreTorchsToTheDigit() {
        int perEpoch = fixture.path("stepsPerEpoch").asInt();
        int steps = fixture.path("epochs").asInt() * perEpoch;
        for (JsonNode expected : fixture.path("cases")) {
            Schedule schedule = StrictJson.read(expected.path("schedule"), Schedule.class, "");
            LearningRateSchedule rates = LearningRateSchedule.of(schedule, steps, perEpoch);
            for (int step = 0; step < steps; step++) {
                double rate = expected.path("rates").get(step).asDouble();
                assertThat(rates.at(step)).as("%s, step %d", schedule, step).isCloseTo(rate, within(1e-14));
            }
        }
        assertThat(fixture.path("cases")).hasSize(12);
    }

    @Test
    void aPlateauIsTorchs() {
        for (JsonNode expected : fixture.path("plateaus")) {
            Plateau plateau = (Plateau) StrictJson.read(expected.path("schedule"), Schedule.class, "");
            PlateauState state = PlateauState.first(plateau);
            for (int k = 0; k < expected.path("losses").size(); k++) {
                state = state.after(expected.path("losses").get(k).asDouble(), plateau);
                assertThat(state.learningRate())
                        .as("%s after %d", plateau, k + 1)
                        .isCloseTo(expected.path("rates").get(k).asDouble(), within(1e-16));
            }
            assertThat(state.learningRate()).isLessThan(0.1);
        }
        assertThat(fixture.path("plateaus")).hasSize(5);
    }

    @Test
    void aLossThatIsNoNumberIsNoImprovement() {
        Plateau plateau = new Plateau(1, 0, 0.5, 0, null, null, null, null, null);

        assertThat(PlateauState.first(plateau).after(Double.NaN, plateau).learningRate())
                .isEqualTo(0.5);
    }

    @Test
    void aWarmUpLeadsToWhatTheScheduleHasThen() {
        assertThat(rates(new MultiStep(8, 0.5, List.of(1, 2), 0.5), 6)).containsExactly(2, 4, 3, 4, 2, 2);
        assertThat(rates(new Plateau(8, 0.5, null, null, null, null, null, null, null), 6))
                .containsExactly(2, 4, 6, 8, 8, 8);
    }

    /** Torch divides by zero there. */
    @Test
    void aRiseOfOneStepIsThePeak() {
        assertThat(rates(new OneCycle(1, 0.1, Anneal.LINEAR, 10.0, 10.0, false), 10))
                .containsExactly(new double[] {1, 0.89, 0.78, 0.67, 0.56, 0.45, 0.34, 0.23, 0.12, 0.01}, within(1e-14));
    }

    private static double[] rates(Schedule schedule, int steps) {
        LearningRateSchedule rates = LearningRateSchedule.of(schedule, steps, 2);
        return IntStream.range(0, steps).mapToDouble(rates::at).toArray();
    }

    @Test
    void constantStaysWhereItIs() {
        assertThat(rates(new Constant(0.01, 0), 4)).containsExactly(0.01, 0.01, 0.01, 0.01);
    }

    @Test
    void warmUpRisesOnALineToThePeak() {
        assertThat(rates(new Constant(8, 0.5), 6)).containsExactly(2, 4, 6, 8, 8, 8);
    }

    @Test
    void aTriangleFallsOnALineToNothing() {
        assertThat(rates(new Triangle(8, 0.25), 4))
                .containsExactly(new double[] {4, 8, 16 / 3.0, 8 / 3.0}, within(1e-12));
    }

    /** The recipes that had it under another name must train the same weights, bit for bit. */
    @Test
    void aTriangleIsWhatItWasBeforeItHadThisName() {
        int steps = 4680;
        long warmUp = Math.min(steps - 1, Math.round(0.25 * steps));
        double[] rates = rates(Recipes.named("accurate").schedule(), steps);

        for (int step = 0; step < steps; step++) {
            double progress = (double) (step - warmUp) / (steps - warmUp);
            assertThat(rates[step]).isEqualTo(step < warmUp ? 0.05 * (step + 1) / (warmUp + 1) : 0.05 * (1 - progress));
        }
    }

    @Test
    void cosineFallsAsHalfACosine() {
        double[] expected = {1, (1 + Math.sqrt(0.5)) / 2, 0.5, (1 - Math.sqrt(0.5)) / 2};
        assertThat(rates(new Cosine(1, 0, 0.0), 4)).containsExactly(expected, within(1e-12));
    }

    @Test
    void aRunOfOneStepHasThePeak() {
        for (Schedule schedule : List.of(new Constant(0.5, 0.9), new Triangle(0.5, 0.9), new Cosine(0.5, 0.9, 0.1))) {
            assertThat(rates(schedule, 1)).containsExactly(0.5);
        }
    }

    @Test
    void aRunHasSteps() {
        assertThatThrownBy(() -> LearningRateSchedule.of(new Constant(1, 0), 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 1 step");
    }

    @Test
    void stepsOutsideTheRunAreRefused() {
        LearningRateSchedule schedule = LearningRateSchedule.of(new Cosine(1, 0, 0.0), 10, 5);
        assertThatThrownBy(() -> schedule.at(10)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> schedule.at(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Two epochs, one more, and two more, of two steps each: those that span the run do so again, the others go on. */
    @Test
    void whatSpansTheRunBeginsAgainWithWhatIsAdded() {
        for (Schedule spanning : List.of(
                new Cosine(1, 0.5, 0.0),
                new Triangle(1, 0.25),
                new OneCycle(1, null, null, null, null, null),
                new Schedule.Linear(1, 0.1, 1.0, 2))) {
            assertThat(extended(spanning, 2, 1, 2))
                    .as("%s", spanning)
                    .containsExactly(Stream.of(rates(spanning, 4), rates(spanning, 2), rates(spanning, 4))
                            .flatMapToDouble(DoubleStream::of)
                            .toArray());
        }
        MultiStep falling = new MultiStep(8, 0.5, List.of(1, 3), 0.5);
        assertThat(extended(falling, 2, 1, 1))
                .containsExactly(8 / 3.0, 16 / 3.0, 4, 4, 4, 4, 2, 2)
                .startsWith(rates(falling, 4));
        assertThat(extended(new Constant(8, 0.5), 2, 1)).containsExactly(8 / 3.0, 16 / 3.0, 8, 8, 8, 8);
    }

    @Test
    void whereTheRecipeScalesItTheRateIsThatOfTheShardsTogether() throws IOException {
        RunSpec run = run(new Constant(2, 0.5), 2);
        ObjectNode json = (ObjectNode) new ObjectMapper().readTree(EventCodec.encode(run));
        json.put("shards", 4);
        ((ObjectNode) json.get("recipe")).put("scaleLearningRate", true);

        RunSpec scaled = EventCodec.decode(json.toString().getBytes(UTF_8), RunSpec.class);

        for (long step = 0; step < run.steps(); step++) {
            assertThat(LearningRateSchedule.of(scaled).at(step))
                    .isEqualTo(4 * LearningRateSchedule.of(run).at(step));
        }
    }

    private static double[] extended(Schedule schedule, int... spans) {
        RunSpec run = run(schedule, spans[0]);
        for (int k = 1; k < spans.length; k++) {
            run = run.withExtension(spans[k]);
        }
        long steps = run.steps();
        LearningRateSchedule rates = LearningRateSchedule.of(run);
        assertThatThrownBy(() -> rates.at(steps)).isInstanceOf(IllegalArgumentException.class);
        return LongStream.range(0, steps).mapToDouble(rates::at).toArray();
    }

    private static RunSpec run(Schedule schedule, int epochs) {
        return new RunSpec(
                "extended",
                Instant.EPOCH,
                "test",
                new Dataset(
                        "test",
                        "ab",
                        8,
                        4,
                        1,
                        8,
                        8,
                        List.of("a", "b"),
                        Normalization.ofMeanStd(List.of(0.5), List.of(1.0))),
                new Network("resnet18", Network.Stem.IMAGENET, 1, 2),
                new Recipe(
                        "test",
                        "for tests",
                        epochs,
                        4,
                        new Optimizer.Sgd(0.9, true, 0),
                        schedule,
                        0,
                        Augmentation.NONE,
                        Precision.FP32,
                        false,
                        0),
                1,
                1,
                2,
                Encoding.UINT8,
                0);
    }
}
