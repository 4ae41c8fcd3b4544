// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import static org.awaitility.Awaitility.await;

import io.millrace.inference.registry.FakeModels;
import io.millrace.inference.registry.ModelRegistry;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The page of a service that wants a token. */
@QuarkusTest
@TestProfile(TokenIT.Guarded.class)
class TokenIT {
    private static final String SECRET = "a-token-that-is-long-enough-to-be-one";

    @Inject
    ModelRegistry registry;

    @TestHTTPResource("/")
    String uri;

    /** With one token, and a broker that never answers. */
    public static final class Guarded implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "quarkus.http.test-port", "0",
                    "kafka.bootstrap.servers", "127.0.0.1:1",
                    "millrace.auth.tokens",
                            "somebody read,classify,operate 3b7c0ae76955bfa0443fdd9a307dc818d20bbace1c4244e453a2598e46def1bd");
        }
    }

    @Test
    void aTokenIsAskedForAndAWrongOneIsSaidToBe() {
        registry.serve(FakeModels.served("run-1-step-7", FakeModels.firstPixel()));
        try (Browser browser = new Browser(uri)) {
            // Given
            browser.awaitText("#token", "This service wants a token");

            // When
            browser.find("#token-value").sendKeys("a-wrong-one");
            browser.find("#token button").click();

            // Then
            browser.awaitText("#token", "The token was refused");

            // When
            browser.find("#token-value").clear();
            browser.find("#token-value").sendKeys(SECRET);
            browser.find("#token button").click();

            // Then
            browser.awaitText("#served", "run-1-step-7");
            await().until(() -> !browser.find("#token").isDisplayed());
        }
    }
}
