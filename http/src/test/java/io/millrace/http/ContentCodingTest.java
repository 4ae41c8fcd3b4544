// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.vertx.http.runtime.ServerLimitsConfig;
import io.quarkus.vertx.http.runtime.VertxHttpConfig;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentCodingTest {
    private final ContentCoding coding = new ContentCoding(
            only(
                    VertxHttpConfig.class,
                    Map.of("limits", only(ServerLimitsConfig.class, Map.of("maxBodySize", Optional.empty())))),
            new BodyBudget(1),
            new EarlyAnswer(new ObjectMapper(), List.of()));

    @ParameterizedTest
    @CsvSource({"true, false", "false, true"})
    void whoHasAnAnswerOrLeftIsNotAnsweredAgain(boolean ended, boolean closed) {
        RoutingContext routing = only(
                RoutingContext.class,
                Map.of("response", only(HttpServerResponse.class, Map.of("ended", ended, "closed", closed))));

        assertThatCode(() -> coding.refuse(routing, new IOException("no gzip"))).doesNotThrowAnyException();
        assertThatCode(() -> coding.refuse(routing, new IllegalStateException()))
                .doesNotThrowAnyException();
    }

    /** One that can be asked for these and nothing else. */
    private static <T> T only(Class<T> type, Map<String, Object> values) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> {
                    if (!values.containsKey(method.getName())) {
                        throw new AssertionError("asked for " + method.getName());
                    }
                    return values.get(method.getName());
                }));
    }
}
