// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.millrace.evaluator.promote.PromotionRefusedException;
import io.quarkus.logging.Log;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Every error as problem+json. */
class ProblemMapper {
    private static final int UNPROCESSABLE = 422;

    @ServerExceptionMapper
    Response refused(PromotionRefusedException e) {
        int status =
                switch (e.reason()) {
                    case UNKNOWN -> Response.Status.NOT_FOUND.getStatusCode();
                    case OTHER_MODEL -> UNPROCESSABLE;
                    case NO_PREVIOUS, FILE -> Response.Status.CONFLICT.getStatusCode();
                };
        return Problem.response(status, e.getMessage());
    }

    @ServerExceptionMapper
    Response brokerFailed(KafkaException e) {
        Log.warn("A request could not be served: Kafka failed", e);
        return Problem.response(
                Response.Status.SERVICE_UNAVAILABLE.getStatusCode(), "Kafka does not answer: " + e.getMessage());
    }

    @ServerExceptionMapper
    Response wrongJson(MismatchedInputException e) {
        return Problem.response(Response.Status.BAD_REQUEST.getStatusCode(), e.getOriginalMessage());
    }

    @ServerExceptionMapper
    Response http(WebApplicationException e) {
        int status = e.getResponse().getStatus();
        String detail = e.getCause() instanceof JacksonException json ? json.getOriginalMessage() : e.getMessage();
        Response problem = Problem.response(status, detail);
        Set<String> allowed = e.getResponse().getAllowedMethods();
        return allowed.isEmpty()
                ? problem
                : Response.fromResponse(problem).allow(allowed).build();
    }

    @ServerExceptionMapper
    Response unexpected(Throwable e) {
        Log.error("A request failed", e);
        return Problem.response(
                Response.Status.INTERNAL_SERVER_ERROR.getStatusCode(), "an unexpected error; the log has more");
    }
}
