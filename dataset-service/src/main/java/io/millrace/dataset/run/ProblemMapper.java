// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.quarkus.logging.Log;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Every error of the HTTP face as problem details. */
class ProblemMapper {
    private static final int RETRY_AFTER_SECONDS = 5;

    @ServerExceptionMapper
    Response refused(RunRefusedException e) {
        Response.ResponseBuilder response = Problem.of(e.status(), e.getMessage(), e.field(), e.value(), e.remedy())
                .response();
        if (e.status() == Response.Status.SERVICE_UNAVAILABLE.getStatusCode()) {
            response.header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        return response.build();
    }

    @ServerExceptionMapper
    Response http(WebApplicationException e) {
        Response original = e.getResponse();
        Response.ResponseBuilder response =
                Problem.of(original.getStatus(), detail(e)).response();
        original.getHeaders().forEach((name, values) -> {
            if (!name.equalsIgnoreCase(HttpHeaders.CONTENT_TYPE)
                    && !name.equalsIgnoreCase(HttpHeaders.CONTENT_LENGTH)) {
                values.forEach(value -> response.header(name, value));
            }
        });
        return response.build();
    }

    @ServerExceptionMapper
    Response unexpected(RuntimeException e) {
        Log.error("A request failed", e);
        return Problem.of(500, "something went wrong; the service's log says what")
                .response()
                .build();
    }

    private static String detail(WebApplicationException e) {
        return e.getResponse().getStatus() == Response.Status.UNSUPPORTED_MEDIA_TYPE.getStatusCode()
                ? "the body must be sent with Content-Type: application/json"
                : e.getMessage();
    }
}
