// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import java.time.Duration;

/**
 * A body whose length the client does not say ({@code Transfer-Encoding: chunked}). It is collected before
 * anybody else sees the request: Quarkus, which would read it on the way, cuts the connection at the limit without a
 * word. Confined to the request's event loop.
 */
final class UnannouncedBody {
    private static final int TIMEOUT = 408;

    private final RoutingContext routing;
    private final long limit;
    private final Duration patience;
    private final BodyBudget budget;
    private final EarlyAnswer answer;
    private final Buffer body = Buffer.buffer();
    private long timer;

    /**
     * The body of a request.
     *
     * @param limit bytes that are taken
     * @param patience how long the client may send nothing
     * @param budget from which it takes what it needs as it grows
     */
    UnannouncedBody(RoutingContext routing, long limit, Duration patience, BodyBudget budget, EarlyAnswer answer) {
        this.routing = routing;
        this.limit = limit;
        this.patience = patience;
        this.budget = budget;
        this.answer = answer;
    }

    /** Reads it; the request goes on, or is refused, later. */
    void collect() {
        HttpServerRequest request = routing.request();
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            routing.response().writeContinue();
        }
        routing.addEndHandler(end -> budget.give(body.length()));
        awaitMore();
        request.handler(this::take);
        request.exceptionHandler(gone -> stopWaiting());
        request.endHandler(end -> {
            stopWaiting();
            ((RoutingContextInternal) routing).setBody(body);
            routing.next();
        });
        request.resume();
    }

    private void take(Buffer bytes) {
        stopWaiting();
        if (body.length() + (long) bytes.length() > limit) {
            String detail = "the body has more than the " + limit + " bytes that are taken";
            answer.send(routing, Problem.of(BodyLimit.TOO_LARGE, detail));
        } else if (budget.take(body.length(), bytes.length())) {
            body.appendBuffer(bytes);
            awaitMore();
        } else {
            budget.refuse(routing, answer);
        }
    }

    private void awaitMore() {
        timer = routing.vertx().setTimer(patience.toMillis(), late -> {
            Problem problem = Problem.of(
                    TIMEOUT,
                    "nothing came for " + patience.toSeconds() + " s after " + body.length() + " bytes of the body");
            answer.send(routing, problem);
        });
    }

    private void stopWaiting() {
        routing.vertx().cancelTimer(timer);
    }
}
