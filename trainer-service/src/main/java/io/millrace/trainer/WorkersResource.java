// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import io.millrace.trainer.pool.PoolGroup;
import io.millrace.trainer.training.RunQueue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** Who trains what. Every worker knows it of all. */
@Path("/workers")
@Produces(MediaType.APPLICATION_JSON)
public class WorkersResource {
    private final PoolGroup pool;
    private final RunQueue queue;

    WorkersResource(PoolGroup pool, RunQueue queue) {
        this.pool = pool;
        this.queue = queue;
    }

    /** As the pool came together last, with how the runs stand now. */
    @GET
    @Operation(summary = "The workers of the pool and what each holds, and the runs that wait for one")
    public WorkersView workers() {
        return WorkersView.of(pool.view(), queue::trained);
    }
}
