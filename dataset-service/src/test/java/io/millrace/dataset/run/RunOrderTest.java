// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.contracts.event.RefusedFieldException;
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
                        + " network, priority, recipe, runId, seed, sha256, shards, stem, strokes, weights");
    }
}
