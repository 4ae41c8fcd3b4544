// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.auth;

import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.security.HttpSecurityPolicy;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Optional;

/** Lets through who has the role that a request needs; everybody, where there are no tokens. Thread-safe. */
@Singleton
final class RolePolicy implements HttpSecurityPolicy {
    private final Tokens tokens;
    private final RequiredRole required;

    RolePolicy(Tokens tokens, RequiredRole required) {
        this.tokens = tokens;
        this.required = required;
    }

    @Override
    public Uni<CheckResult> checkPermission(
            RoutingContext routing, Uni<SecurityIdentity> identity, AuthorizationRequestContext context) {
        Optional<Role> needed = tokens.none() ? Optional.empty() : required.of(routing);
        return needed.isEmpty()
                ? CheckResult.permit()
                : identity.map(who -> new CheckResult(who.hasRole(needed.get().label())));
    }
}
