// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.openinference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.inference.registry.WantedModel;
import io.millrace.inference.ticket.Ticket;
import io.smallrye.common.annotation.NonBlocking;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/**
 * The protocol over HTTP
 * (<a href="https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md">specification</a>).
 */
@Path("/v2")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Open Inference Protocol")
public class OpenInferenceResource {
    static final String HEADER_LENGTH = "Inference-Header-Content-Length";

    private static final String INFER =
            "Classify images, given as one tensor \"image\": pixels, UINT8 or FP32 [N,C,H,W], or"
                    + " files, BYTES [N]. As JSON (files in base64), or with the tensors' bytes after the JSON (binary_data_size,"
                    + " and the header Inference-Header-Content-Length). Answers are \"probabilities\", FP32 [N,K], and \"label\", BYTES [N]";
    private static final String EXAMPLE = """
            {"id": "1", "inputs": [{"name": "image", "datatype": "UINT8", "shape": [1, 1, 2, 2], "data": [0, 255, 0, 255]}],
             "outputs": [{"name": "probabilities", "parameters": {"classification": 3}}, {"name": "label"}]}""";

    private final OpenInference openInference;
    private final ObjectMapper json;
    private final String version;

    OpenInferenceResource(
            OpenInference openInference,
            ObjectMapper json,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.openInference = openInference;
        this.json = json;
        this.version = version;
    }

    /**
     * The server.
     *
     * @param extensions what it can do beyond the protocol, by Triton's names
     */
    public record ServerMetadata(String name, String version, List<String> extensions) {}

    /** How the server is: under both names that there are for it. */
    public record ServerHealth(boolean live, boolean ready) {}

    /** How a model is. */
    public record ModelHealth(String name, boolean ready) {}

    @GET
    @Operation(summary = "What this server is, and which extensions it has")
    public ServerMetadata server() {
        return new ServerMetadata(OpenInference.SERVER, version, OpenInference.EXTENSIONS);
    }

    @GET
    @Path("/health/live")
    @Operation(summary = "Whether the threads that answer are alive")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = ServerHealth.class)))
    @APIResponse(responseCode = "503", description = "They are not")
    public Response live() {
        boolean live = openInference.live();
        return health(live, new ServerHealth(live, openInference.ready()));
    }

    @GET
    @Path("/health/ready")
    @Operation(summary = "Whether there is a model to answer with")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = ServerHealth.class)))
    @APIResponse(responseCode = "503", description = "There is none yet")
    public Response ready() {
        boolean ready = openInference.ready();
        return health(ready, new ServerHealth(openInference.live(), ready));
    }

    private static Response health(boolean well, ServerHealth health) {
        return Response.status(well ? Response.Status.OK : Response.Status.SERVICE_UNAVAILABLE)
                .entity(health)
                .build();
    }

    @GET
    @Path("/models/{model}")
    @Operation(summary = "What a model takes and gives")
    public ModelMetadata model(@PathParam("model") String model) {
        return openInference.metadata(WantedModel.named(model));
    }

    @GET
    @Path("/models/{model}/versions/{version}")
    @Operation(summary = "What a version of a model takes and gives: the one that is served, or the one before")
    public ModelMetadata model(@PathParam("model") String model, @PathParam("version") String version) {
        return openInference.metadata(WantedModel.of(model, version));
    }

    @GET
    @Path("/models/{model}/ready")
    @Operation(summary = "Whether a model answers")
    public ModelHealth modelReady(@PathParam("model") String model) {
        return new ModelHealth(openInference.metadata(WantedModel.named(model)).name(), true);
    }

    @GET
    @Path("/models/{model}/versions/{version}/ready")
    @Operation(summary = "Whether a version of a model answers")
    public ModelHealth modelReady(@PathParam("model") String model, @PathParam("version") String version) {
        return new ModelHealth(
                openInference.metadata(WantedModel.of(model, version)).name(), true);
    }

    @POST
    @NonBlocking
    @Path("/models/{model}/infer")
    @Produces({MediaType.APPLICATION_JSON, MediaType.APPLICATION_OCTET_STREAM})
    @Operation(summary = INFER)
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(type = SchemaType.OBJECT),
                            examples = @ExampleObject(name = "pixels", value = EXAMPLE)))
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = InferResponse.class)))
    @APIResponse(responseCode = "422", description = "A file cannot be read as an image")
    @APIResponse(responseCode = "504", description = "There was no answer within the deadline")
    public CompletionStage<Response> infer(
            @PathParam("model") String model,
            @HeaderParam(HEADER_LENGTH) String length,
            @Context RoutingContext routing) {
        return answer(WantedModel.named(model), length, routing);
    }

    @POST
    @NonBlocking
    @Path("/models/{model}/versions/{version}/infer")
    @Produces({MediaType.APPLICATION_JSON, MediaType.APPLICATION_OCTET_STREAM})
    @Operation(summary = INFER + ", by a version of the model: the one that is served, or the one before")
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(type = SchemaType.OBJECT),
                            examples = @ExampleObject(name = "pixels", value = EXAMPLE)))
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = InferResponse.class)))
    @APIResponse(responseCode = "422", description = "A file cannot be read as an image")
    @APIResponse(responseCode = "504", description = "There was no answer within the deadline")
    public CompletionStage<Response> infer(
            @PathParam("model") String model,
            @PathParam("version") String version,
            @HeaderParam(HEADER_LENGTH) String length,
            @Context RoutingContext routing) {
        return answer(WantedModel.of(model, version), length, routing);
    }

    private CompletionStage<Response> answer(WantedModel wanted, String length, RoutingContext routing) {
        Ticket ticket = Ticket.of(routing);
        return openInference
                .infer(ticket, wanted, () -> InferJson.read(ticket.body(), length))
                .thenApply(this::response);
    }

    private Response response(InferAnswer answer) {
        List<byte[]> binary = new ArrayList<>();
        InferResponse response = InferResponse.of(answer, binary);
        if (binary.isEmpty()) {
            return Response.ok(response, MediaType.APPLICATION_JSON_TYPE).build();
        }
        byte[] head = encoded(response);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head);
        binary.forEach(all::writeBytes);
        return Response.ok(all.toByteArray(), MediaType.APPLICATION_OCTET_STREAM_TYPE)
                .header(HEADER_LENGTH, head.length)
                .build();
    }

    private byte[] encoded(InferResponse response) {
        try {
            return json.writeValueAsBytes(response);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an answer cannot be written", e);
        }
    }
}
