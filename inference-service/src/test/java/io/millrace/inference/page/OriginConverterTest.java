// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OriginConverterTest {
    private final OriginConverter converter = new OriginConverter();

    @Test
    void anAddressHasAHostAndPerhapsAPort() {
        assertThat(converter.convert(" http://dataset-service:8081 "))
                .isEqualTo(URI.create("http://dataset-service:8081"));
        assertThat(converter.convert("https://example.org/")).hasHost("example.org");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dataset-service:8081",
                "ftp://dataset-service",
                "http://",
                "http://a b",
                "http://host/path",
                "http://host?a=b",
                "http://user:secret@host"
            })
    void whatIsNoneIsRefused(String value) {
        assertThatThrownBy(() -> converter.convert(value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(value)
                .hasMessageContaining("it must be");
    }
}
