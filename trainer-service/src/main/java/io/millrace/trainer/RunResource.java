// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import io.millrace.contracts.event.RunStatus;
import io.millrace.contracts.event.RunStatus.State;
import io.millrace.store.StoreWatch;
import io.millrace.trainer.pool.PoolGroup;
import io.millrace.trainer.training.Progress;
import io.millrace.trainer.training.RunQueue;
import io.millrace.trainer.training.Trainer;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** How the training stands. */
@Path("/run")
@Produces(MediaType.APPLICATION_JSON)
public class RunResource {
    private final Trainer trainer;
    private final RunQueue queue;
    private final StoreWatch store;
    private final PoolGroup pool;

    RunResource(Trainer trainer, RunQueue queue, StoreWatch store, PoolGroup pool) {
        this.trainer = trainer;
        this.queue = queue;
        this.store = store;
        this.pool = pool;
    }

    /** The run at hand, else the latest one; state {@code idle} when there was none. */
    @GET
    @Operation(summary = "The run at hand, else the latest one")
    public RunView run() {
        Optional<Progress> progress = trainer.progress();
        Optional<RunStatus> status = progress.map(this::status).or(queue::latestStatus);
        Optional<String> problem = store.problem().or(trainer::problem).or(pool::leftAlone);
        return RunView.of(status, status.flatMap(latest -> queue.spec(latest.runId())), progress, problem);
    }

    private RunStatus status(Progress progress) {
        return queue.settled(progress.run()).orElseGet(() -> progress.status(State.RUNNING, null));
    }
}
