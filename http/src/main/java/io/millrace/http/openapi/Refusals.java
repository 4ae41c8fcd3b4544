// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.openapi;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/**
 * Adds what module http answers to requests of every service: that a token may be asked for, and the refusals, as problem
 * details. What a resource says of a status itself stays.
 */
@OpenApiFilter(OpenApiFilter.RunStage.BUILD)
public final class Refusals implements OASFilter {
    private static final String SCHEME = "token";
    private static final String PROBLEM = "Problem";
    private static final Set<PathItem.HttpMethod> LOOKING = Set.of(PathItem.HttpMethod.GET, PathItem.HttpMethod.HEAD);

    @Override
    public void filterOpenAPI(OpenAPI description) {
        if (description.getComponents() == null) {
            description.setComponents(OASFactory.createComponents());
        }
        description
                .getComponents()
                .addSchema(PROBLEM, problem())
                .addSecurityScheme(
                        SCHEME,
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.HTTP)
                                .scheme("bearer")
                                .description("Where the service has tokens; roles: read, classify, operate"));
        description.addSecurityRequirement(
                OASFactory.createSecurityRequirement().addScheme(SCHEME));
        if (description.getPaths() != null) {
            description.getPaths().getPathItems().forEach((path, item) -> item.getOperations()
                    .forEach((method, operation) -> complete(path, method, operation)));
        }
    }

    private static void complete(String path, PathItem.HttpMethod method, Operation operation) {
        if (operation.getResponses() == null) {
            operation.setResponses(OASFactory.createAPIResponses());
        }
        refusals(path, method, operation).forEach((status, why) -> {
            if (operation.getResponses().getAPIResponse(status) == null) {
                operation.getResponses().addAPIResponse(status, refusal(why));
            }
        });
        // Those that a resource names by their status alone are problems, too.
        operation.getResponses().getAPIResponses().forEach((status, response) -> {
            if (status.matches("[45]..") && response.getContent() == null) {
                response.setContent(refusal("").getContent());
            }
        });
    }

    private static Map<String, String> refusals(String path, PathItem.HttpMethod method, Operation operation) {
        Map<String, String> refusals = new LinkedHashMap<>();
        boolean body = operation.getRequestBody() != null;
        if (body
                || operation.getParameters() != null
                        && !operation.getParameters().isEmpty()) {
            refusals.put("400", "The request cannot be read");
        }
        refusals.put("401", "A token is needed, or this one is not known; the member role says which");
        refusals.put("403", "The token lacks the role, or the request comes from a page that may not");
        if (path.contains("{")) {
            refusals.put("404", "There is none of this name");
        }
        if (body) {
            refusals.put("413", "The body is too large");
            refusals.put("415", "The body is of no type that is taken");
        }
        if (!LOOKING.contains(method)) {
            refusals.put("421", "The service is not known by the name in Host");
            refusals.put("503", "Not now, but in a moment: Retry-After says when");
        }
        return refusals;
    }

    private static APIResponse refusal(String why) {
        return OASFactory.createAPIResponse()
                .description(why)
                .content(OASFactory.createContent()
                        .addMediaType(
                                "application/problem+json",
                                OASFactory.createMediaType()
                                        .schema(OASFactory.createSchema().ref(PROBLEM))));
    }

    private static Schema problem() {
        return OASFactory.createSchema()
                .description("Problem details (RFC 9457)")
                .addType(Schema.SchemaType.OBJECT)
                .addProperty("type", text("about:blank: the status says it all"))
                .addProperty("title", text("The name of the status"))
                .addProperty("status", OASFactory.createSchema().addType(Schema.SchemaType.INTEGER))
                .addProperty("detail", text("What is wrong with this request, and what would be right"));
    }

    private static Schema text(String description) {
        return OASFactory.createSchema().addType(Schema.SchemaType.STRING).description(description);
    }
}
