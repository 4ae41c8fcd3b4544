// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import io.millrace.dataset.source.Uploads.RefusedException;
import io.millrace.http.EarlyAnswer;
import io.millrace.http.FilterOrder;
import io.millrace.http.Problem;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.Json;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code POST /datasets/{name}} with an archive as its body, which goes to a file as it comes. It is taken before the limit of
 * other bodies, which are held in memory; a file has one of its own.
 */
@Singleton
final class UploadRoute {
    private static final Pattern PATH = Pattern.compile("/datasets/([^/]+)");
    private static final int CREATED = 201;
    private static final int TOO_LARGE = 413;
    private static final int FAILED = 500;

    private final Uploads uploads;
    private final DatasetCatalog catalog;
    private final EarlyAnswer answer;
    private final ExecutorService checks = Executors.newCachedThreadPool();

    UploadRoute(Uploads uploads, DatasetCatalog catalog, EarlyAnswer answer) {
        this.uploads = uploads;
        this.catalog = catalog;
        this.answer = answer;
    }

    @PreDestroy
    void stop() {
        checks.shutdownNow();
    }

    void register(@Observes Filters filters) {
        filters.register(this::take, FilterOrder.UPLOAD);
    }

    private void take(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        Matcher path = PATH.matcher(routing.normalizedPath());
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        if (!request.method().equals(HttpMethod.POST)
                || !path.matches()
                || type != null && type.startsWith("application/json")) {
            routing.next();
            return;
        }
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length != null && length.matches("\\d{1,18}") && Long.parseLong(length) > uploads.most()) {
            answer.send(routing, tooLarge());
            return;
        }
        request.pause();
        String name = path.group(1);
        routing.vertx()
                .executeBlocking(() -> uploads.begin(name))
                .compose(part -> routing.vertx()
                        .fileSystem()
                        .open(part.toString(), new OpenOptions().setTruncateExisting(true))
                        .onFailure(e -> giveUp(routing, name)))
                .onSuccess(file -> new Arrival(routing, name, file).follow())
                .onFailure(e -> answer.send(routing, problem(e)));
    }

    private void giveUp(RoutingContext routing, String name) {
        routing.vertx().executeBlocking(() -> {
            uploads.giveUp(name);
            return null;
        });
    }

    private Problem tooLarge() {
        return Problem.of(
                TOO_LARGE, "the archive has more than the " + uploads.most() + " bytes of millrace.dataset.max-upload");
    }

    private static Problem problem(Throwable e) {
        return e instanceof RefusedException refused
                ? Problem.of(refused.status(), refused.getMessage())
                : Problem.of(FAILED, e instanceof IOException ? e.getMessage() : e.toString());
    }

    /** A body on its way to a file. Confined to the request's event loop. */
    private final class Arrival {
        private final RoutingContext routing;
        private final HttpServerRequest request;
        private final String name;
        private final AsyncFile file;
        private long bytes;
        private boolean over;

        Arrival(RoutingContext routing, String name, AsyncFile file) {
            this.routing = routing;
            this.request = routing.request();
            this.name = name;
            this.file = file;
        }

        void follow() {
            if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
                routing.response().writeContinue();
            }
            request.handler(this::more);
            request.endHandler(end -> whole());
            // The client is gone: there is nobody to answer.
            request.exceptionHandler(e -> stop(null));
            request.resume();
        }

        private void more(Buffer buffer) {
            bytes += buffer.length();
            if (over) {
                return;
            }
            if (bytes > uploads.most()) {
                stop(tooLarge());
                return;
            }
            file.write(buffer).onFailure(e -> stop(problem(e)));
            if (file.writeQueueFull()) {
                request.pause();
                file.drainHandler(drained -> request.resume());
            }
        }

        private void stop(Problem problem) {
            if (over) {
                return;
            }
            over = true;
            file.close().onComplete(closed -> giveUp(routing, name));
            if (problem != null) {
                answer.send(routing, problem);
            }
        }

        private void whole() {
            if (over) {
                return;
            }
            over = true;
            file.close().onSuccess(closed -> checks.execute(this::accept)).onFailure(e -> {
                giveUp(routing, name);
                answer.send(routing, problem(e));
            });
        }

        /** Not on a thread of Vert.x, which would complain that it takes long. */
        private void accept() {
            try {
                Uploads.Accepted accepted = uploads.accept(name, request.getParam("sha256"));
                catalog.forget(name);
                routing.response()
                        .setStatusCode(CREATED)
                        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                        .putHeader(HttpHeaders.LOCATION, "/datasets/" + name)
                        .end(Json.encodeToBuffer(accepted));
            } catch (RefusedException | IOException | RuntimeException e) {
                answer.send(routing, problem(e));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                answer.send(routing, problem(e));
            }
        }
    }
}
