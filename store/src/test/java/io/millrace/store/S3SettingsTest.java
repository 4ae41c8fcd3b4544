// SPDX-License-Identifier: Apache-2.0
package io.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3SettingsTest {
    /** Settings as somebody writes them. */
    private record Written(
            Optional<String> endpoint, Optional<String> region, Optional<Boolean> pathStyle, Duration requestTimeout)
            implements StoreConfig.S3 {}

    @Test
    void anEndpointHasItsBucketsInThePathUnlessItIsSaidOtherwise() {
        Optional<String> endpoint = Optional.of("https://s3.example.org:9000");
        Duration timeout = Duration.ofSeconds(9);

        assertThat(S3Settings.of(new Written(endpoint, Optional.of("eu-west-1"), Optional.empty(), timeout)))
                .isEqualTo(new S3Settings(
                        Optional.of(URI.create("https://s3.example.org:9000")),
                        Optional.of("eu-west-1"),
                        true,
                        timeout));
        assertThat(S3Settings.of(new Written(endpoint, Optional.empty(), Optional.of(false), timeout))
                        .pathStyle())
                .isFalse();
        assertThat(S3Settings.of(new Written(Optional.empty(), Optional.empty(), Optional.empty(), timeout))
                        .pathStyle())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "s3.example.org:9000, eu-west-1, PT1S, endpoint, s3.example.org:9000",
        "ftp://s3.example.org, eu-west-1, PT1S, endpoint, ftp://s3.example.org",
        "http:///a, eu-west-1, PT1S, endpoint, http:///a",
        "'http://a b', eu-west-1, PT1S, endpoint, http://a b",
        "http://a, eu west, PT1S, region, eu west",
        "http://a, eu-west-1, PT0S, request-timeout, PT0S",
        "http://a, eu-west-1, PT-1S, request-timeout, PT-1S"
    })
    void whatMakesNoSenseIsRefusedByKeyAndValue(
            String endpoint, String region, Duration timeout, String key, String value) {
        Written written = new Written(Optional.of(endpoint), Optional.of(region), Optional.empty(), timeout);

        assertThatThrownBy(() -> S3Settings.of(written))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("millrace.checkpoints.s3." + key, "\"" + value + "\"", "; it must be");
    }
}
