// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * What the framework refuses as problem details; whatever nobody expected is logged and said to be our fault. A mapper of a
 * service for the same exception goes before. Thread-safe.
 */
public class ProblemMapper {
    private static final Logger LOGGER = Logger.getLogger(ProblemMapper.class);
    private static final int AFTER_SERVICES = Priorities.USER + 1;
    private static final int BAD_REQUEST = 400;

    /** How the framework speaks: of its annotations, or not at all. */
    private static final Pattern OF_THE_FRAMEWORK =
            Pattern.compile("HTTP \\d{3}.*|.*(@Consumes|@Produces|resource method).*", Pattern.DOTALL);

    /** No such path, method or media type, a body that cannot be read, or what a resource throws. */
    @ServerExceptionMapper(priority = AFTER_SERVICES)
    public Response refused(WebApplicationException e) {
        return Problem.response(e, e.getCause() instanceof JacksonException json ? JsonFault.of(json) : detail(e));
    }

    /** JSON, but not what is asked for. */
    @ServerExceptionMapper(priority = AFTER_SERVICES)
    public Response wrongJson(MismatchedInputException e) {
        return Problem.of(BAD_REQUEST, JsonFault.of(e)).response().build();
    }

    /** Everything else. */
    @ServerExceptionMapper(priority = AFTER_SERVICES)
    public Response unexpected(Throwable e) {
        LOGGER.error("A request failed", e instanceof CompletionException && e.getCause() != null ? e.getCause() : e);
        return Problem.of(500, "the service failed; its log says why")
                .response()
                .build();
    }

    /** What a refusal says: what a resource said, or what can be said of a refusal by the framework. */
    public static String detail(WebApplicationException e) {
        String said = e.getMessage();
        if (said != null && !OF_THE_FRAMEWORK.matcher(said).matches()) {
            return said;
        }
        return switch (e.getResponse().getStatus()) {
            case 400 -> "the request is not what is asked for here; GET /q/openapi says what is";
            case 404 -> "there is nothing at this path; GET /q/openapi lists what there is";
            case 405 -> "this path knows other methods" + allowed(e.getResponse());
            case 406 ->
                "what is asked for is given in no type that the request accepts; leave out Accept, or accept"
                        + " application/json";
            case 415 ->
                "the Content-Type of the body is missing, or none that is taken here; GET /q/openapi says which are";
            default -> "the request is refused";
        };
    }

    private static String allowed(Response response) {
        return response.getAllowedMethods().isEmpty()
                ? "; GET /q/openapi says which"
                : ": " + String.join(", ", response.getAllowedMethods());
    }
}
