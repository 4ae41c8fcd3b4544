// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.evaluator.insight.InsightUnavailableException;
import io.millrace.evaluator.promote.PromotionRefusedException;
import io.millrace.http.Problem;
import io.millrace.kafka.Refusal;
import io.quarkus.logging.Log;
import jakarta.ws.rs.ServiceUnavailableException;
import jakarta.ws.rs.core.Response;
import java.io.UncheckedIOException;
import org.apache.kafka.common.KafkaException;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** What this service refuses, as problem details. */
class ProblemMapper {
    private static final int UNPROCESSABLE = 422;

    private static final long RETRY_AFTER_SECONDS = 5;

    @ServerExceptionMapper
    Response refused(PromotionRefusedException e) {
        int status =
                switch (e.reason()) {
                    case UNKNOWN -> Response.Status.NOT_FOUND.getStatusCode();
                    case OTHER_MODEL -> UNPROCESSABLE;
                    case BOUND, SERVED, NO_PREVIOUS, FILE -> Response.Status.CONFLICT.getStatusCode();
                };
        return Problem.of(status, e.getMessage()).response().build();
    }

    @ServerExceptionMapper
    Response refused(RefusedFieldException e) {
        return Problem.of(UNPROCESSABLE, e.getMessage())
                .with("field", e.field())
                .with("remedy", e.remedy())
                .response()
                .build();
    }

    @ServerExceptionMapper
    Response untold(InsightUnavailableException e) {
        return switch (e.reason()) {
            case PASSING -> Problem.response(unavailable(e.getMessage()), e.getMessage());
            case UNEQUIPPED -> untold(Response.Status.NOT_IMPLEMENTED, e);
            case GONE -> untold(Response.Status.GONE, e);
        };
    }

    private static Response untold(Response.Status status, InsightUnavailableException e) {
        return Problem.of(status.getStatusCode(), e.getMessage())
                .with("remedy", e.remedy().orElse(null))
                .response()
                .build();
    }

    @ServerExceptionMapper
    Response brokerFailed(KafkaException e) {
        Log.warn("A request could not be served: Kafka failed", e);
        String detail = Refusal.of(e).orElseGet(() -> "Kafka does not answer: " + e.getMessage());
        return Problem.response(unavailable(detail), detail);
    }

    @ServerExceptionMapper
    Response storeFailed(UncheckedIOException e) {
        Log.warn("A request could not be served: the checkpoint store failed", e);
        return Problem.response(unavailable(e.getMessage()), e.getMessage());
    }

    /** Not now, but in a moment. */
    static ServiceUnavailableException unavailable(String detail) {
        return new ServiceUnavailableException(detail, RETRY_AFTER_SECONDS);
    }
}
