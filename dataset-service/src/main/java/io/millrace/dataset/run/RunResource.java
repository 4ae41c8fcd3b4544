// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
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
    @Operation(
            summary = "Starts a run: a recipe by name, or what differs from it; the notes say what became of it",
            description =
                    "Members, all of which may be missing: runId, recipe, dataset, strokes, network, stem, weights (what it"
                            + " starts from: a file of the trainer's, a checkpoint's id, an https: address, or imagenet), sha256 (of"
                            + " the weights), model, seed, shards, priority")
    public Response start(InputStream body) throws IOException, InterruptedException {
        Runs.Started started = runs.start(RunOrder.read(new String(body.readAllBytes(), UTF_8)), PATIENCE);
        return Response.created(URI.create("/runs/" + started.spec().runId()))
                .entity(new Answer(started.spec(), started.notes()))
                .build();
    }

    /**
     * What {@code POST /runs} answers.
     *
     * @param run its members stand beside the notes
     * @param notes what is otherwise than was asked for, and why
     */
    record Answer(@JsonUnwrapped RunSpec run, List<String> notes) {}

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
        show(runId);
        if (registry.isStartupFailed(runId)) {
            // It failed before it was in the log.
            registry.startupMended();
        } else {
            runs.delete(runId);
        }
    }

    private static NotFoundException unknown(String runId) {
        return new NotFoundException("there is no run \"" + runId + "\"; GET /runs lists all");
    }
}
