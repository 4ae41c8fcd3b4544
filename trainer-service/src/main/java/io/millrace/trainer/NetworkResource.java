// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.NamedNetworks;
import io.millrace.contracts.event.NetworkFile;
import io.millrace.contracts.event.RefusedFieldException;
import io.millrace.http.Problem;
import io.millrace.model.graph.Catalog;
import io.millrace.model.graph.Summary;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.function.Supplier;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** What can be trained, and what it is made of; as data, or as a table for whoever accepts {@code text/plain}. */
@Path("/networks")
public class NetworkResource {
    private static final String TEXT = MediaType.TEXT_PLAIN + ";charset=UTF-8";
    private static final String REFUSED = "A parameter will not do; the answer names it and the remedy";
    private static final int BAD_REQUEST = 400;

    @GET
    @Produces({MediaType.APPLICATION_JSON, TEXT})
    @Operation(summary = "The networks that are known by name; with Accept: text/plain as a table")
    @APIResponse(
            responseCode = "200",
            description = "Numbers for images of the asked shape",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(type = SchemaType.ARRAY, implementation = Catalog.Entry.class)))
    @APIResponse(responseCode = "400", description = REFUSED)
    public Response list(@BeanParam ImageQuery query, @Context HttpHeaders headers) {
        Catalog catalog = Catalog.of(query.image(), query.classes(), query.stem(), query.batch());
        return answer(headers, catalog.entries(), catalog::text);
    }

    @GET
    @Path("/{name}")
    @Produces({MediaType.APPLICATION_JSON, TEXT})
    @Operation(summary = "One network, layer by layer; with Accept: text/plain as a table")
    @APIResponse(
            responseCode = "200",
            description = "Its layers for images of the asked shape",
            content =
                    @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Summary.class)))
    @APIResponse(responseCode = "400", description = REFUSED)
    @APIResponse(responseCode = "404", description = "There is no network of this name")
    public Response show(@PathParam("name") String name, @BeanParam ImageQuery query, @Context HttpHeaders headers) {
        Summary summary = summary(name, query);
        return answer(headers, summary, summary::text);
    }

    /** Text for whoever asks for it first, as browsers do. */
    private static Response answer(HttpHeaders headers, Object data, Supplier<String> text) {
        boolean asText = headers.getAcceptableMediaTypes().get(0).getType().equals("text");
        return asText
                ? Response.ok(text.get(), TEXT).build()
                : Response.ok(data, MediaType.APPLICATION_JSON).build();
    }

    private static Summary summary(String name, ImageQuery query) {
        requireThere(name);
        ImageShape image = query.image();
        NetworkFile file = NetworkFile.of(TextNode.valueOf(name), query.stem());
        return Summary.of(file.network(image, query.classes()), image.height(), image.width(), query.batch());
    }

    private static void requireThere(String name) {
        try {
            NamedNetworks.layout(name);
        } catch (RefusedFieldException e) {
            throw new NotFoundException(e.getMessage(), e);
        }
    }

    @ServerExceptionMapper
    Response refused(RefusedFieldException e) {
        return Problem.of(BAD_REQUEST, e.getMessage())
                .with("field", e.field())
                .with("remedy", e.remedy())
                .response()
                .build();
    }
}
