// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;

/** Describes {@link Choices} where they can be made; a resource reads them from the query itself. */
@OpenApiFilter(value = OpenApiFilter.RunStage.BUILD, priority = 2)
public final class ChoiceDescriptions implements OASFilter {
    private static final Set<String> PATHS = Set.of("/classify", "/classify/{model}", "/v1/models/{model}:predict");

    @Override
    public void filterOpenAPI(OpenAPI description) {
        description.getPaths().getPathItems().forEach((path, item) -> {
            if (PATHS.contains(path)) {
                parameters().forEach(item.getPOST()::addParameter);
            }
        });
    }

    private static List<Parameter> parameters() {
        return List.of(
                parameter(
                        "top",
                        "How many classes to name; also a field of a form, or a member of the JSON",
                        schema(Schema.SchemaType.INTEGER).defaultValue(3)),
                parameter(
                        "fit",
                        "How a picture is made what the network takes; without, as the model's were; also as above",
                        schema(Schema.SchemaType.STRING).enumeration(List.of("ink", "photo"))),
                parameter(
                        "invert",
                        "Whether light and dark change places first; also as above",
                        schema(Schema.SchemaType.BOOLEAN).defaultValue(false)));
    }

    private static Schema schema(Schema.SchemaType type) {
        return OASFactory.createSchema().addType(type);
    }

    private static Parameter parameter(String name, String description, Schema schema) {
        return OASFactory.createParameter()
                .name(name)
                .in(Parameter.In.QUERY)
                .description(description)
                .schema(schema);
    }
}
