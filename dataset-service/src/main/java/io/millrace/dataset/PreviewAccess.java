// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import io.millrace.http.auth.Role;
import io.millrace.http.auth.RoleRule;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** What would be trained on is shown, and nothing is changed, though it is a POST. */
final class PreviewAccess {
    private PreviewAccess() {}

    @Produces
    @Singleton
    static RoleRule preview() {
        return RoleRule.posts(Role.READ, "/preview", "/plan");
    }
}
