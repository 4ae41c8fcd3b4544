// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import io.millrace.http.PlainErrors;
import io.millrace.http.auth.Role;
import io.millrace.http.auth.RoleRule;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** What this feature is made of. */
final class OpenInferenceBeans {
    private OpenInferenceBeans() {}

    /** The protocols' own. */
    @Produces
    @Singleton
    static PlainErrors errors() {
        return PlainErrors.below("/v1", "/v2");
    }

    /** gRPC has no GET. */
    @Produces
    @Singleton
    static RoleRule looking() {
        return RoleRule.posts(
                Role.READ,
                GrpcCalls.SERVICE + "ServerLive",
                GrpcCalls.SERVICE + "ServerReady",
                GrpcCalls.SERVICE + "ServerMetadata",
                GrpcCalls.SERVICE + "ModelReady",
                GrpcCalls.SERVICE + "ModelMetadata");
    }

    @Produces
    @Singleton
    static RoleRule asking() {
        return RoleRule.posts(Role.CLASSIFY, "/v1/models", "/v2/models", GrpcCalls.SERVICE + "ModelInfer");
    }
}
