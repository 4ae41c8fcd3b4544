// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.door;

import io.millrace.http.EarlyAnswer;
import io.millrace.http.Problem;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/**
 * Answers what fails before any resource is asked, or beside them, as problem details; Quarkus would answer with text, and
 * that with a stack. Thread-safe.
 */
@Singleton
final class FailureAnswers {
    private static final Logger LOGGER = Logger.getLogger(FailureAnswers.class);
    /** After what knows better. */
    private static final int EARLY = Integer.MIN_VALUE + 1;

    private static final int BAD_REQUEST = 400;
    private static final int FAILED = 500;

    private final EarlyAnswer answer;

    FailureAnswers(EarlyAnswer answer) {
        this.answer = answer;
    }

    void register(@Observes Router router) {
        router.route().order(EARLY).failureHandler(this::answer);
    }

    private void answer(RoutingContext routing) {
        if (routing.response().ended() || routing.response().headWritten()) {
            routing.next();
            return;
        }
        if (routing.response().closed()) {
            LOGGER.debug("A client left", routing.failure());
            return;
        }
        int status = routing.statusCode();
        if (status < BAD_REQUEST || status >= FAILED) {
            LOGGER.error("A request failed", routing.failure());
            answer.send(routing, Problem.of(FAILED, "the service failed; its log says why"));
        } else {
            answer.send(routing, Problem.of(status, detail(status)));
        }
    }

    private static String detail(int status) {
        return status == BAD_REQUEST
                ? "the request cannot be read: its path, its Host or another header is not as HTTP wants it"
                : "the request was refused before it was looked at";
    }
}
