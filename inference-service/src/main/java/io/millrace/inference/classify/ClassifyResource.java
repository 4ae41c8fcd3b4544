// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.image.PictureException;
import io.millrace.image.PictureReader;
import io.millrace.inference.InferenceConfig;
import io.millrace.inference.decode.ImageSource;
import io.millrace.inference.image.JsonImages;
import io.millrace.inference.registry.WantedModel;
import io.millrace.inference.ticket.Ticket;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.common.annotation.NonBlocking;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
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
import org.jboss.resteasy.reactive.server.multipart.MultipartFormDataInput;

/**
 * The three ways to send images, to whichever model is served or to one by its name. A request is taken on the event loop with its body
 * in its {@link Ticket}; what takes time is done elsewhere ({@link Inference}). A form goes by way of files, which blocks.
 */
@Path("/classify")
@Produces(MediaType.APPLICATION_JSON)
@APIResponse(
        responseCode = "200",
        description = "The most probable classes; of several images, a list",
        content = @Content(schema = @Schema(oneOf = {Prediction.class, Predictions.class})))
@APIResponse(responseCode = "422", description = "An image cannot be read")
@APIResponse(responseCode = "504", description = "There was no answer within the deadline")
public class ClassifyResource {
    private static final String IMAGE =
            "Classify the image in the body: PNG, JPEG, GIF (first frame), BMP, WebP or TIFF, whatever its"
                    + " Content-Type says; warnings in the answer say why it should not be trusted";
    private static final String JSON =
            "Classify {\"image\": \"<a file in base64>\"} or {\"pixels\": …}: rows of grey, [C][H][W] or"
                    + " [H][W][C], numbers from 0 to 255, or all from 0 to 1; or {\"instances\": […]} of such, which are answered as"
                    + " {\"results\": […]}";
    private static final String FILES =
            "Classify files, whatever their field's name; several are answered as {\"results\": […]}";
    private static final String BY_NAME = ", by the model of this name";
    private static final String EXAMPLE = "{\"pixels\": [[0, 0, 255], [0, 255, 0], [255, 0, 0]], \"top\": 1}";

    private final Classification classification;
    private final PictureReader reader;
    private final int maxPixels;

    ClassifyResource(Classification classification, PictureReader reader, InferenceConfig configuration) {
        this.classification = classification;
        this.reader = reader;
        this.maxPixels = configuration.maxPixels();
    }

    @POST
    @NonBlocking
    @Consumes({"image/*", MediaType.APPLICATION_OCTET_STREAM})
    @Operation(summary = IMAGE)
    @RequestBody(
            content = {@Content(mediaType = "image/*", schema = @Schema(type = SchemaType.STRING, format = "binary"))})
    public CompletionStage<Object> image(@Context RoutingContext routing) throws PictureException {
        return image(WantedModel.ANY, routing);
    }

    @POST
    @NonBlocking
    @Path("/{model}")
    @Consumes({"image/*", MediaType.APPLICATION_OCTET_STREAM})
    @Operation(summary = IMAGE + BY_NAME)
    @RequestBody(
            content = {@Content(mediaType = "image/*", schema = @Schema(type = SchemaType.STRING, format = "binary"))})
    public CompletionStage<Object> image(@PathParam("model") String model, @Context RoutingContext routing)
            throws PictureException {
        return image(WantedModel.named(model), routing);
    }

    private CompletionStage<Object> image(WantedModel wanted, RoutingContext routing) throws PictureException {
        Ticket ticket = Ticket.of(routing);
        Choices choices = Choices.of(Choices.query(routing), Map.of());
        return answer(
                ticket, wanted, () -> Asked.one((input, gate) -> reader.read(ticket.body(), input, gate), choices));
    }

    @POST
    @NonBlocking
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = JSON)
    @RequestBody(
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(type = SchemaType.OBJECT),
                        examples = @ExampleObject(name = "pixels", value = EXAMPLE))
            })
    public CompletionStage<Object> json(@Context RoutingContext routing) throws PictureException {
        return json(WantedModel.ANY, routing);
    }

    @POST
    @NonBlocking
    @Path("/{model}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = JSON + BY_NAME)
    @RequestBody(
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(type = SchemaType.OBJECT),
                        examples = @ExampleObject(name = "pixels", value = EXAMPLE))
            })
    public CompletionStage<Object> json(@PathParam("model") String model, @Context RoutingContext routing)
            throws PictureException {
        return json(WantedModel.named(model), routing);
    }

    private CompletionStage<Object> json(WantedModel wanted, RoutingContext routing) throws PictureException {
        Ticket ticket = Ticket.of(routing);
        MultiMap query = Choices.query(routing);
        // What stands in the query is looked at before any work.
        Choices.of(query, Map.of());
        return answer(ticket, wanted, () -> {
            JsonImages read = JsonImages.read(ticket.body(), Choices.NAMES);
            return new Asked(read.sources(maxPixels, reader), read.several(), Choices.of(query, read.more()));
        });
    }

    @POST
    @Blocking
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    @Operation(summary = FILES)
    public CompletionStage<Object> files(@Context RoutingContext routing, MultipartFormDataInput form)
            throws PictureException {
        return files(WantedModel.ANY, routing, form);
    }

    @POST
    @Blocking
    @Path("/{model}")
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    @Operation(summary = FILES + BY_NAME)
    public CompletionStage<Object> files(
            @PathParam("model") String model, @Context RoutingContext routing, MultipartFormDataInput form)
            throws PictureException {
        return files(WantedModel.named(model), routing, form);
    }

    private CompletionStage<Object> files(WantedModel wanted, RoutingContext routing, MultipartFormDataInput form)
            throws PictureException {
        Choices choices = Choices.of(Choices.query(routing), UploadedFiles.choices(form));
        List<ImageSource> files = UploadedFiles.of(form, reader);
        List<UploadedFiles.Place> places = UploadedFiles.places(form);
        return classification
                .classify(Ticket.of(routing), wanted, () -> new Asked(files, files.size() > 1, choices))
                .thenApply(answered -> answered.from(places).body());
    }

    private CompletionStage<Object> answer(Ticket ticket, WantedModel wanted, Asked.Reading reading) {
        return classification.classify(ticket, wanted, reading).thenApply(Answered::body);
    }
}
