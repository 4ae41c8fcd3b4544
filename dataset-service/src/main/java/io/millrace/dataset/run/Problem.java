// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.ws.rs.core.Response;

/**
 * An error as <a href="https://www.rfc-editor.org/rfc/rfc9457">problem details</a>.
 *
 * @param type always {@code about:blank}: the status says it
 * @param title of the status
 * @param status HTTP status
 * @param detail what is wrong, naming it
 * @param field of the request; null when it is about no single one
 * @param value what the field holds
 * @param remedy what to do
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(String type, String title, int status, String detail, String field, String value, String remedy) {
    static final String MEDIA_TYPE = "application/problem+json";

    static Problem of(int status, String detail) {
        return of(status, detail, null, null, null);
    }

    static Problem of(int status, String detail, String field, String value, String remedy) {
        Response.Status known = Response.Status.fromStatusCode(status);
        String title = known == null ? "Unprocessable Content" : known.getReasonPhrase();
        return new Problem("about:blank", title, status, detail, field, value, remedy);
    }

    Response.ResponseBuilder response() {
        return Response.status(status).type(MEDIA_TYPE).entity(this);
    }
}
