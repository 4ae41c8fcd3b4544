// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.problem;

import io.millrace.http.Problem;
import io.millrace.image.PictureException;
import io.millrace.inference.InferenceMetrics;
import io.quarkus.logging.Log;
import jakarta.inject.Singleton;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.core.multipart.MultipartParser;

/** What this service refuses, as problem details. */
@Singleton
final class ProblemMapper {
    private static final int UNPROCESSABLE = 422;
    private static final int GATEWAY_TIMEOUT = 504;
    /** No standard's, and nobody reads it; logs know it from nginx. */
    private static final int CLIENT_CLOSED_REQUEST = 499;

    private final InferenceMetrics metrics;

    ProblemMapper(InferenceMetrics metrics) {
        this.metrics = metrics;
    }

    @ServerExceptionMapper
    Response image(PictureException e) {
        int status =
                switch (e.reason()) {
                    case MALFORMED -> 400;
                    case TOO_LARGE -> 413;
                    case UNSUPPORTED -> 415;
                    case UNREADABLE -> UNPROCESSABLE;
                };
        return Problem.of(status, e.getMessage()).response().build();
    }

    @ServerExceptionMapper
    Response unavailable(UnavailableException e) {
        metrics.refused(e.refusal());
        return Problem.of(503, e.getMessage())
                .response()
                .header(HttpHeaders.RETRY_AFTER, e.retryAfter().toSeconds())
                .build();
    }

    @ServerExceptionMapper
    Response noSuchModel(NoSuchModelException e) {
        return Problem.of(404, e.getMessage()).response().build();
    }

    @ServerExceptionMapper
    Response late(LateException e) {
        metrics.refused(Refusal.LATE);
        return Problem.of(GATEWAY_TIMEOUT, e.getMessage()).response().build();
    }

    @ServerExceptionMapper
    Response gone(GoneException e) {
        return Problem.of(CLIENT_CLOSED_REQUEST, e.getMessage()).response().build();
    }

    /** What the framework refuses: no such path, method or media type, or a body that breaks off. */
    @ServerExceptionMapper
    Response refused(WebApplicationException e) {
        return Problem.response(e, detail(e));
    }

    /** A client that leaves, where nobody reads the answer; or a form whose parts do not end where they should. */
    @ServerExceptionMapper
    Response brokenOff(IOException e) {
        Log.debug("A body broke off", e);
        return Problem.of(400, "the body breaks off, or is not what its Content-Type says: " + e.getMessage())
                .response()
                .build();
    }

    @ServerExceptionMapper
    Response noForm(MultipartParser.MalformedMessageException e) {
        return Problem.of(400, "the body is no form: its parts are not what multipart/form-data demands")
                .response()
                .build();
    }

    private static String detail(WebApplicationException e) {
        return switch (e.getResponse().getStatus()) {
            case 404 -> "there is nothing here; images go to POST /classify";
            case 405 -> "this path knows other methods; images go to POST /classify";
            case 413 -> "the body is larger than what is taken";
            case 415 ->
                "send the image itself (Content-Type: image/png, image/jpeg or application/octet-stream),"
                        + " files as multipart/form-data (curl -F file=@digit.png), or {\"image\": \"<base64>\"} or {\"pixels\":"
                        + " [[…], …]} as application/json";
            default -> io.millrace.http.ProblemMapper.detail(e);
        };
    }
}
