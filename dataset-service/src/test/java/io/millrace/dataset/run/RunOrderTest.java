// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.contracts.Normalization;
import io.millrace.contracts.event.Dataset;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.contracts.event.RunSpec;
import io.millrace.contracts.event.Workers;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunOrderTest {
    @Test
    void everythingMayBeMissing() {
        assertThat(RunOrder.read("{}")).hasAllNullFieldsOrProperties();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"epochs\":2} | {\"recipe\": {\"name\":\"quick\",\"epochs\":2}}",
                "{\"recipe\":\"accurate\",\"learningRate\":0.1} | {\"recipe\": {\"name\":\"accurate\",\"schedule\":{\"learningRate\":0.1}}}",
                "{\"recipe\":{\"epochs\":3},\"shift\":2} | {\"recipe\": {\"name\":\"quick\",\"epochs\":3,\"augmentation\":{\"shift\":2}}}",
                "{\"schedule\":\"cosine\"} | {\"recipe\": {\"name\":\"quick\",\"schedule\":{\"kind\":\"cosine\"}}}",
                "{\"optimizer\":{\"momentum\":0}} | {\"recipe\": {\"name\":\"quick\",\"optimizer\":{\"momentum\":0}}}",
                "{\"optimizer\":\"adamw\"} | {\"recipe\": {\"name\":\"quick\",\"optimizer\":{\"kind\":\"adamw\"}}}",
                "{\"beta2\":0.98} | {\"recipe\": {\"name\":\"quick\",\"optimizer\":{\"beta2\":0.98}}}",
                "{\"clipNorm\":1} | {\"recipe\": {\"name\":\"quick\",\"clipNorm\":1}}",
                "{\"minDelta\":1} | {\"recipe\": {\"name\":\"quick\",\"earlyStopping\":{\"minDelta\":1}}}",
            })
    void anOptionOfRecipesBesideTheRecipeIsRefusedWithItsPlace(String body, String remedy) {
        assertThatExceptionOfType(RefusedFieldException.class)
                .isThrownBy(() -> RunOrder.read(body))
                .satisfies(e -> assertThat(e.remedy()).isEqualTo("part of the recipe: " + remedy));
    }

    @Test
    void aFieldThatThereIsNowhereIsRefusedWithThoseThatThereAre() {
        assertThatExceptionOfType(RefusedFieldException.class)
                .isThrownBy(() -> RunOrder.read("{\"epoch\":2}"))
                .withMessage("epoch is 2; it must be left out, there is no such field; there are dataset, model,"
                        + " network, priority, recipe, runId, seed, sha256, shards, stem, strokes, team, weights,"
                        + " workers");
    }

    @Test
    void aTeamIsOneOfThoseThatAreConfiguredAndTheRefusalNamesThem() {
        RunRules.team(RunOrder.read("{}"), List.of());
        RunRules.team(RunOrder.read("{\"team\":\"vision\"}"), List.of("vision", "speech"));

        assertThatExceptionOfType(RefusedFieldException.class)
                .isThrownBy(() -> RunRules.team(RunOrder.read("{\"team\":\"vison\"}"), List.of("vision", "speech")))
                .withMessage("team is \"vison\"; it must be one of speech, vision, or left out");
        assertThatExceptionOfType(RefusedFieldException.class)
                .isThrownBy(() -> RunRules.team(RunOrder.read("{\"team\":\"vision\"}"), List.of()))
                .withMessage("team is \"vision\"; it must be left out: no teams are configured"
                        + " (millrace.teams.<name>.weight)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"workers\":{\"max\":0}} | workers.max is 0; it must be a whole number from 1 to 999999999",
                "{\"workers\":{\"most\":2}} | workers.most is 2; it must be left out, there is no such field; there are max",
            })
    void aBoundOnTheWorkersIsAWholeNumberFrom1On(String body, String message) {
        assertThat(RunOrder.read("{\"workers\":{\"max\":2}}").workers()).isEqualTo(new Workers(2));
        assertThatExceptionOfType(RefusedFieldException.class)
                .isThrownBy(() -> RunOrder.read(body))
                .withMessage(message);
    }

    @Test
    void aChangeOfPriorityNamesOne() {
        assertThat(RunPriority.read("{\"priority\":-3}")).isEqualTo(new RunPriority(-3));
        assertThatExceptionOfType(RefusedFieldException.class)
                .isThrownBy(() -> RunPriority.read("{}"))
                .withMessageContaining("priority is missing; it must be a whole number");
    }

    @Test
    void anOrderThatComesFirstHasAPriorityAboveThoseThatWaitUnlessItSaysOne() {
        Dataset data = new Dataset(
                "data", "digest", 100, 10, 1, 28, 28, List.of("a", "b"), new Normalization(List.of(1f), List.of(0f)));
        String small = "{\"priority\":%d,\"recipe\":{\"batchSize\":10}}";
        List<RunSpec> waiting = List.of(
                RunSpecs.ordered("a", Instant.EPOCH, small.formatted(4), data),
                RunSpecs.ordered("b", Instant.EPOCH, small.formatted(-2), data));
        RunOrder order = RunOrder.read("{\"seed\":3}");

        assertThat(order.before(List.of())).isEqualTo(order);
        assertThat(order.before(waiting)).isEqualTo(RunOrder.read("{\"seed\":3,\"priority\":5}"));
        assertThat(order.before(waiting.subList(1, 2)).priority()).isZero();
        RunOrder urgent = RunOrder.read("{\"priority\":1}");
        assertThat(urgent.before(waiting)).isEqualTo(urgent);
    }
}
