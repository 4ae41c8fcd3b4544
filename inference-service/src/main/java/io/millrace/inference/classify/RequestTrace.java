// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.inference.InferenceMetrics;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Gives each request its {@code X-Request-Id}, the client's own where it sent a reasonable one, and counts how requests
 * to {@code /classify} end, those included that never reach it.
 */
@Singleton
final class RequestTrace {
    private static final String REQUEST_ID = "X-Request-Id";
    private static final Pattern REASONABLE = Pattern.compile("[A-Za-z0-9._:/+=-]{1,128}");
    private static final int FIRST_OF_ALL = 200;

    private final InferenceMetrics metrics;

    RequestTrace(InferenceMetrics metrics) {
        this.metrics = metrics;
    }

    void register(@Observes Filters filters) {
        filters.register(this::trace, FIRST_OF_ALL);
    }

    private void trace(RoutingContext request) {
        String id = request.request().getHeader(REQUEST_ID);
        boolean reasonable = id != null && REASONABLE.matcher(id).matches();
        request.response()
                .putHeader(REQUEST_ID, reasonable ? id : UUID.randomUUID().toString());
        if ("/classify".equals(request.normalizedPath())) {
            request.addEndHandler(end -> metrics.requested(
                    end.succeeded() ? outcome(request.response().getStatusCode()) : InferenceMetrics.ABORTED));
        }
        request.next();
    }

    private static String outcome(int status) {
        if (status < 400) {
            return InferenceMetrics.SUCCESS;
        } else if (status < 500) {
            return InferenceMetrics.INVALID;
        }
        return status == 503 ? InferenceMetrics.REJECTED : InferenceMetrics.FAILURE;
    }
}
