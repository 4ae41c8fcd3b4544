// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.door;

import io.millrace.http.EarlyAnswer;
import io.millrace.http.FilterOrder;
import io.millrace.http.Problem;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.impl.HttpServerRequestInternal;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * One path, one spelling: what the framework would take for the same ({@code /classify/}, {@code /classify;x=1}) is not
 * there, so that whatever is counted, or allowed, by its path is all of it. And whatever a request asks for, its path is
 * no label of a metric unless it is that of a resource. Thread-safe.
 */
@Singleton
final class PathFilter {
    private static final int NOT_FOUND = 404;

    /** Where Quarkus looks for the path that a request is counted under; a resource puts its own there. */
    private static final String COUNTED_UNDER = "UrlPathTemplate";

    private static final String NO_RESOURCE = "NONE";

    /** Pages are directories. */
    private static final String FRAMEWORK = "/q/";

    private final EarlyAnswer answer;

    PathFilter(EarlyAnswer answer) {
        this.answer = answer;
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, FilterOrder.PATH);
    }

    private void check(RoutingContext routing) {
        ((HttpServerRequestInternal) routing.request()).context().putLocal(COUNTED_UNDER, NO_RESOURCE);
        String path = routing.normalizedPath();
        boolean spelt =
                !path.contains(";") && (path.length() == 1 || !path.endsWith("/")) || path.startsWith(FRAMEWORK);
        if (spelt) {
            routing.next();
        } else {
            answer.send(
                    routing, Problem.of(NOT_FOUND, "a path here has no \";\" and no \"/\" at its end; leave it out"));
        }
    }
}
