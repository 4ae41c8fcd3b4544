// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.auth;

import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Optional;

/**
 * Where a POST changes nothing, and so needs less than others. A service with such paths has one as a bean. Immutable.
 *
 * @param role what it needs
 * @param paths these and all below them
 */
public record RoleRule(Role role, List<String> paths) {
    /** A rule for POST to some paths, and all below them. */
    public static RoleRule posts(Role role, String... paths) {
        return new RoleRule(role, List.of(paths));
    }

    Optional<Role> of(HttpMethod method, String path) {
        return method.equals(HttpMethod.POST)
                        && paths.stream().anyMatch(own -> path.equals(own) || path.startsWith(own + "/"))
                ? Optional.of(role)
                : Optional.empty();
    }
}
