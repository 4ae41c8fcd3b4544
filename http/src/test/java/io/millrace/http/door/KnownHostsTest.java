// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KnownHostsTest {
    private final KnownHosts hosts = new KnownHosts(List.of("Inference", "*.example.org"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "LocalHost:8080",
                "localhost.",
                "127.0.0.1:8080",
                "10.1.2.3",
                "[::1]:8080",
                "[fe80::1%25eth0]",
                "inference:80",
                "inference.",
                "a.example.org",
                "a.b.example.org:443"
            })
    void namesThatAreSaidAndAddressesAreKnown(String host) {
        assertThat(hosts.knows(host)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "example.org",
                "evilexample.org",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "evil.example:127.0.0.1",
                "",
                ":8080",
                "localhost@evil.example",
                "[evil.example]",
                "1.2.3.4.5"
            })
    void everyOtherNameIsNot(String host) {
        assertThat(hosts.knows(host)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://example.org", "example.org:8080", "example.org/path", "*", "a.*.org", "a b"})
    void whatIsNoNameIsRefusedByIt(String name) {
        assertThatThrownBy(() -> new KnownHosts(List.of(name)))
                .hasMessageContaining("millrace.http.hosts=" + name)
                .hasMessageContaining("inference.example.org");
    }
}
