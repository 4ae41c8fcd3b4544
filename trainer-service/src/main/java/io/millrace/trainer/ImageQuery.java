// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.contracts.event.StrictJson;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;

/** The parameters of a question about networks: what they would be trained on. Without any: MNIST's digits. */
public class ImageQuery {
    private static final List<String> NAMES = List.of("shape", "classes", "batch", "stem");
    private static final int LARGEST_BATCH = 1_000_000;

    @Parameter(description = "Channels, height and width of an image")
    @QueryParam("shape")
    @DefaultValue("1x28x28")
    public String shape;

    @Parameter(description = "Classes to tell apart")
    @QueryParam("classes")
    @DefaultValue("10")
    public String classes;

    @Parameter(description = "Images in a step, for the memory that training takes")
    @QueryParam("batch")
    @DefaultValue("128")
    public String batch;

    @Parameter(description = "First layers, imagenet or cifar; without it the usual ones of each network")
    @QueryParam("stem")
    public String stem;

    @Context
    public UriInfo uri;

    /** Refuses a parameter that does not exist. */
    private void requireKnown() {
        uri.getQueryParameters().forEach((name, values) -> {
            if (!NAMES.contains(name)) {
                throw new RefusedFieldException(
                        name,
                        values.get(0),
                        "left out, there is no such parameter; there are " + String.join(", ", NAMES));
            }
        });
    }

    /** The shape; whatever else is wrong is refused here, too. */
    ImageShape image() {
        requireKnown();
        return ImageShape.of(shape);
    }

    int classes() {
        return number("classes", classes, 2, Network.MOST_CLASSES);
    }

    int batch() {
        return number("batch", batch, 1, LARGEST_BATCH);
    }

    /** Null: the usual one. */
    Network.Stem stem() {
        JsonNode given = stem == null ? null : TextNode.valueOf(stem);
        return given == null ? null : StrictJson.read(given, Network.Stem.class, "stem");
    }

    private static int number(String name, String value, int low, int high) {
        if (value.matches("\\d{1,9}") && Integer.parseInt(value) >= low && Integer.parseInt(value) <= high) {
            return Integer.parseInt(value);
        }
        throw new RefusedFieldException(name, value, "a whole number from " + low + " to " + high);
    }
}
