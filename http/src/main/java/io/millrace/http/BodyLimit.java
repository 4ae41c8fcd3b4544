// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import io.quarkus.arc.DefaultBean;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.VertxHttpConfig;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/**
 * Takes bodies in as far as there is memory, as they come, and says why one is too large: before any of it is read where its
 * length is announced, else as soon as it shows. Quarkus enforces the same limit just after, but without a word. A request goes on
 * when its body is whole, so that clients that are slow, or announce much and send nothing, take neither threads nor memory from
 * others.
 */
@Singleton
final class BodyLimit {
    static final int TOO_LARGE = 413;

    private final long limit;
    private final BodyPace pace;
    private final EarlyAnswer answer;
    private final BodyBudget budget;

    BodyLimit(VertxHttpConfig http, BodyConfig config, EarlyAnswer answer, BodyBudget budget) {
        this.limit = http.limits().maxBodySize().map(MemorySize::asLongValue).orElse(Long.MAX_VALUE);
        this.pace = new BodyPace(http.readTimeout(), config.minBodyRate().asLongValue());
        this.answer = answer;
        this.budget = budget;
    }

    /** Where a service has none of its own. */
    @Produces
    @Singleton
    @DefaultBean
    static BodyBudget budget() {
        return new BodyBudget();
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, FilterOrder.BODY);
    }

    private void check(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        long length = length(request.getHeader(HttpHeaders.CONTENT_LENGTH));
        if (length > limit) {
            String detail = "the body has " + length + " bytes, more than the " + limit + " that are taken";
            answer.send(routing, Problem.of(TOO_LARGE, detail));
        } else if (sendsBody(request, length)) {
            new ArrivingBody(routing, limit, pace, budget, answer).collect();
        } else {
            routing.next();
        }
    }

    /** No service takes the body of another method. */
    private static boolean sendsBody(HttpServerRequest request, long length) {
        return request.method().equals(HttpMethod.POST)
                && (length > 0
                        || request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
                        || request.version() == HttpVersion.HTTP_2);
    }

    /** Whatever is no number is left to those who read the body. */
    private static long length(String header) {
        return header == null || !header.matches("\\d{1,18}") ? 0 : Long.parseLong(header);
    }
}
