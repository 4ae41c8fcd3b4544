// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * Takes a body as bytes when its {@code Content-Type} is missing, where the framework would choose any of the methods
 * there are, or is the one that curl gives to everything ({@code curl --data-binary @digit.png}).
 */
@Singleton
final class UntypedBody {
    private static final int BEFORE_ROUTING = 50;
    private static final String GUESSED = "application/x-www-form-urlencoded";

    void register(@Observes Filters filters) {
        filters.register(UntypedBody::type, BEFORE_ROUTING);
    }

    private static void type(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        if (type == null || type.startsWith(GUESSED)) {
            request.headers().set(HttpHeaders.CONTENT_TYPE, "application/octet-stream");
        }
        routing.next();
    }
}
