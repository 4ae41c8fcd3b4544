// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.registry;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** {@code GET /models}. */
@Path("/models")
@Produces(MediaType.APPLICATION_JSON)
public class ModelsResource {
    private final ModelRegistry registry;

    ModelsResource(ModelRegistry registry) {
        this.registry = registry;
    }

    /**
     * A served model.
     *
     * @param name under which it was promoted
     * @param version id of its checkpoint
     * @param runId the run that trained it
     * @param accuracy on the test split, 0 to 1; null where it is not known
     * @param loadedAt when it began to serve
     * @param classes labels
     * @param inputShape {@code [C,H,W]}
     */
    public record Model(
            String name,
            String version,
            String runId,
            Double accuracy,
            Instant loadedAt,
            List<String> classes,
            List<Integer> inputShape) {}

    @GET
    @Operation(summary = "What is served; an empty list before the first model")
    public List<Model> models() {
        return registry
                .card()
                .map(card -> new Model(
                        card.name(),
                        card.version(),
                        card.runId(),
                        Double.isNaN(card.accuracy()) ? null : card.accuracy(),
                        card.loadedAt(),
                        card.classes(),
                        List.of(
                                card.input().channels(),
                                card.input().height(),
                                card.input().width())))
                .stream()
                .toList();
    }
}
