// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.http.FilterOrder;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Takes a body as bytes when its {@code Content-Type} is missing, where the framework would choose any of the methods
 * there are, or is the one that curl gives to everything ({@code curl --data-binary @digit.png}). Of other types the name
 * is written small, since case makes no difference (<a href="https://www.rfc-editor.org/rfc/rfc9110#name-media-type">RFC
 * 9110, 8.3.1</a>) but to the framework.
 */
@Singleton
final class UntypedBody {
    private static final Pattern BOUNDARY = Pattern.compile("boundary=", Pattern.CASE_INSENSITIVE);
    private static final String GUESSED = "application/x-www-form-urlencoded";

    void register(@Observes Filters filters) {
        filters.register(UntypedBody::type, FilterOrder.BODY_TYPE);
    }

    private static void type(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        String small = type == null ? GUESSED : small(type);
        if (small.startsWith(GUESSED)) {
            request.headers().set(HttpHeaders.CONTENT_TYPE, "application/octet-stream");
        } else if (!small.equals(type)) {
            request.headers().set(HttpHeaders.CONTENT_TYPE, small);
        }
        routing.next();
    }

    private static String small(String type) {
        int end = type.indexOf(';') < 0 ? type.length() : type.indexOf(';');
        return type.substring(0, end).toLowerCase(Locale.ROOT)
                + BOUNDARY.matcher(type.substring(end)).replaceFirst("boundary=");
    }
}
