// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.http.Problem;
import jakarta.ws.rs.NotSupportedException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** What this service refuses, as problem details. */
class ProblemMapper {
    private static final int UNPROCESSABLE = 422;
    private static final int RETRY_AFTER_SECONDS = 5;

    @ServerExceptionMapper
    Response refused(RefusedFieldException e) {
        Object value = e.value() instanceof String text ? '"' + text + '"' : e.value();
        return Problem.of(UNPROCESSABLE, e.getMessage())
                .with("field", e.field())
                .with("value", value == null ? null : value.toString())
                .with("remedy", e.remedy())
                .response()
                .build();
    }

    @ServerExceptionMapper
    Response refused(RunRefusedException e) {
        Response.ResponseBuilder response = Problem.of(e.status(), e.getMessage())
                .with("remedy", e.remedy())
                .response();
        if (e.passing()) {
            response.header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        return response.build();
    }

    @ServerExceptionMapper
    Response otherKind(NotSupportedException e) {
        return Problem.response(e, "the body must be sent with Content-Type: application/json");
    }
}
