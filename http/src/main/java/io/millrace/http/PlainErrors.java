// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/**
 * Paths of a protocol that has its own form for errors, <code>{"error": "…"}</code>, in place of problem details. A service with such
 * paths has one as a bean. Immutable.
 *
 * @param paths these and all below them
 */
public record PlainErrors(List<String> paths) implements ErrorForm {
    /**
     * An error in that form.
     *
     * @param error what is wrong, and what would be right
     */
    public record PlainError(String error) {}

    /** For some paths, and all below them. */
    public static PlainErrors below(String... paths) {
        return new PlainErrors(List.of(paths));
    }

    @Override
    public boolean of(String path) {
        return paths.stream().anyMatch(own -> path.equals(own) || path.startsWith(own + "/"));
    }

    @Override
    public void answer(RoutingContext routing, Problem problem) {
        routing.response()
                .setStatusCode(problem.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(new JsonObject().put("error", problem.detail()).toBuffer());
    }
}
