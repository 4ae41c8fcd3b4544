// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.arc.All;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/**
 * Answers a request whose body is not read to its end. Were the connection closed at once, a client that is still
 * sending would be told that it broke, and might never see the answer: so what comes is dropped for a while first.
 */
@Singleton
public final class EarlyAnswer {
    private static final long PATIENCE_MILLIS = 2_000;
    private static final long PATIENCE_BYTES = 32 << 20;

    private static final String CAUSE = EarlyAnswer.class.getName();

    /** Why a request was turned away that was not wrong, for whoever counts. */
    public enum Cause {
        /** Others' bodies take all of the memory. */
        MEMORY,
        /** Its body came too slowly. */
        SLOW
    }

    private final ObjectMapper json;
    private final List<ErrorForm> forms;

    EarlyAnswer(ObjectMapper json, @All List<ErrorForm> forms) {
        this.json = json;
        this.forms = forms;
    }

    /**
     * Answers with a problem, in the form that the path's protocol has for it; where a body is still to come, nothing more is taken over
     * its connection.
     */
    public void send(RoutingContext routing, Problem problem) {
        HttpServerRequest request = routing.request();
        if (request.version() == HttpVersion.HTTP_2) {
            dropStream(routing);
        } else if (hasBody(request)) {
            routing.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            drop(routing);
        } else {
            request.resume();
        }
        forms.stream()
                .filter(form -> form.of(routing.normalizedPath()))
                .findFirst()
                .ifPresentOrElse(form -> form.answer(routing, problem), () -> answer(routing, problem));
    }

    private void answer(RoutingContext routing, Problem problem) {
        routing.response()
                .setStatusCode(problem.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .end(Buffer.buffer(encoded(problem)));
    }

    private static boolean hasBody(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return length != null && !length.equals("0") || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    /** As {@link #send(RoutingContext, Problem)}, with a note for {@link #cause}. */
    void send(RoutingContext routing, Problem problem, Cause cause) {
        routing.put(CAUSE, cause);
        send(routing, problem);
    }

    /** Why a request was turned away before it was read; empty where it was wrong, or was not turned away here. */
    public static Optional<Cause> cause(RoutingContext routing) {
        return Optional.ofNullable(routing.get(CAUSE));
    }

    /** Others share the connection: only this stream is given up. */
    private static void dropStream(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        long timer = routing.vertx().setTimer(PATIENCE_MILLIS, late -> {
            if (!request.isEnded()) {
                routing.response().reset();
            }
        });
        request.handler(bytes -> {});
        request.exceptionHandler(gone -> routing.vertx().cancelTimer(timer));
        request.endHandler(end -> routing.vertx().cancelTimer(timer));
        request.resume();
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
