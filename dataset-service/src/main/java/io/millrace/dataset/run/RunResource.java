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
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/** Starts, shows, stops, resumes, extends and removes runs. */
@Path("/runs")
@Produces(MediaType.APPLICATION_JSON)
public class RunResource {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Runs runs;
    private final RunLife life;
    private final RunRegistry registry;

    RunResource(Runs runs, RunLife life, RunRegistry registry) {
        this.runs = runs;
        this.life = life;
        this.registry = registry;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Starts a run: a recipe by name, or what differs from it; the notes say what became of it",
            description =
                    "Members, all of which may be missing: runId, recipe, dataset, strokes, network, stem, weights (what it"
                            + " starts from: a file of the trainer's, a checkpoint's id, an https: address, or imagenet), sha256 (of"
                            + " the weights), model, seed, shards, priority, team (one that is configured), workers ({\"max\": how many may"
                            + " share it})")
    @APIResponse(responseCode = "201", description = "The run as it was understood, and notes on what is otherwise")
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
        life.require(runId);
        return registry.view(runId).orElseThrow(NotFoundException::new);
    }

    @POST
    @Path("/{id}/stop")
    @Operation(
            summary = "Stops a run until it is resumed; said twice, it is as said once",
            description = "The trainer writes a checkpoint of where it is and takes up the next run")
    public RunView stop(@PathParam("id") String runId) throws InterruptedException {
        life.stop(runId);
        return show(runId);
    }

    @POST
    @Path("/{id}/resume")
    @Operation(summary = "A run that was stopped goes on where it is; said twice, it is as said once")
    public RunView resume(@PathParam("id") String runId) throws InterruptedException {
        life.resume(runId);
        return show(runId);
    }

    @POST
    @Path("/{id}/extend")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Adds epochs to a run, be it running, stopped or finished",
            description =
                    "Members: epochs, how many; beyond, which may be missing: how many the run has before, so that an"
                            + " order that is sent twice adds them once")
    public RunView extend(@PathParam("id") String runId, InputStream body) throws IOException, InterruptedException {
        life.extend(runId, RunExtension.read(new String(body.readAllBytes(), UTF_8)));
        return show(runId);
    }

    @POST
    @Path("/{id}/priority")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Gives a run another priority; said twice, it is as said once",
            description =
                    "Members: priority. A run of a higher one takes a worker at its next boundary; nothing is lost")
    public RunView priority(@PathParam("id") String runId, InputStream body) throws IOException, InterruptedException {
        life.prioritize(runId, RunPriority.read(new String(body.readAllBytes(), UTF_8)));
        return show(runId);
    }

    @DELETE
    @Path("/{id}")
    @Operation(
            summary = "Removes a run with all that it left: logs, curves, checkpoints, lines of the leaderboard",
            description =
                    "Refused while it is running, while one of its checkpoints is promoted, and while another run is"
                            + " about to start from one")
    public void remove(@PathParam("id") String runId) throws InterruptedException {
        life.remove(runId);
    }
}
