// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonFaultTest {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    record Order(String name, Integer epochs, List<Inner> parts) {}

    record Inner(Boolean on) {}

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"epochs": "many"}        | the member "epochs" has to be a number
            {"epochs": {}}            | the member "epochs" has to be a number
            {"name": []}              | the member "name" has to be a string
            {"parts": [{"on": "no"}]} | the member "parts.0.on" has to be true or false
            {"parts": 3}              | the member "parts" has to be a list
            {"nam": 3}                | there is no member "nam"; there are epochs, name, parts
            [1]                       | the body has to be an object
            7                         | the body has to be an object
            {} {}                     | the body
            {"epochs": NaN}           | not valid JSON
            {"epochs": 01}            | not valid JSON
            {'epochs': 1}             | not valid JSON
            {"epochs": 1,}            | not valid JSON
            {"epochs": nul}           | not valid JSON
            {"name": "a\tb"}          | not valid JSON
            {"epochs"                 | not valid JSON
            """)
    void isSaidInWordsOfTheWriterAndNotOfTheParser(String json, String said) {
        JacksonException fault = catchThrowableOfType(JacksonException.class, () -> JSON.readValue(json, Order.class));

        assertThat(JsonFault.of(fault)).contains(said).doesNotContain("Feature", "io.millrace", "java.", "jackson");
    }
}
