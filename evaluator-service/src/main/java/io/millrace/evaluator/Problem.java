// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

/**
 * An error as {@code application/problem+json} (<a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>).
 *
 * @param type always {@code about:blank}: the status says it all
 * @param title the status in words
 * @param status of HTTP
 * @param detail what went wrong, for people
 */
public record Problem(String type, String title, int status, String detail) {
    static final String MEDIA_TYPE = "application/problem+json";

    private static final int RETRY_SECONDS = 5;

    /** The answer for a status. */
    static Response response(int status, String detail) {
        Response.ResponseBuilder response = Response.status(status)
                .type(MEDIA_TYPE)
                .entity(new Problem("about:blank", title(status), status, detail));
        if (status == Response.Status.SERVICE_UNAVAILABLE.getStatusCode()) {
            response.header(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
        }
        return response.build();
    }

    private static String title(int status) {
        if (status == 422) {
            // Jakarta REST does not know it.
            return "Unprocessable Content";
        }
        Response.Status known = Response.Status.fromStatusCode(status);
        return known == null ? "HTTP " + status : known.getReasonPhrase();
    }

    /** To be thrown. */
    static WebApplicationException exception(int status, String detail) {
        return new WebApplicationException(detail, status);
    }
}
