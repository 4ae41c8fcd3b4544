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
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** What can be trained, and what it is made of; as data, or as a table for whoever accepts {@code text/plain}. */
@Path("/networks")
public class NetworkResource {
    private static final String TEXT = MediaType.TEXT_PLAIN + ";charset=UTF-8";
    private static final String REFUSED = "A parameter will not do; the answer names it and the remedy";
    private static final int BAD_REQUEST = 400;

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "The networks that are known by name; with Accept: text/plain as a table")
    @APIResponse(responseCode = "200", description = "Numbers for images of the asked shape")
    @APIResponse(responseCode = "400", description = REFUSED)
    public List<Catalog.Entry> list(@BeanParam ImageQuery query) {
        return catalog(query).entries();
    }

    @GET
    @Produces(TEXT)
    @Operation(hidden = true)
    public String table(@BeanParam ImageQuery query) {
        return catalog(query).text();
    }

    @GET
    @Path("/{name}")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "One network, layer by layer; with Accept: text/plain as a table")
    @APIResponse(responseCode = "200", description = "Its layers for images of the asked shape")
    @APIResponse(responseCode = "400", description = REFUSED)
    @APIResponse(responseCode = "404", description = "There is no network of this name")
    public Summary show(@PathParam("name") String name, @BeanParam ImageQuery query) {
        return summary(name, query);
    }

    @GET
    @Path("/{name}")
    @Produces(TEXT)
    @Operation(hidden = true)
    public String layers(@PathParam("name") String name, @BeanParam ImageQuery query) {
        return summary(name, query).text();
    }

    private static Catalog catalog(ImageQuery query) {
        return Catalog.of(query.image(), query.classes(), query.stem(), query.batch());
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
