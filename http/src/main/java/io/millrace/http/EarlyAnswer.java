// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;

/**
 * Answers a request whose body is not read to its end. Were the connection closed at once, a client that is still
 * sending would be told that it broke, and might never see the answer: so what comes is dropped for a while first.
 */
@Singleton
final class EarlyAnswer {
    private static final long PATIENCE_MILLIS = 2_000;
    private static final long PATIENCE_BYTES = 32 << 20;

    private final ObjectMapper json;

    EarlyAnswer(ObjectMapper json) {
        this.json = json;
    }

    /** Answers with a problem and takes nothing more over its connection. */
    void send(RoutingContext routing, Problem problem) {
        HttpServerResponse response = routing.response()
                .setStatusCode(problem.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        drop(routing);
        response.end(Buffer.buffer(encoded(problem)));
    }

    private static void drop(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        if (request.isEnded()) {
            return;
        }
        long timer = routing.vertx()
                .setTimer(PATIENCE_MILLIS, late -> request.connection().close());
        long[] dropped = {0};
        request.handler(bytes -> {
            dropped[0] += bytes.length();
            if (dropped[0] > PATIENCE_BYTES) {
                request.connection().close();
            }
        });
        request.exceptionHandler(gone -> routing.vertx().cancelTimer(timer));
        request.endHandler(end -> {
            routing.vertx().cancelTimer(timer);
            request.connection().close();
        });
        request.resume();
    }

    private byte[] encoded(Problem problem) {
        try {
            return json.writeValueAsBytes(problem);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a problem cannot be written", e);
        }
    }
}
