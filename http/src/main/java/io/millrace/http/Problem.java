// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Problem details for HTTP (<a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>). Immutable.
 *
 * @param type {@code about:blank}: the status says it all
 * @param title the status's name
 * @param status the status
 * @param detail what is wrong with this request, and what would be right
 * @param members further ones, in their order
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        @JsonAnyGetter Map<String, String> members) {
    static final String MEDIA_TYPE = "application/problem+json";

    /** A status, and what is wrong. */
    public static Problem of(int status, String detail) {
        return new Problem("about:blank", title(status), status, detail, Map.of());
    }

    /** The same with a further member; a null value is left out. */
    public Problem with(String member, String value) {
        if (value == null) {
            return this;
        }
        Map<String, String> more = new LinkedHashMap<>(members);
        more.put(member, value);
        return new Problem(type, title, status, detail, more);
    }

    /** The answer, to which headers may be added. */
    public Response.ResponseBuilder response() {
        return Response.status(status).type(MEDIA_TYPE).entity(this);
    }

    /** The answer to an exception that knows its status and its headers ({@code Allow}, {@code Retry-After}). */
    public static Response response(WebApplicationException e, String detail) {
        Response.ResponseBuilder response =
                of(e.getResponse().getStatus(), detail).response();
        e.getResponse().getHeaders().forEach((name, values) -> {
            if (!name.equalsIgnoreCase(HttpHeaders.CONTENT_TYPE)
                    && !name.equalsIgnoreCase(HttpHeaders.CONTENT_LENGTH)) {
                values.forEach(value -> response.header(name, value));
            }
        });
        return response.build();
    }

    private static String title(int status) {
        // Jakarta REST does not know these.
        if (status == 421) {
            return "Misdirected Request";
        }
        if (status == 422) {
            return "Unprocessable Content";
        }
        Response.Status known = Response.Status.fromStatusCode(status);
        return known == null ? "HTTP " + status : known.getReasonPhrase();
    }
}
