// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import io.quarkus.logging.Log;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;

/** Every error as {@code application/problem+json}. */
@Provider
public class ProblemMapper implements ExceptionMapper<Exception> {
    /** RFC 9457. */
    record Problem(String type, String title, int status, String detail) {}

    @Override
    public Response toResponse(Exception exception) {
        if (exception instanceof WebApplicationException known) {
            Response response = known.getResponse();
            return problem(response.getStatus(), response.getStatusInfo().getReasonPhrase(), known.getMessage());
        }
        Log.error("A request failed", exception);
        Status status = Status.INTERNAL_SERVER_ERROR;
        return problem(status.getStatusCode(), status.getReasonPhrase(), "see the log of the service");
    }

    private static Response problem(int status, String title, String detail) {
        return Response.status(status)
                .type("application/problem+json")
                .entity(new Problem("about:blank", title, status, detail))
                .build();
    }
}
