// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema;

/** Describes errors of these protocols as what they are, after they were described as problem details with all others. */
@OpenApiFilter(value = OpenApiFilter.RunStage.BUILD, priority = 0)
public final class ErrorDescriptions implements OASFilter {
    private static final String ERROR = "Error";

    @Override
    public void filterOpenAPI(OpenAPI description) {
        description
                .getComponents()
                .addSchema(
                        ERROR,
                        OASFactory.createSchema()
                                .addType(Schema.SchemaType.OBJECT)
                                .description("An error of the protocol")
                                .addProperty("error", OASFactory.createSchema().addType(Schema.SchemaType.STRING)));
        description.getPaths().getPathItems().forEach((path, item) -> {
            if (path.startsWith("/v1") || path.startsWith("/v2")) {
                item.getOperations().values().forEach(ErrorDescriptions::plain);
            }
        });
    }

    private static void plain(Operation operation) {
        operation.getResponses().getAPIResponses().forEach((status, response) -> {
            if (status.matches("[45]..")) {
                response.setContent(OASFactory.createContent()
                        .addMediaType(
                                "application/json",
                                OASFactory.createMediaType()
                                        .schema(OASFactory.createSchema().ref(ERROR))));
            }
        });
    }
}
