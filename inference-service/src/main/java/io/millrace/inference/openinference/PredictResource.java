// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import io.millrace.image.PictureException;
import io.millrace.image.PictureException.Reason;
import io.millrace.image.PictureReader;
import io.millrace.inference.InferenceConfig;
import io.millrace.inference.classify.Asked;
import io.millrace.inference.classify.Choices;
import io.millrace.inference.classify.Classification;
import io.millrace.inference.classify.Prediction;
import io.millrace.inference.image.JsonImages;
import io.millrace.inference.registry.ModelCard;
import io.millrace.inference.registry.ModelRegistry;
import io.millrace.inference.registry.WantedModel;
import io.millrace.inference.ticket.Ticket;
import io.smallrye.common.annotation.NonBlocking;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/**
 * KServe's protocol before version 2
 * (<a href="https://github.com/kserve/website/blob/main/docs/concepts/architecture/data-plane/v1-protocol.md">description</a>).
 */
@Path("/v1/models")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "KServe's protocol, version 1")
public class PredictResource {
    private final Classification classification;
    private final OpenInference openInference;
    private final ModelRegistry registry;
    private final PictureReader reader;
    private final int maxPixels;

    PredictResource(
            Classification classification,
            OpenInference openInference,
            ModelRegistry registry,
            PictureReader reader,
            InferenceConfig configuration) {
        this.classification = classification;
        this.openInference = openInference;
        this.registry = registry;
        this.reader = reader;
        this.maxPixels = configuration.maxPixels();
    }

    /**
     * What can be asked.
     *
     * @param models names
     */
    public record ModelNames(List<String> models) {}

    /**
     * What is answered.
     *
     * @param predictions as {@code POST /classify} answers them, in the order of the instances
     */
    public record PredictResponse(List<Prediction> predictions) {}

    @GET
    @Operation(summary = "The names of the models that answer")
    public ModelNames models() {
        return new ModelNames(registry.card().map(ModelCard::name).stream().toList());
    }

    @GET
    @Path("/{model: [^/:]+}")
    @Operation(summary = "Whether a model answers")
    public OpenInferenceResource.ModelHealth model(@PathParam("model") String model) {
        return new OpenInferenceResource.ModelHealth(
                openInference.metadata(WantedModel.named(model)).name(), true);
    }

    @POST
    @NonBlocking
    @Path("/{model: [^/:]+}:predict")
    @Operation(
            summary =
                    "Classify {\"instances\": […]}: rows of numbers, files in base64, or objects with \"image\", \"pixels\" or"
                            + " \"b64\"")
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(type = SchemaType.OBJECT),
                            examples =
                                    @ExampleObject(
                                            name = "pixels",
                                            value =
                                                    "{\"instances\": [[[0, 255], [0, 255]], {\"pixels\": [[0, 1], [0, 1]]}]}")))
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = PredictResponse.class)))
    @APIResponse(responseCode = "422", description = "An instance cannot be read as an image")
    @APIResponse(responseCode = "504", description = "There was no answer within the deadline")
    public CompletionStage<PredictResponse> predict(@PathParam("model") String model, @Context RoutingContext routing)
            throws PictureException {
        Ticket ticket = Ticket.of(routing);
        MultiMap query = Choices.query(routing);
        Choices.of(query, Map.of());
        return classification
                .classify(ticket, WantedModel.named(model), () -> instances(ticket.body(), query))
                .thenApply(answered -> new PredictResponse(answered.predictions()));
    }

    private Asked instances(byte[] body, MultiMap query) throws PictureException {
        JsonImages images = JsonImages.read(body, Choices.NAMES);
        if (!images.several()) {
            throw new PictureException(Reason.MALFORMED, "the body has no \"instances\"; a list of images is expected");
        }
        return new Asked(images.sources(maxPixels, reader), true, Choices.of(query, images.more()));
    }
}
