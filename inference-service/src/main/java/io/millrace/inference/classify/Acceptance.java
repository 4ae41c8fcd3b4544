// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.http.EarlyAnswer;
import io.millrace.http.FilterOrder;
import io.millrace.http.Problem;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.MIMEHeader;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Set;
import java.util.regex.Pattern;

/** Tells whoever accepts no JSON before there is any work; the framework would when the answer is to be written. */
@Singleton
final class Acceptance {
    private static final Pattern JSON_ALONE =
            Pattern.compile("/classify(/[^/]+)?|/v1/models/[^/]+:predict|/v2/models/[^/]+(/versions/[^/]+)?/infer");
    private static final Set<String> ENOUGH = Set.of("json", "*", "octet-stream");
    private static final int NOT_ACCEPTABLE = 406;

    private final EarlyAnswer answer;

    Acceptance(EarlyAnswer answer) {
        this.answer = answer;
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, FilterOrder.ACCEPT);
    }

    private void check(RoutingContext routing) {
        if (!routing.request().method().equals(HttpMethod.POST)
                || !JSON_ALONE.matcher(routing.normalizedPath()).matches()
                || routing.parsedHeaders().accept().isEmpty()
                || routing.parsedHeaders().accept().stream().anyMatch(Acceptance::json)) {
            routing.next();
            return;
        }
        answer.send(
                routing,
                Problem.of(
                        NOT_ACCEPTABLE,
                        "what is asked for is given in no type that the request accepts; leave out Accept, or accept"
                                + " application/json"));
    }

    private static boolean json(MIMEHeader accepted) {
        return accepted.weight() > 0
                && (accepted.component().equals("application")
                        || accepted.component().equals("*"))
                && ENOUGH.contains(accepted.subComponent());
    }
}
