// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.ticket;

import io.millrace.http.EarlyAnswer;
import io.millrace.http.FilterOrder;
import io.millrace.http.Problem;
import io.millrace.inference.InferenceConfig;
import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.problem.LateException;
import io.millrace.inference.problem.Refusal;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;

/**
 * Gives each POST its {@link Ticket} before its body is read, and ends it at its deadline. A client that says how long it waits
 * ({@value #TIMEOUT_HEADER}) means all of it, the sending of the body included; otherwise the time begins when the body has come,
 * since a slow uplink is no reason to refuse a photograph: its pace is watched already.
 */
@Singleton
final class TicketDesk {
    static final String TIMEOUT_HEADER = "X-Request-Timeout-Ms";

    private static final String GRPC_TIMEOUT_HEADER = "grpc-timeout";

    private static final int BAD_REQUEST = 400;
    private static final int GATEWAY_TIMEOUT = 504;

    private final Duration defaultTimeout;
    private final Duration maxTimeout;
    private final EarlyAnswer answer;
    private final InferenceMetrics metrics;

    TicketDesk(InferenceConfig configuration, EarlyAnswer answer, InferenceMetrics metrics) {
        this.defaultTimeout = configuration.defaultTimeout();
        this.maxTimeout = configuration.maxTimeout();
        this.answer = answer;
        this.metrics = metrics;
    }

    void register(@Observes Filters filters) {
        filters.register(this::open, FilterOrder.TICKET);
        filters.register(this::arrived, FilterOrder.ARRIVED);
    }

    private void open(RoutingContext routing) {
        if (!routing.request().method().equals(HttpMethod.POST)) {
            routing.next();
            return;
        }
        String asked = asked(routing);
        if (asked != null && !reasonable(asked)) {
            answer.send(
                    routing,
                    Problem.of(
                            BAD_REQUEST,
                            TIMEOUT_HEADER + " is \"" + asked
                                    + "\"; it has to be a whole number of milliseconds from 1 to "
                                    + maxTimeout.toMillis()));
            return;
        }
        Ticket ticket = new Ticket();
        ticket.keep(routing);
        routing.addEndHandler(end -> ticket.left());
        if (asked != null) {
            endAfter(Duration.ofMillis(Long.parseLong(asked)), ticket, routing);
        }
        routing.next();
    }

    /** Milliseconds that a client waits; null where it does not say. One of gRPC gives up by itself, so it may say more than is allowed. */
    private String asked(RoutingContext routing) {
        String grpc = routing.request().version() == HttpVersion.HTTP_2
                ? routing.request().getHeader(GRPC_TIMEOUT_HEADER)
                : null;
        return grpc == null
                ? routing.request().getHeader(TIMEOUT_HEADER)
                : GrpcTimeout.millis(grpc)
                        .map(millis -> Long.toString(Math.min(millis, maxTimeout.toMillis())))
                        .orElse(grpc);
    }

    private boolean reasonable(String asked) {
        return asked.matches("[1-9]\\d{0,8}") && Long.parseLong(asked) <= maxTimeout.toMillis();
    }

    private void arrived(RoutingContext routing) {
        Ticket ticket = Ticket.of(routing);
        if (ticket != null) {
            Buffer body = routing.body().buffer();
            ticket.arrived(body == null ? new byte[0] : body.getBytes());
            if (asked(routing) == null) {
                endAfter(defaultTimeout, ticket, routing);
            }
        }
        routing.next();
    }

    private void endAfter(Duration patience, Ticket ticket, RoutingContext routing) {
        long timer = routing.vertx().setTimer(patience.toMillis(), passed -> {
            boolean early = ticket.waitsForBody();
            LateException late = ticket.late(patience);
            if (early && !routing.response().ended()) {
                metrics.refused(Refusal.LATE);
                answer.send(routing, Problem.of(GATEWAY_TIMEOUT, late.getMessage()));
            }
        });
        routing.addEndHandler(end -> routing.vertx().cancelTimer(timer));
    }
}
