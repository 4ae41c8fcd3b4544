// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.http.EarlyAnswer;
import io.millrace.http.FilterOrder;
import io.millrace.inference.InferenceMetrics;
import io.millrace.inference.problem.Refusal;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Gives each request its {@code X-Request-Id}, the client's own where it sent a reasonable one, and counts how requests
 * that ask for classes of images end, those included that never reach it.
 */
@Singleton
public final class RequestTrace {
    private static final String ENDED = RequestTrace.class.getName();
    private static final String REQUEST_ID = "X-Request-Id";
    private static final Pattern REASONABLE = Pattern.compile("[A-Za-z0-9._:/+=-]{1,128}");

    /** Where classes of images are asked for, in any protocol. */
    private static final Pattern ASKING =
            Pattern.compile("/classify(/[^/]+)?|/v2/models/[^/]+(/versions/[^/]+)?/infer|/v1/models/[^/]+:predict"
                    + "|/inference\\.GRPCInferenceService/ModelInfer");

    private final InferenceMetrics metrics;

    RequestTrace(InferenceMetrics metrics) {
        this.metrics = metrics;
    }

    void register(@Observes Filters filters) {
        filters.register(this::trace, FilterOrder.TRACE);
    }

    private void trace(RoutingContext request) {
        String id = request.request().getHeader(REQUEST_ID);
        boolean reasonable = id != null && REASONABLE.matcher(id).matches();
        request.response()
                .putHeader(REQUEST_ID, reasonable ? id : UUID.randomUUID().toString());
        request.addEndHandler(
                end -> EarlyAnswer.cause(request).map(RequestTrace::refusal).ifPresent(metrics::refused));
        if (ASKING.matcher(request.normalizedPath()).matches()) {
            request.addEndHandler(end -> metrics.requested(outcome(request, end.succeeded())));
        }
        request.next();
    }

    /** Says how a request ended in whose protocol that is no status of HTTP: which one would be. */
    public static void ended(RoutingContext request, int status) {
        request.put(ENDED, status);
    }

    private static String outcome(RoutingContext request, boolean answered) {
        // A stream of HTTP/2 may be closed within the call that ends it, which looks as if its client had left.
        Integer ended = request.get(ENDED);
        if (ended != null) {
            return outcome(ended);
        }
        return answered ? outcome(request.response().getStatusCode()) : InferenceMetrics.ABORTED;
    }

    private static String outcome(int status) {
        if (status < 400) {
            return InferenceMetrics.SUCCESS;
        } else if (status < 500) {
            return InferenceMetrics.INVALID;
        }
        return switch (status) {
            case 503 -> InferenceMetrics.REJECTED;
            case 504 -> InferenceMetrics.LATE;
            default -> InferenceMetrics.FAILURE;
        };
    }

    private static Refusal refusal(EarlyAnswer.Cause cause) {
        return switch (cause) {
            case MEMORY -> Refusal.MEMORY;
            case SLOW -> Refusal.SLOW_BODY;
        };
    }
}
