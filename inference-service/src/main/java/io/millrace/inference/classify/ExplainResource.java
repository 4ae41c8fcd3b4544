// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.classify;

import io.millrace.image.Overlay;
import io.millrace.image.PictureException;
import io.millrace.image.PictureReader;
import io.millrace.inference.InferenceConfig;
import io.millrace.inference.decode.ImageSource;
import io.millrace.inference.decode.ImageSources;
import io.millrace.inference.image.JsonImages;
import io.millrace.inference.ticket.Ticket;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.common.annotation.NonBlocking;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.NotAcceptableException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jboss.resteasy.reactive.server.multipart.MultipartFormDataInput;

/** Which pixels of one image speak for an answer: as JSON, or as a picture ({@code Accept: image/png}). */
@Path("/explain")
@Produces({MediaType.APPLICATION_JSON, ExplainResource.PNG})
@APIResponse(
        responseCode = "200",
        description = "Heat from 0 to 1 for each pixel of the image as the network takes it, or the image with it over",
        content = {
            @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Explained.class)),
            @Content(mediaType = ExplainResource.PNG)
        })
@APIResponse(responseCode = "400", description = "The model has no such class, or the body is malformed")
@APIResponse(responseCode = "413", description = "The image is too large")
@APIResponse(responseCode = "415", description = "It is of no type that is read")
@APIResponse(responseCode = "422", description = "It cannot be read as an image")
@APIResponse(responseCode = "503", description = "No model is loaded, or there is no room")
@APIResponse(responseCode = "504", description = "There was no explanation within the deadline")
public class ExplainResource {
    static final String PNG = "image/png";

    private static final String CLASS = "The class to explain, by its name; without, the answer of the model";

    private final Explanation explanation;
    private final PictureReader reader;
    private final int maxPixels;

    ExplainResource(Explanation explanation, PictureReader reader, InferenceConfig configuration) {
        this.explanation = explanation;
        this.reader = reader;
        this.maxPixels = configuration.maxPixels();
    }

    @POST
    @NonBlocking
    @Consumes({"image/*", MediaType.APPLICATION_OCTET_STREAM})
    @Operation(summary = "Explain the answer for the image in the body, of any type that POST /classify takes")
    @RequestBody(
            content = {@Content(mediaType = "image/*", schema = @Schema(type = SchemaType.STRING, format = "binary"))})
    public CompletionStage<Response> image(
            @Parameter(description = CLASS) @QueryParam("class") String wanted,
            @Context HttpHeaders headers,
            @Context RoutingContext routing) {
        Ticket ticket = Ticket.of(routing);
        return explained(
                ticket, () -> List.of((input, gate) -> reader.read(ticket.body(), input, gate)), wanted, headers);
    }

    @POST
    @NonBlocking
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Explain the answer for {\"image\": …} or {\"pixels\": …}, as POST /classify takes them")
    @RequestBody(
            content = {@Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = SchemaType.OBJECT))})
    public CompletionStage<Response> pixels(
            @Parameter(description = CLASS) @QueryParam("class") String wanted,
            @Context HttpHeaders headers,
            @Context RoutingContext routing)
            throws PictureException {
        Ticket ticket = Ticket.of(routing);
        return explained(
                ticket, () -> JsonImages.read(ticket.body(), Set.of()).sources(maxPixels, reader), wanted, headers);
    }

    @POST
    @Blocking
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    @Operation(summary = "Explain the answer for the one file of a form, whatever its field's name")
    public CompletionStage<Response> file(
            @Parameter(description = CLASS) @QueryParam("class") String wanted,
            @Context HttpHeaders headers,
            @Context RoutingContext routing,
            MultipartFormDataInput form)
            throws PictureException {
        List<ImageSource> files = UploadedFiles.of(form, reader);
        return explained(Ticket.of(routing), () -> files, wanted, headers);
    }

    private CompletionStage<Response> explained(
            Ticket ticket, ImageSources images, String wanted, HttpHeaders headers) {
        boolean picture = wantsPicture(headers);
        return explanation
                .explain(ticket, images, wanted)
                .thenApply(found -> picture
                        ? Response.ok(
                                        Overlay.of(
                                                        found.image().picture(),
                                                        found.heat().values())
                                                .png(),
                                        PNG)
                                .build()
                        : Response.ok(found.explained(), MediaType.APPLICATION_JSON)
                                .build());
    }

    /** By the first of the acceptable types, best first, that there is. */
    private static boolean wantsPicture(HttpHeaders headers) {
        for (MediaType type : headers.getAcceptableMediaTypes()) {
            if (type.isCompatible(MediaType.APPLICATION_JSON_TYPE)) {
                return false;
            }
            if (type.isCompatible(MediaType.valueOf(PNG))) {
                return true;
            }
        }
        throw new NotAcceptableException("an explanation is application/json or image/png; accept one of them");
    }
}
