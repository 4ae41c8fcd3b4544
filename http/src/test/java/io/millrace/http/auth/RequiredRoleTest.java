// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpMethod;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequiredRoleTest {
    private final RequiredRole required = new RequiredRole(List.of(RoleRule.posts(Role.CLASSIFY, "/classify")));

    @ParameterizedTest
    @CsvSource({
        "GET, /runs, read",
        "HEAD, /runs, read",
        "POST, /runs, operate",
        "DELETE, /runs/a, operate",
        "PATCH, /runs/a, operate",
        "TRACE, /runs, operate",
        "INVENTED, /runs, operate",
        "POST, /classify, classify",
        "POST, /classify/mnist, classify",
        "POST, /classify2, operate",
        "PUT, /classify, operate",
        "GET, /classify, read",
        "OPTIONS, /runs, none",
        "GET, /q/openapi, none",
        "GET, /q/swagger-ui/index.html, none",
        "GET, /q/openapi2, read",
        "POST, /q/openapi, operate",
        "GET, /, none",
        "GET, //runs, read",
        "POST, /, operate",
        "GET, /page/main.js, none",
        "GET, /webjars/uplot/1.6.30/dist/uPlot.min.css, none",
    })
    void followsFromMethodAndPath(String method, String path, String role) {
        assertThat(required.of(HttpMethod.valueOf(method), path)
                        .map(Role::label)
                        .orElse("none"))
                .isEqualTo(role);
    }
}
