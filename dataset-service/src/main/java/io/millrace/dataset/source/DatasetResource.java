// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.millrace.dataset.source.DatasetCatalog.Availability;
import io.millrace.http.Problem;
import jakarta.ws.rs.BadRequestException;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Which data sets a run can be started on, and what is in them. */
@Path("/datasets")
@Produces(MediaType.APPLICATION_JSON)
public class DatasetResource {
    private final DatasetCatalog catalog;
    private final Uploads uploads;

    DatasetResource(DatasetCatalog catalog, Uploads uploads) {
        this.catalog = catalog;
        this.uploads = uploads;
    }

    @GET
    @Operation(summary = "All data sets, and how they stand; nothing is fetched because of this question")
    public List<Availability> list() {
        return catalog.list();
    }

    /**
     * A data set, as {@code GET /datasets/{name}} shows it.
     *
     * @param availability its members stand beside the contents
     * @param contents what was found; null while that is not known
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Described(@JsonUnwrapped Availability availability, Contents contents) {}

    @GET
    @Path("/{name}")
    @Operation(
            summary = "One data set: classes, counts, sizes, what was skipped",
            description =
                    "The first call reads it, or fetches what has to be downloaded; ask again while it is preparing")
    public Described show(@PathParam("name") String name) {
        if (!catalog.names().contains(name)) {
            throw new NotFoundException("there is no data set \"" + name + "\"; GET /datasets lists all");
        }
        return new Described(catalog.prepare(name), catalog.contents(name).orElse(null));
    }

    /**
     * Where an archive is.
     *
     * @param uri https: address
     * @param sha256 of the archive, hex
     */
    record Address(String uri, String sha256) {}

    @POST
    @Path("/{name}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Takes a data set: a zip or tar of pictures as the body, or JSON with its address",
            description =
                    "With any other Content-Type than application/json the body is the archive; it goes to a file as it"
                            + " comes, and ?sha256= may say what it must be. With application/json it is {\"uri\": an https: address,"
                            + " \"sha256\": of the archive}. Either is read as a whole before it is accepted; the answer says what was found")
    @APIResponse(responseCode = "201", description = "It is accepted; what was found in it")
    public Response fetch(@PathParam("name") String name, Address address)
            throws Uploads.RefusedException, IOException, InterruptedException {
        if (address == null) {
            throw new BadRequestException("the body is empty; it must be {\"uri\": \"https://…\", \"sha256\": \"…\"}");
        }
        Uploads.Accepted accepted = uploads.fetch(name, address.uri(), address.sha256());
        catalog.forget(name);
        return Response.created(URI.create("/datasets/" + name))
                .entity(accepted)
                .build();
    }

    @DELETE
    @Path("/{name}")
    @Operation(summary = "Deletes a data set that was uploaded; runs that train on it are blocked then")
    public void delete(@PathParam("name") String name) throws Uploads.RefusedException, IOException {
        uploads.delete(name);
        catalog.forget(name);
    }

    @ServerExceptionMapper
    Response refused(Uploads.RefusedException e) {
        return Problem.of(e.status(), e.getMessage()).response().build();
    }
}
