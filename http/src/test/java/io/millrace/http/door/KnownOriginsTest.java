// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnownOriginsTest {
    private final KnownOrigins none = new KnownOrigins(List.of());

    @ParameterizedTest
    @CsvSource({
        "http://localhost:8080,     localhost:8080, true",
        "http://LOCALHOST:8080,     localhost:8080, true",
        "http://example.org,        example.org,    true",
        "https://example.org,       example.org,    true",
        "https://example.org,       example.org:443, true",
        "http://example.org,        example.org:443, false",
        "http://[::1]:8080,         [::1]:8080,     true",
        "http://localhost:8081,     localhost:8080, false",
        "http://127.0.0.1:8080,     localhost:8080, false",
        "http://evil.example,       localhost:8080, false",
        "http://localhost:8080/x,   localhost:8080, false",
        "file://localhost:8080,     localhost:8080, false",
        "null,                      localhost:8080, false",
        "localhost:8080,            localhost:8080, false",
        "'http://a b',              localhost:8080, false",
        "'',                        localhost:8080, false",
    })
    void withoutASettingThePagesOfTheServiceAloneMay(String origin, String host, boolean allowed) {
        assertThat(none.allows(origin, host)).isEqualTo(allowed);
    }

    @Test
    void thoseThatTheSettingNamesMayToo() {
        KnownOrigins some = new KnownOrigins(List.of("https://app.example", "/https://.*\\.team\\.example/"));

        assertThat(some.allows("https://app.example", "localhost")).isTrue();
        assertThat(some.allows("https://a.team.example", "localhost")).isTrue();
        assertThat(some.allows("http://app.example", "localhost")).isFalse();
        assertThat(some.allows("https://a.team.example.evil", "localhost")).isFalse();
        assertThat(new KnownOrigins(List.of("*")).allows("null", "localhost")).isTrue();
    }
}
