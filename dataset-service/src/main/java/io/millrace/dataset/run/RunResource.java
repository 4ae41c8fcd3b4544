// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import io.millrace.contracts.event.RunSpec;
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
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** Starts, shows and deletes runs. */
@Path("/runs")
@Produces(MediaType.APPLICATION_JSON)
public class RunResource {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Runs runs;
    private final RunRegistry registry;

    RunResource(Runs runs, RunRegistry registry) {
        this.runs = runs;
        this.registry = registry;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Starts a run: a recipe by name, and values that replace its own")
    public Response start(InputStream body) throws IOException, InterruptedException {
        RunSpec spec = runs.start(RunOrderReader.read(body.readAllBytes()), PATIENCE);
        return Response.created(URI.create("/runs/" + spec.runId()))
                .entity(spec)
                .build();
    }

    @GET
    @Operation(summary = "All runs in the order in which they were started")
    public List<RunView> list() {
        return registry.views();
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "One run")
    public RunView show(@PathParam("id") String runId) {
        return registry.view(runId).orElseThrow(() -> unknown(runId));
    }

    @DELETE
    @Path("/{id}")
    @Operation(summary = "Stops a run and forgets it")
    public void delete(@PathParam("id") String runId) throws InterruptedException {
        if (show(runId).spec() == null) {
            // The run by configuration, which failed before it was in the log.
            registry.startupMended();
        } else {
            runs.delete(runId);
        }
    }

    private static NotFoundException unknown(String runId) {
        return new NotFoundException("there is no run \"" + runId + "\"; GET /runs lists all");
    }
}
