// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.door;

import io.millrace.http.EarlyAnswer;
import io.millrace.http.FilterOrder;
import io.millrace.http.Problem;
import io.quarkus.vertx.http.runtime.VertxHttpConfig;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Refuses what a page of somebody else sends from a user's browser, which reaches services on loopback like the user does:
 * requests that change something must name a known host, and come from no page or from a known one. Thread-safe.
 */
@Singleton
final class CallerFilter {
    private static final Set<HttpMethod> SAFE = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
    private static final int BAD_REQUEST = 400;
    private static final int FORBIDDEN = 403;
    private static final int MISDIRECTED = 421;
    private static final int SHOWN = 100;

    private final KnownHosts hosts;
    private final KnownOrigins origins;
    private final EarlyAnswer answer;

    CallerFilter(DoorConfig config, VertxHttpConfig http, EarlyAnswer answer) {
        this.hosts = new KnownHosts(config.hosts().orElse(List.of()));
        this.origins = new KnownOrigins(http.cors());
        this.answer = answer;
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, FilterOrder.CALLER);
    }

    private void check(RoutingContext routing) {
        objection(routing.request()).ifPresentOrElse(problem -> answer.send(routing, problem), routing::next);
    }

    private Optional<Problem> objection(HttpServerRequest request) {
        List<String> named = request.headers().getAll(HttpHeaders.HOST);
        boolean safe = SAFE.contains(request.method());
        if (named.size() > 1 || named.contains("") || named.isEmpty() && !safe) {
            return Optional.of(Problem.of(
                    BAD_REQUEST,
                    "the request has to name one Host, and it names " + (named.size() > 1 ? "several" : "none")));
        }
        return safe ? Optional.empty() : objection(named.get(0), request.getHeader(HttpHeaders.ORIGIN));
    }

    private Optional<Problem> objection(String host, String origin) {
        if (!hosts.knows(host)) {
            return Optional.of(Problem.of(
                    MISDIRECTED,
                    "nothing is changed for who asks for the Host \"" + shown(host)
                            + "\", a name that this service does not know; ask for its address or localhost, or name it in"
                            + " millrace.http.hosts"));
        }
        if (origin != null && !origins.allows(origin, host)) {
            return Optional.of(Problem.of(
                    FORBIDDEN,
                    "nothing is changed for pages of \"" + shown(origin)
                            + "\"; to let them, name that Origin in quarkus.http.cors.origins and set"
                            + " quarkus.http.cors.enabled=true"));
        }
        return Optional.empty();
    }

    private static String shown(String header) {
        String line = header.replaceAll("[^\\x20-\\x7e]|\"", "?");
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
    }
}
