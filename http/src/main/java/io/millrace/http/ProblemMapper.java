// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.concurrent.CompletionException;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * What the framework refuses as problem details; whatever nobody expected is logged and said to be our fault. A mapper of a
 * service for the same exception goes before. Thread-safe.
 */
public class ProblemMapper {
    private static final Logger LOGGER = Logger.getLogger(ProblemMapper.class);
    private static final int AFTER_SERVICES = Priorities.USER + 1;

    /** No such path, method or media type, a body that cannot be read, or what a resource throws. */
    @ServerExceptionMapper(priority = AFTER_SERVICES)
    public Response refused(WebApplicationException e) {
        return Problem.response(
                e, e.getCause() instanceof JacksonException json ? json.getOriginalMessage() : e.getMessage());
    }

    /** JSON, but not what is asked for. */
    @ServerExceptionMapper(priority = AFTER_SERVICES)
    public Response wrongJson(MismatchedInputException e) {
        return Problem.of(400, e.getOriginalMessage()).response().build();
    }

    /** Everything else. */
    @ServerExceptionMapper(priority = AFTER_SERVICES)
    public Response unexpected(Throwable e) {
        LOGGER.error("A request failed", e instanceof CompletionException && e.getCause() != null ? e.getCause() : e);
        return Problem.of(500, "the service failed; its log says why")
                .response()
                .build();
    }
}
