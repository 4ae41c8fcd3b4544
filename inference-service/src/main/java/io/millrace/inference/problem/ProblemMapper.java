// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.problem;

import io.millrace.inference.image.ImageException;
import io.quarkus.logging.Log;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.core.multipart.MultipartParser;

/** Exceptions as problem details; whatever nobody expected is logged and said to be our fault. */
final class ProblemMapper {
    private static final int UNPROCESSABLE = 422;

    @ServerExceptionMapper
    Response image(ImageException e) {
        int status =
                switch (e.reason()) {
                    case MALFORMED -> 400;
                    case TOO_LARGE -> 413;
                    case UNSUPPORTED -> 415;
                    case UNREADABLE -> UNPROCESSABLE;
                };
        return problem(status, e.getMessage()).build();
    }

    @ServerExceptionMapper
    Response unavailable(UnavailableException e) {
        return problem(503, e.getMessage())
                .header(HttpHeaders.RETRY_AFTER, e.retryAfter().toSeconds())
                .build();
    }

    /** What the framework refuses: no such path, method or media type, or a body that breaks off. */
    @ServerExceptionMapper
    Response refused(WebApplicationException e) {
        Response.ResponseBuilder response = problem(e.getResponse().getStatus(), detail(e));
        String allow = e.getResponse().getHeaderString(HttpHeaders.ALLOW);
        return allow == null
                ? response.build()
                : response.header(HttpHeaders.ALLOW, allow).build();
    }

    /** A client that leaves, where nobody reads the answer; or a form whose parts do not end where they should. */
    @ServerExceptionMapper
    Response brokenOff(IOException e) {
        Log.debug("A body broke off", e);
        return problem(400, "the body breaks off, or is not what its Content-Type says: " + e.getMessage())
                .build();
    }

    @ServerExceptionMapper
    Response noForm(MultipartParser.MalformedMessageException e) {
        return problem(400, "the body is no form: its parts are not what multipart/form-data demands")
                .build();
    }

    @ServerExceptionMapper
    Response unexpected(Throwable e) {
        Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
        Log.error("A request failed", cause);
        return problem(500, "the service failed; its log says why").build();
    }

    private static String detail(WebApplicationException e) {
        return switch (e.getResponse().getStatus()) {
            case 404 -> "there is nothing here; images go to POST /classify";
            case 405 -> "this path knows other methods; images go to POST /classify";
            case 413 -> "the body is larger than what is taken";
            case 415 ->
                "send the image itself (Content-Type: image/png, image/jpeg or application/octet-stream),"
                        + " files as multipart/form-data (curl -F file=@digit.png), or {\"pixels\": [[…], …]} as"
                        + " application/json";
            default -> e.getMessage();
        };
    }

    private static Response.ResponseBuilder problem(int status, String detail) {
        return Response.status(status).type(Problem.MEDIA_TYPE).entity(Problem.of(status, detail));
    }
}
