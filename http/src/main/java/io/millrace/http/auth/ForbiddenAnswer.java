// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.auth;

import static jakarta.ws.rs.core.HttpHeaders.WWW_AUTHENTICATE;

import io.millrace.http.EarlyAnswer;
import io.millrace.http.Problem;
import io.quarkus.security.ForbiddenException;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** Says which role a token lacks, where Quarkus would answer with nothing but the status. Thread-safe. */
@Singleton
final class ForbiddenAnswer {
    private static final int FORBIDDEN = 403;

    private final RequiredRole required;
    private final EarlyAnswer answer;

    ForbiddenAnswer(RequiredRole required, EarlyAnswer answer) {
        this.required = required;
        this.answer = answer;
    }

    void register(@Observes @Priority(1) Router router) {
        router.route().order(Integer.MIN_VALUE).failureHandler(this::answer);
    }

    private void answer(RoutingContext routing) {
        if (!(routing.failure() instanceof ForbiddenException)) {
            routing.next();
            return;
        }
        String role = required.of(routing).map(Role::label).orElse("");
        routing.response()
                .putHeader(
                        WWW_AUTHENTICATE,
                        "Bearer realm=\"millrace\", error=\"insufficient_scope\", scope=\"" + role + "\"");
        answer.send(
                routing,
                Problem.of(FORBIDDEN, "this needs a token with the role " + role + ", and this one does not have it")
                        .with("role", role));
    }
}
