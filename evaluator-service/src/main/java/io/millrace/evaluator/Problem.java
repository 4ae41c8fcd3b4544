// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator;

import jakarta.ws.rs.WebApplicationException;
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

    /** The answer for a status. */
    static Response response(int status, String detail) {
        Response.Status known = Response.Status.fromStatusCode(status);
        String title = known == null ? "HTTP " + status : known.getReasonPhrase();
        return Response.status(status)
                .type(MEDIA_TYPE)
                .entity(new Problem("about:blank", title, status, detail))
                .build();
    }

    /** To be thrown. */
    static WebApplicationException exception(int status, String detail) {
        return new WebApplicationException(detail, status);
    }
}
