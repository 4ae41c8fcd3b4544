// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.VertxHttpConfig;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * Unpacks bodies that come as {@code Content-Encoding: gzip}, on a worker thread, within the limit and the memory that hold for every
 * body; of any other coding it says that it is not taken. Whoever comes after sees a body as if it had come so.
 */
@Singleton
final class ContentCoding {
    private static final Set<String> GZIP = Set.of("gzip", "x-gzip");
    private static final int BAD_REQUEST = 400;
    private static final int UNSUPPORTED = 415;
    private static final int CHUNK = 1 << 16;

    private final long limit;
    private final BodyBudget budget;
    private final EarlyAnswer answer;

    ContentCoding(VertxHttpConfig http, BodyBudget budget, EarlyAnswer answer) {
        this.limit = http.limits().maxBodySize().map(MemorySize::asLongValue).orElse(Long.MAX_VALUE);
        this.budget = budget;
        this.answer = answer;
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, FilterOrder.CODING);
    }

    private void check(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        String coding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        Buffer body = routing.body().buffer();
        if (coding == null || body == null || coding.equalsIgnoreCase("identity")) {
            routing.next();
        } else if (GZIP.contains(coding.toLowerCase(Locale.ROOT))) {
            routing.vertx()
                    .executeBlocking(() -> unpack(body.getBytes()), false)
                    .onSuccess(unpacked -> go(routing, unpacked))
                    .onFailure(failure -> refuse(routing, failure));
        } else {
            routing.response().putHeader(HttpHeaders.ACCEPT_ENCODING, "gzip");
            answer.send(
                    routing,
                    Problem.of(
                            UNSUPPORTED,
                            "the body comes as \"" + shown(coding) + "\"; it may come as gzip, or as it is"));
        }
    }

    private static String shown(String header) {
        return header.replaceAll("[^A-Za-z0-9, _.-]", "?");
    }

    /** Its client left, or was told meanwhile that it takes too long. */
    private static boolean over(RoutingContext routing) {
        return routing.response().ended() || routing.response().closed();
    }

    private void go(RoutingContext routing, Buffer unpacked) {
        if (over(routing)) {
            budget.give(unpacked.length());
            return;
        }
        routing.addEndHandler(end -> budget.give(unpacked.length()));
        routing.request().headers().remove(HttpHeaders.CONTENT_ENCODING);
        routing.request().headers().set(HttpHeaders.CONTENT_LENGTH, Integer.toString(unpacked.length()));
        ((RoutingContextInternal) routing).setBody(unpacked);
        routing.next();
    }

    /** Unpacked it would be more than is taken. */
    private static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** Others have the memory. */
    private static final class NoRoom extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private Buffer unpack(byte[] packed) throws IOException {
        Buffer unpacked = Buffer.buffer();
        byte[] chunk = new byte[CHUNK];
        boolean whole = false;
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(packed), CHUNK)) {
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                if (unpacked.length() + (long) count > limit) {
                    throw new TooLarge();
                }
                if (!budget.take(unpacked.length(), count)) {
                    throw new NoRoom();
                }
                unpacked.appendBytes(chunk, 0, count);
            }
            whole = true;
        } finally {
            if (!whole) {
                budget.give(unpacked.length());
            }
        }
        return unpacked;
    }

    void refuse(RoutingContext routing, Throwable failure) {
        if (over(routing)) {
            return;
        }
        if (failure instanceof TooLarge) {
            answer.send(
                    routing,
                    Problem.of(
                            BodyLimit.TOO_LARGE,
                            "the body has more than the " + limit + " bytes that are taken, unpacked"));
        } else if (failure instanceof NoRoom) {
            budget.refuse(routing, answer);
        } else if (failure instanceof IOException) {
            answer.send(
                    routing,
                    Problem.of(
                            BAD_REQUEST,
                            "the body is not what its Content-Encoding, gzip, says: " + failure.getMessage()));
        } else {
            routing.fail(failure);
        }
    }
}
