// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.problem;

import io.millrace.inference.InferenceConfig;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Takes bodies in as far as there is memory, and says why one is too large: before any of it is read where its length is announced, else as soon as it shows.
 * Quarkus enforces the same limit just after, but without a word.
 */
@Singleton
final class BodyLimit {
    static final int TOO_LARGE = 413;

    private static final int BEFORE_QUARKUS = 100;

    private final long limit;
    private final Duration patience;
    private final Refusal refusal;
    private final BodyBudget budget;

    BodyLimit(
            @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize limit,
            @ConfigProperty(name = "quarkus.http.read-timeout") Duration patience,
            InferenceConfig configuration,
            Refusal refusal) {
        this.limit = limit.asLongValue();
        long memory = configuration
                .maxBodyMemory()
                .map(MemorySize::asLongValue)
                .orElse(Runtime.getRuntime().maxMemory() / 4);
        // One body of the largest size has to fit, if alone.
        this.budget = new BodyBudget(Math.max(memory, this.limit));
        this.patience = patience;
        this.refusal = refusal;
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, BEFORE_QUARKUS);
    }

    private void check(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        long length = length(request.getHeader(HttpHeaders.CONTENT_LENGTH));
        if (length > limit) {
            String detail = "the body has " + length + " bytes, more than the " + limit + " that are taken";
            refusal.send(routing, Problem.of(TOO_LARGE, detail), limit);
        } else if (unannounced(request)) {
            new UnannouncedBody(routing, limit, patience, budget, refusal).collect();
        } else if (budget.take(length)) {
            routing.addEndHandler(end -> budget.give(length));
            routing.next();
        } else {
            budget.refuse(routing, refusal, limit);
        }
    }

    /** Only POST takes a body here. */
    private static boolean unannounced(HttpServerRequest request) {
        return request.method().equals(HttpMethod.POST) && request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    /** Whatever is no number is left to those who read the body. */
    private static long length(String header) {
        return header == null || !header.matches("\\d{1,18}") ? 0 : Long.parseLong(header);
    }
}
