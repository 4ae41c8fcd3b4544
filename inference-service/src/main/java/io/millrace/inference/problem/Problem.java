// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.problem;

import jakarta.ws.rs.core.Response;

/**
 * Problem details for HTTP (<a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>).
 *
 * @param type {@code about:blank}: the status says it all
 * @param title the status's name
 * @param status the status
 * @param detail what is wrong with this request, and what would be right
 */
public record Problem(String type, String title, int status, String detail) {
    public static final String MEDIA_TYPE = "application/problem+json";

    static Problem of(int status, String detail) {
        return new Problem("about:blank", title(status), status, detail);
    }

    private static String title(int status) {
        if (status == 422) {
            // Jakarta REST does not know it.
            return "Unprocessable Content";
        }
        Response.Status known = Response.Status.fromStatusCode(status);
        return known == null ? "HTTP " + status : known.getReasonPhrase();
    }
}
