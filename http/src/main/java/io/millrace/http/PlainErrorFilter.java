// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import io.millrace.http.PlainErrors.PlainError;
import io.quarkus.arc.All;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.MediaType;
import java.lang.annotation.Annotation;
import java.util.List;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** Gives the problems of resources the form that their protocol has for errors. Thread-safe. */
@Singleton
public class PlainErrorFilter {
    private final List<PlainErrors> plain;

    PlainErrorFilter(@All List<PlainErrors> plain) {
        this.plain = plain;
    }

    /** Replaces problem details where they are not the form of the path. */
    @ServerResponseFilter
    public void form(ContainerResponseContext response, RoutingContext routing) {
        if (response.getEntity() instanceof Problem problem
                && plain.stream().anyMatch(own -> own.of(routing.normalizedPath()))) {
            response.setEntity(new PlainError(problem.detail()), new Annotation[0], MediaType.APPLICATION_JSON_TYPE);
        }
    }
}
