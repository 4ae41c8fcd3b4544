// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.auth;

import io.quarkus.arc.All;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which role a request needs, by its method and path. Immutable. */
@Singleton
final class RequiredRole {
    private static final Set<HttpMethod> LOOKING = Set.of(HttpMethod.GET, HttpMethod.HEAD);

    /**
     * The description of the interface, the page that shows it, and the files of the page for people: what a browser fetches
     * without a token, and says nothing of this installation.
     */
    private static final Set<String> PUBLIC = Set.of("/q/openapi", "/q/swagger-ui", "/page", "/webjars");

    private final List<RoleRule> rules;

    RequiredRole(@All List<RoleRule> rules) {
        this.rules = rules;
    }

    /** Empty: none. A question about what may be asked (OPTIONS) needs none, since browsers ask it without a token. */
    Optional<Role> of(RoutingContext routing) {
        return of(routing.request().method(), routing.normalizedPath());
    }

    Optional<Role> of(HttpMethod method, String path) {
        if (method.equals(HttpMethod.OPTIONS)) {
            return Optional.empty();
        }
        if (LOOKING.contains(method)) {
            boolean open =
                    path.equals("/") || PUBLIC.stream().anyMatch(own -> path.equals(own) || path.startsWith(own + "/"));
            return open ? Optional.empty() : Optional.of(Role.READ);
        }
        return rules.stream()
                .flatMap(rule -> rule.of(method, path).stream())
                .findFirst()
                .or(() -> Optional.of(Role.OPERATE));
    }
}
