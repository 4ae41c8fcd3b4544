// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MirrorConverterTest {
    @Test
    void addressesOfTheWebAreMirrors() {
        assertThat(Configs.of(Map.of("mirrors", "https://a.example/mnist/, http://b.example"))
                        .mirrors())
                .containsExactly(URI.create("https://a.example/mnist/"), URI.create("http://b.example"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///tmp/mnist/", "ftp://a.example/", "mnist/", "https:///mnist", "http://a b"})
    void anythingElseIsRefusedNamingKeyAndValue(String mirror) {
        assertThatThrownBy(() -> Configs.of(Map.of("mirrors", "https://a.example/," + mirror)))
                .hasMessageContainingAll("millrace.dataset.mirrors", mirror);
    }
}
