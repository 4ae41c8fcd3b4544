// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import io.millrace.http.auth.Role;
import io.millrace.http.auth.RoleRule;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Asking what a picture shows changes nothing, though it is a POST. */
final class ClassifyAccess {
    private ClassifyAccess() {}

    @Produces
    @Singleton
    static RoleRule classify() {
        return RoleRule.posts(Role.CLASSIFY, "/classify", "/explain", "/feedback");
    }
}
