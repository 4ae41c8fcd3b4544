// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;

/**
 * A body on its way. It is collected before anybody else sees the request: so that a slow one holds no thread, one of
 * unannounced length is told that it is too large (Quarkus cuts the connection without a word), and what a client only
 * announces takes no memory from others. Confined to the request's event loop.
 */
final class ArrivingBody {
    private static final int TIMEOUT = 408;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final RoutingContext routing;
    private final long limit;
    private final BodyPace pace;
    private final BodyBudget budget;
    private final EarlyAnswer answer;
    private final Buffer body = Buffer.buffer();
    private final long begun = System.nanoTime();
    private long latest = begun;
    private long timer;

    /**
     * The body of a request.
     *
     * @param limit bytes that are taken
     * @param pace that the client has to keep
     * @param budget from which it takes what it needs as it grows
     */
    ArrivingBody(RoutingContext routing, long limit, BodyPace pace, BodyBudget budget, EarlyAnswer answer) {
        this.routing = routing;
        this.limit = limit;
        this.pace = pace;
        this.budget = budget;
        this.answer = answer;
    }

    /** Reads it; the request goes on, or is refused, later. */
    void collect() {
        HttpServerRequest request = routing.request();
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            routing.response().writeContinue();
        }
        routing.addEndHandler(end -> {
            routing.vertx().cancelTimer(timer);
            budget.give(body.length());
        });
        awaitMore();
        request.handler(this::take);
        request.exceptionHandler(gone -> routing.vertx().cancelTimer(timer));
        request.endHandler(end -> {
            routing.vertx().cancelTimer(timer);
            ((RoutingContextInternal) routing).setBody(body);
            routing.next();
        });
        request.resume();
    }

    private void take(Buffer bytes) {
        latest = System.nanoTime();
        if (body.length() + (long) bytes.length() > limit) {
            String detail = "the body has more than the " + limit + " bytes that are taken";
            answer.send(routing, Problem.of(BodyLimit.TOO_LARGE, detail));
        } else if (budget.take(body.length(), bytes.length())) {
            body.appendBuffer(bytes);
        } else {
            budget.refuse(routing, answer);
        }
    }

    private void awaitMore() {
        long left = pace.left(body.length(), latest - begun, System.nanoTime() - begun);
        timer = routing.vertx().setTimer(Math.max(1, left / NANOS_PER_MILLI + 1), this::tooLate);
    }

    /** A timer looks when it might be too late, and not each time that something comes. */
    private void tooLate(long timer) {
        long now = System.nanoTime();
        if (routing.response().ended()) {
            return;
        }
        if (pace.left(body.length(), latest - begun, now - begun) > 0) {
            awaitMore();
            return;
        }
        answer.send(
                routing,
                Problem.of(TIMEOUT, pace.missed(body.length(), latest - begun, now - begun)),
                EarlyAnswer.Cause.SLOW);
    }
}
