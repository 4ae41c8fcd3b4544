// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.contracts.event.Network;
import io.millrace.contracts.event.Recipe;
import io.millrace.contracts.event.RunSpec;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** What an order would become, before it is given. */
@Path("/plan")
@Produces(MediaType.APPLICATION_JSON)
public class PlanResource {
    private final Plans plans;

    PlanResource(Plans plans) {
        this.plans = plans;
    }

    /**
     * What a run would be.
     *
     * @param recipe all of it
     * @param network absent while the data set was not read
     * @param samples training images, without those that are set apart; absent while the data set was not read
     * @param steps of the whole run; absent while the data set was not read
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Planned(Recipe recipe, Network network, Integer samples, Long steps) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "What POST /runs would start; nothing is started, and no data set is fetched because of it",
            description =
                    "The body is that of POST /runs, and so are the refusals. What depends on the data set is said, and"
                            + " checked, when that has been read (GET /datasets/{name})")
    public Planned plan(InputStream body) throws IOException, InterruptedException {
        RunOrder order = RunOrder.read(new String(body.readAllBytes(), UTF_8));
        Recipe recipe = plans.recipe(order);
        Optional<RunSpec> run = plans.ofWhatIsThere(order).map(Plans.Plan::run);
        return new Planned(
                recipe,
                run.map(RunSpec::network).orElse(null),
                run.map(each -> each.dataset().trainedSamples()).orElse(null),
                run.map(RunSpec::steps).orElse(null));
    }
}
